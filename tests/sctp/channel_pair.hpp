#pragma once
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "sctp/data_channels.hpp"
#include "sim/simulation.hpp"
#include "tests/heap.hpp"

namespace lucid::sctp {

inline auto data_channels(DataChannels::Config config = {}) {
  return [config](core::Context context) { return DataChannels{config, context}; };
}

// Two ends in virtual time: left is the DTLS client, right the server.
struct ChannelPair : sim::Simulation<DataChannels, DataChannels> {
  using Simulation::Simulation;
  explicit ChannelPair(sim::Link link = {}, sim::Seed seed = sim::default_seed(),
                       DataChannels::Config config = {})
      : Simulation{data_channels(config), data_channels(config), link, seed} {}

  void connect() {
    left->set_role(Role::client, now());
    right->set_role(Role::server, now());
    left->set_remote({.max_message_size = 0});
    right->set_remote({.max_message_size = 0});
    EXPECT_TRUE(left->connect(now()));
    EXPECT_TRUE(right->connect(now()));
  }
  ChannelId open(ChannelOptions options = {.label = "chat"}) {
    const auto id = left->open(std::move(options), now());
    EXPECT_TRUE(id);
    return id.value_or(ChannelId{0});
  }
  // Opens a channel from the left; returns what the right calls it.
  ChannelId open_through(ChannelOptions options, ChannelId& left_id) {
    left_id = open(std::move(options));
    const std::size_t before = right.count<DataChannels::Announced>();
    EXPECT_TRUE(run_until([&] { return right.count<DataChannels::Announced>() > before; },
                          std::chrono::seconds{10}));
    const auto* announced = right.last<DataChannels::Announced>();
    return announced != nullptr ? announced->channel : ChannelId{0};
  }
  template <class Side>
  static std::vector<std::string> texts(const Side& side) {
    std::vector<std::string> out;
    for (const auto& recorded : side.events) {
      if (const auto* message = std::get_if<DataChannels::Message>(&recorded.event)) {
        out.emplace_back(core::as_text(message->payload));
      }
    }
    return out;
  }
};

}  // namespace lucid::sctp
