#include "channel_pair.hpp"

namespace lucid::sctp {
namespace {

using namespace std::chrono_literals;
using sim::Link;

// Every packet of a busy, lossy exchange, in both directions.
std::vector<std::string> packets_of_a_run(sim::Seed seed) {
  std::vector<std::string> packets;
  ChannelPair sim{Link{.delay = 30ms, .jitter = 5ms, .loss = 0.1}, seed};
  const auto record = [&](sim::Packet& packet) {
    packets.push_back(core::to_hex(packet.bytes));
    return true;
  };
  sim.left_to_right.filter(record);
  sim.right_to_left.filter(record);
  sim.connect();
  ChannelId left{};
  const ChannelId right = sim.open_through({}, left);
  const std::string text(30'000, 'd');
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(sim.left->send(left, MessageKind::string, core::as_bytes(text), sim.now()));
    EXPECT_TRUE(sim.right->send(right, MessageKind::string, core::as_bytes("ok"), sim.now()));
    sim.run_for(50ms);
  }
  sim.left->close(left, sim.now());
  sim.run_for(10s);
  return packets;
}

TEST(Determinism, OneSeedGivesTheSameBytesAndAnotherDoesNot) {
  const auto once = packets_of_a_run(sim::Seed{7});
  const auto again = packets_of_a_run(sim::Seed{7});
  const auto other = packets_of_a_run(sim::Seed{8});
  EXPECT_GT(once.size(), 500U);
  EXPECT_TRUE(once == again);
  EXPECT_NE(once.front(), other.front());
}

}  // namespace
}  // namespace lucid::sctp
