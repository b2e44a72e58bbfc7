#include "sctp/association.hpp"

#include <gtest/gtest.h>

#include "sim/simulation.hpp"

namespace lucid::sctp {
namespace {

using namespace std::chrono_literals;
using sim::Link;

auto association(Association::Config config = {}) {
  return [config](core::Context context) { return Association{config, context}; };
}

struct Pair : sim::Simulation<Association, Association> {
  explicit Pair(Link link = {}, sim::Seed seed = sim::default_seed())
      : Simulation{association(), association(), link, seed} {
    EXPECT_TRUE(left->connect(now()));
    EXPECT_TRUE(right->connect(now()));
  }
  bool connected() {
    return run_until(
        [&] { return left.saw<Association::Connected>() && right.saw<Association::Connected>(); },
        10s);
  }
};

TEST(Association, OpensFromBothEndsAtOnce) {
  Pair sim{Link{.delay = 50ms}};
  ASSERT_TRUE(sim.connected());
  EXPECT_EQ(sim.left.first<Association::Connected>()->outgoing_streams, 256);
  EXPECT_LE(sim.now() - sim::virtual_start, 210ms);
}

TEST(Association, CarriesAMessage) {
  Pair sim{Link{.delay = 5ms}};
  ASSERT_TRUE(sim.connected());
  ASSERT_TRUE(
      sim.left->send({StreamId{7}, PayloadProtocol::string}, core::as_bytes("hello"), sim.now()));
  ASSERT_TRUE(sim.run_until([&] { return sim.right.saw<Association::Message>(); }, 1s));
  const auto& message = *sim.right.first<Association::Message>();
  EXPECT_EQ(message.stream, StreamId{7});
  EXPECT_EQ(message.protocol, PayloadProtocol::string);
  EXPECT_EQ(core::as_text(message.payload), "hello");
}

// The engine renews the secret of its state cookies once an hour; nothing else goes on.
TEST(Association, SleepsWhileIdle) {
  Pair sim{Link{.delay = 5ms}};
  ASSERT_TRUE(sim.connected());
  sim.run_for(5s);
  EXPECT_GT(sim.left.machine.next_timeout(), sim.now() + 30min);
  EXPECT_GT(sim.right.machine.next_timeout(), sim.now() + 30min);
}

TEST(Association, TwoWorldsInOneProcessDoNotDisturbEachOther) {
  Pair early{Link{.delay = 5ms}};
  ASSERT_TRUE(early.connected());
  ASSERT_TRUE(early.left->send({StreamId{0}, PayloadProtocol::string}, core::as_bytes("mine"),
                               early.now()));
  const auto deadline = early.left.machine.next_timeout();
  {
    Pair late{Link{.delay = 5ms}};
    late.run_for(2h);
    ASSERT_TRUE(late.left.saw<Association::Connected>());
  }
  EXPECT_EQ(early.left.machine.next_timeout(), deadline);
  ASSERT_TRUE(early.run_until([&] { return early.right.saw<Association::Message>(); }, 1s));
}

}  // namespace
}  // namespace lucid::sctp
