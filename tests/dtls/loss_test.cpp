// Handshakes over links that lose, and the same bytes from the same seed.
#include <gtest/gtest.h>

#include "tests/dtls/pair.hpp"

namespace lucid::dtls {
namespace {

using namespace test;

std::vector<core::Duration> handshake_times(std::size_t count, sim::Link link) {
  std::vector<core::Duration> times;
  for (const sim::Seed seed : sim::seeds(count)) {
    Simulation sim{make(config_with(alice())), make(config_with(bob())), link, seed};
    for (auto* side : {&sim.left, &sim.right}) (*side)->set_round_trip(link.delay * 2);
    introduce(sim);
    if (connect(sim)) times.push_back(sim.now() - sim::virtual_start);
  }
  std::ranges::sort(times);
  return times;
}

// RFC 6347 4.1.1, RFC 6347 4.2.4
TEST(DtlsLoss, FivePercentCostUnderASecondForNineteenOfTwenty) {
  const auto times = handshake_times(200, sim::Link{.delay = 50ms, .loss = 0.05});
  ASSERT_EQ(times.size(), sim::seeds(200).size());
  EXPECT_LT(times[times.size() * 95 / 100], 1s);
}

TEST(DtlsLoss, TwentyPercentLetAllThousandComplete) {
  const auto times = handshake_times(1000, sim::Link{.delay = 50ms, .loss = 0.20});
  EXPECT_EQ(times.size(), sim::seeds(1000).size());
}

TEST(DtlsLoss, ReorderingAndDuplicatesAreBorne) {
  const auto times =
      handshake_times(50, sim::Link{.delay = 20ms, .loss = 0.1, .reorder = 0.3, .duplicate = 0.3});
  EXPECT_EQ(times.size(), sim::seeds(50).size());
}

// RFC 6347 4.2.4.1
TEST(DtlsLoss, FirstRepetitionFollowsTheRoundTripTime) {
  for (const auto& [told, expected] :
       {std::pair{10ms, 50ms}, std::pair{100ms, 220ms}, std::pair{900ms, 1000ms}}) {
    Simulation sim{make(config_with(alice())), make(config_with(bob())), sim::Link{.loss = 1}};
    sim.left->set_round_trip(told);
    introduce(sim);
    EXPECT_EQ(sim.left.machine.next_timeout(), sim::virtual_start + expected);
  }
  Simulation untold{make(config_with(alice())), make(config_with(bob())), sim::Link{.loss = 1}};
  introduce(untold);
  EXPECT_EQ(untold.left.machine.next_timeout(), sim::virtual_start + 400ms);
}

// All that one run put on the wire, and the keys that came of it.
std::string run(sim::Seed seed) {
  std::string log;
  std::vector<Fingerprint> fingerprints;
  const auto fresh = [&](core::Context context) {
    const Certificate own = make_certificate();
    fingerprints.push_back(own.fingerprint());
    return Session{config_with(own), context};
  };
  Simulation sim{fresh, fresh, sim::Link{.delay = 30ms, .loss = 0.1}, seed};
  const auto record = [&](sim::Packet& packet) {
    log += core::to_hex(packet.bytes) + '\n';
    return true;
  };
  sim.left_to_right.filter(record);
  sim.right_to_left.filter(record);
  sim.left->set_remote_fingerprints({fingerprints[1]}, sim.now());
  sim.right->set_remote_fingerprints({fingerprints[0]}, sim.now());
  sim.right->start(Role::server, SrtpUse::required, sim.now());
  sim.left->start(Role::client, SrtpUse::required, sim.now());
  EXPECT_TRUE(connect(sim));
  for (const auto* side : {&sim.left, &sim.right}) {
    log += core::to_hex(side->first<Session::Connected>()->srtp->local.key) + '\n';
  }
  return log;
}

TEST(DtlsSeed, TheSameSeedGivesTheSameBytesAndAnotherOthers) {
  const std::string first = run(sim::Seed{7});
  EXPECT_GT(first.size(), 2000U);
  EXPECT_EQ(first, run(sim::Seed{7}));
  EXPECT_NE(first, run(sim::Seed{8}));
}

}  // namespace
}  // namespace lucid::dtls
