// What a stranger can write into the path: none of it is released, and of what no key stands behind
// nothing ends an association.
#include <gtest/gtest.h>

#include "tests/dtls/pair.hpp"

namespace lucid::dtls {
namespace {

using namespace test;
using Datagram = std::vector<std::uint8_t>;

void forge(Simulation& sim, sim::Side<Session>& to, core::Bytes datagram) {
  const sim::VirtualTimeScope scope{sim.now(), to.random};
  to->handle_datagram(datagram, sim.now());
}

// One genuine datagram of the left, which does not arrive.
Datagram caught(Simulation& sim) {
  Datagram seen;
  sim.left_to_right.filter([&](sim::Packet& packet) {
    seen.assign(packet.bytes.data(), packet.bytes.data() + packet.bytes.size());
    return false;
  });
  EXPECT_TRUE(sim.left->send(core::as_bytes("genuine"), sim.now()));
  sim.run_for(1ms);
  return seen;
}

// RFC 6347 4.1.2.7: a record that is not valid is dropped, and the association goes on.
TEST(DtlsForgery, NoAlteredBitIsReleasedUncountedOrFatal) {
  Simulation sim{make(config_with(alice())), make(config_with(bob()))};
  introduce(sim);
  ASSERT_TRUE(connect(sim));
  const Session::Stats& stats = sim.right.machine.stats();
  const std::size_t bits = caught(sim).size() * 8;
  for (std::size_t bit = 0; bit < bits; ++bit) {
    Datagram altered = caught(sim);
    altered[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    const auto before = stats.dropped_bad_record + stats.dropped_not_dtls;
    forge(sim, sim.right, altered);
    EXPECT_GT(stats.dropped_bad_record + stats.dropped_not_dtls, before) << "bit " << bit;
  }
  sim.run_for(1s);
  EXPECT_EQ(sim.right.count<Session::Data>(), 0U);
  EXPECT_EQ(sim.right.machine.state(), State::connected);
}

// RFC 6347 4.1.2.7, RFC 5288 3
TEST(DtlsForgery, RecordsShorterThanTheirTagAreDroppedAtAnyTime) {
  for (const auto when : {0ms, 60ms, 110ms, 160ms, 1000ms}) {
    Simulation sim{make(config_with(alice())), make(config_with(bob())), sim::Link{.delay = 50ms}};
    introduce(sim);
    sim.run_for(when);
    for (std::uint8_t type = 20; type < 24; ++type) {
      for (std::uint8_t size = 0; size < 24; ++size) {
        Datagram record{type, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 9, size, 0, size};
        record.resize(13U + size, 7);
        for (auto* side : {&sim.left, &sim.right}) forge(sim, *side, record);
      }
    }
    EXPECT_EQ(sim.right.machine.stats().dropped_bad_record, 96U);
    sim.run_for(5s);
    EXPECT_TRUE(connected(sim)) << when.count();
    EXPECT_EQ(sim.left.machine.state(), State::connected);
    EXPECT_EQ(sim.right.machine.state(), State::connected);
  }
}

// RFC 6347 4.1.2.7
TEST(DtlsForgery, DataInTheClearIsDroppedAtAnyTime) {
  const Datagram clear{23, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 9, 0, 3, 'a', 'b', 'c'};
  for (const auto when : {0ms, 60ms, 110ms, 160ms, 1000ms}) {
    Simulation sim{make(config_with(alice())), make(config_with(bob())), sim::Link{.delay = 50ms}};
    if (when == 0ms) forge(sim, sim.right, clear);
    introduce(sim);
    sim.run_for(when);
    for (auto* side : {&sim.left, &sim.right}) forge(sim, *side, clear);
    sim.run_for(5s);
    EXPECT_TRUE(connected(sim)) << when.count();
    EXPECT_EQ(sim.right.count<Session::Data>(), 0U);
    EXPECT_EQ(sim.left.machine.stats().dropped_bad_record, 1U);
  }
}

// RFC 5246 7.2.2
TEST(DtlsForgery, AWarningInTheClearEndsNothing) {
  Simulation sim{make(config_with(alice())), make(config_with(bob())), sim::Link{.delay = 50ms}};
  introduce(sim);
  sim.run_for(60ms);
  const Datagram user_canceled{21, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 99, 0, 2, 1, 90};
  for (auto* side : {&sim.left, &sim.right}) forge(sim, *side, user_canceled);
  EXPECT_EQ(sim.right.machine.stats().dropped_bad_record, 1U);
  EXPECT_TRUE(connect(sim, 5s));
}

// RFC 5246 7.2.1
TEST(DtlsForgery, CloseNotifyInTheHandshakeIsToldToTheApplication) {
  Simulation sim{make(config_with(alice())), make(config_with(bob())), sim::Link{.delay = 50ms}};
  introduce(sim);
  sim.run_for(60ms);
  forge(sim, sim.right, Datagram{21, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 99, 0, 2, 1, 0});
  EXPECT_EQ(sim.right.machine.state(), State::closed);
  sim.run_for(1s);
  EXPECT_EQ(sim.right.count<Session::Closed>(), 1U);
  EXPECT_EQ(sim.right.count<Session::Connected>(), 0U);
}

}  // namespace
}  // namespace lucid::dtls
