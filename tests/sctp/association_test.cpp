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

// RFC 9260 5.2.1, RFC 8831 4
// RFC 8831 5
TEST(Association, OpensFromBothEndsAtOnce) {
  Pair sim{Link{.delay = 50ms}};
  ASSERT_TRUE(sim.connected());
  EXPECT_EQ(sim.left.first<Association::Connected>()->outgoing_streams, 256);
  EXPECT_LE(sim.now() - sim::virtual_start, 210ms);
}

// RFC 9260 3.3.1, RFC 8831 8
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

// RFC 9260 9.2
TEST(Association, ClosesOnceEverythingHasArrived) {
  Pair sim{Link{.delay = 20ms}};
  ASSERT_TRUE(sim.connected());
  const std::string text(200'000, 'z');
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(
        sim.left->send({StreamId{1}, PayloadProtocol::binary}, core::as_bytes(text), sim.now()));
  }
  sim.left->close(sim.now());
  EXPECT_EQ(sim.left->send({StreamId{1}, PayloadProtocol::binary}, core::as_bytes("x"), sim.now())
                .error(),
            SendError::not_open);
  ASSERT_TRUE(sim.run_until(
      [&] { return sim.left.saw<Association::Closed>() && sim.right.saw<Association::Closed>(); },
      10s));
  EXPECT_EQ(sim.right.count<Association::Message>(), 3U);
}

// RFC 9260 16: not a second for a lost packet of the handshake (a deviation).
TEST(Association, ALostInitCostsHalfASecond) {
  Pair sim{Link{.delay = 10ms}};
  int lose = 1;
  sim.left_to_right.filter([&](sim::Packet&) { return lose-- <= 0; });
  sim.right_to_left.filter([lose_here = 1](sim::Packet&) mutable { return lose_here-- <= 0; });
  ASSERT_TRUE(sim.connected());
  EXPECT_LT(sim.now() - sim::virtual_start, 700ms);
}

// RFC 9260 Appendix A
TEST(Association, DropsPacketsWithAWrongChecksumAndCountsThem) {
  Pair sim;
  ASSERT_TRUE(sim.connected());
  sim.left_to_right.filter([&](sim::Packet& packet) {
    packet.bytes.data()[20] ^= 1;
    return true;
  });
  ASSERT_TRUE(
      sim.left->send({StreamId{0}, PayloadProtocol::string}, core::as_bytes("x"), sim.now()));
  sim.run_for(1s);
  EXPECT_GT(sim.right.machine.stats().dropped_bad_checksum, 0U);
  EXPECT_FALSE(sim.right.saw<Association::Message>());
}

// RFC 9260 7.2.1, RFC 3465 2.2, RFC 6928 2: a short transfer takes few round trips.
TEST(Association, AHundredKilobytesTakeFourRoundTrips) {
  Pair sim{Link{.delay = 50ms}};
  ASSERT_TRUE(sim.connected());
  sim.run_for(1s);
  const core::Time start = sim.now();
  ASSERT_TRUE(sim.left->send({StreamId{0}, PayloadProtocol::binary},
                             core::as_bytes(std::string(100'000, 'q')), start));
  ASSERT_TRUE(sim.run_until([&] { return sim.right.saw<Association::Message>(); }, 5s));
  EXPECT_LT(sim.now() - start, 400ms);
}

}  // namespace
}  // namespace lucid::sctp
