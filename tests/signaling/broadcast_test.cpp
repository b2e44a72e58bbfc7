#include "signaling/broadcast.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace lucid::signaling {
namespace {

using namespace std::chrono_literals;

TEST(BroadcastServer, TellsAllOthersToTheLetter) {
  core::SeededRandom random{1};
  core::Pool pool;
  BroadcastServer server{{}, {}, {random, pool}};
  for (const int client : {1, 2, 3}) server.handle_datagram(Joined{ClientId(client)}, core::Time{});
  server.handle_datagram(Said{ClientId(2), R"( {"candidate":null} )"}, core::Time{});
  std::vector<int> heard;
  while (auto out = server.poll_transmit()) {
    const auto& words = std::get<SayAll>(*out);
    EXPECT_EQ(words.text, R"( {"candidate":null} )");
    for (const ClientId client : words.clients) heard.push_back(static_cast<int>(client));
  }
  EXPECT_EQ(heard, (std::vector<int>{1, 3}));
}

TEST(BroadcastServer, DismissesWhoSaysTooMuch) {
  core::SeededRandom random{1};
  core::Pool pool;
  BroadcastServer server{{.message = 10}, {}, {random, pool}};
  server.handle_datagram(Joined{ClientId(1)}, core::Time{});
  server.handle_datagram(Said{ClientId(1), "12345678901"}, core::Time{});
  EXPECT_TRUE(std::holds_alternative<Dismiss>(server.poll_transmit().value()));
  EXPECT_EQ(server.roster().client_count(), 0U);
}

}  // namespace
}  // namespace lucid::signaling
