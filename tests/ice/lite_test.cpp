// ICE lite, as ourselves and as the other side.
#include <gtest/gtest.h>

#include "tests/ice/hand_peer.hpp"
#include "tests/ice/pair_of_agents.hpp"

namespace lucid::ice {
namespace {

using namespace std::chrono_literals;

constexpr sim::Link fifty_ms{.delay = 50ms};

Host lite_host() {
  Host host = right_host();
  host.config.mode = Mode::lite;
  return host;
}

// RFC 8445 2.5, RFC 8445 6.1.1, RFC 8445 7.3.2
TEST(IceLite, AnswersAndIsUsableWithoutACheckOfItsOwn) {
  PairOfAgents pair{fifty_ms, left_host(), lite_host()};
  pair.sim.left->set_remote_mode(Mode::lite, pair.sim.now());
  pair.exchange();
  ASSERT_TRUE(pair.sim.run_until([&] { return pair.both_saw_selected(); }, 1s));
  EXPECT_EQ(pair.sim.right.machine.stats().checks_sent, 0U);
}

TEST(IceLite, StaysConnectedAsLongAsTheOtherSideAsksForConsent) {
  PairOfAgents pair{fifty_ms, left_host(), lite_host()};
  pair.exchange();
  pair.sim.run_for(5min);
  EXPECT_EQ(pair.sim.right.machine.connection_state(), ConnectionState::completed);
  pair.sim.left_to_right.filter([](sim::Packet&) { return false; });
  pair.sim.run_for(31s);
  EXPECT_EQ(pair.sim.right.machine.connection_state(), ConnectionState::failed);
}

// RFC 8445 6.1.1
TEST(IceLite, AFullAgentTakesControlOfALiteOne) {
  HandPeer peer;
  EXPECT_EQ(peer.agent.role(), Role::controlled);
  peer.agent.set_remote_mode(Mode::lite, peer.now);
  EXPECT_EQ(peer.agent.role(), Role::controlling);
}

// RFC 8445 2.5, RFC 6544 5.1
TEST(IceLite, OffersHostCandidatesAloneAndOpensNothing) {
  core::SeededRandom random{1};
  core::Pool pool;
  const core::Time now{std::chrono::hours{1}};
  Agent agent{{.mode = Mode::lite, .servers = {{.host = "stun.example.org"}}},
              core::Context{random, pool}};
  const core::Interface interface = interface_with("192.0.2.1");
  agent.interfaces({&interface, 1}, now);
  agent.gather(now);
  while (const auto event = agent.poll_event()) {
    if (const auto* effect = std::get_if<core::Effect>(&*event)) {
      EXPECT_FALSE(std::holds_alternative<core::Resolve>(*effect));
    }
    if (const auto* found = std::get_if<Agent::LocalCandidate>(&*event)) {
      EXPECT_NE(found->candidate.tcp_type, TcpType::active);
    }
  }
}

// RFC 8445 6.1.1: whoever had which role, and whatever the tie-breakers.
TEST(IceLite, IsControlledBesideAFullAgent) {
  for (const Role role : {Role::controlling, Role::controlled}) {
    for (const std::uint64_t tie_breaker : {0ULL, ~0ULL}) {
      Host lite = lite_host();
      Host full = left_host();
      lite.config.role = full.config.role = role;
      lite.config.tie_breaker = tie_breaker;
      PairOfAgents pair{fifty_ms, full, lite};
      pair.exchange();
      ASSERT_TRUE(pair.sim.run_until([&] { return pair.both_saw_selected(); }, 2s));
      EXPECT_EQ(pair.sim.right.machine.role(), Role::controlled);
    }
  }
}

}  // namespace
}  // namespace lucid::ice
