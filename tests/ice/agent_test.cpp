#include "ice/agent.hpp"

#include <gtest/gtest.h>

#include "tests/ice/pair_of_agents.hpp"

namespace lucid::ice {
namespace {

using namespace std::chrono_literals;

constexpr sim::Link fifty_ms{.delay = 50ms};

// RFC 8838 14
TEST(IceAgent, CompletesWhenEverythingWasTried) {
  PairOfAgents pair{fifty_ms};
  pair.exchange();
  pair.sim.run_for(1s);
  EXPECT_EQ(pair.sim.left.machine.connection_state(), ConnectionState::completed);
  EXPECT_EQ(pair.sim.right.machine.connection_state(), ConnectionState::completed);
  EXPECT_EQ(pair.sim.left.machine.gathering_state(), GatheringState::complete);
}

// RFC 8445 7.3.1.1, RFC 8445 7.2.5.1
TEST(IceAgent, OfTwoControllingAgentsOneYields) {
  Host right = right_host();
  right.config.role = Role::controlling;
  PairOfAgents pair{fifty_ms, left_host(), right};
  pair.exchange();
  ASSERT_TRUE(pair.sim.run_until([&] { return pair.both_saw_selected(); }, 2s));
  EXPECT_NE(pair.sim.left.machine.role(), pair.sim.right.machine.role());
}

TEST(IceAgent, OfTwoControlledAgentsOneTakesControl) {
  Host left = left_host();
  left.config.role = Role::controlled;
  PairOfAgents pair{fifty_ms, left, right_host()};
  pair.exchange();
  ASSERT_TRUE(pair.sim.run_until([&] { return pair.both_saw_selected(); }, 2s));
  EXPECT_NE(pair.sim.left.machine.role(), pair.sim.right.machine.role());
}

// RFC 7675 5.1
TEST(IceAgent, KeepsConsentForTenMinutes) {
  PairOfAgents pair{fifty_ms};
  pair.exchange();
  pair.sim.run_for(10min);
  EXPECT_EQ(pair.sim.left.machine.connection_state(), ConnectionState::completed);
  const auto stats = pair.sim.left.machine.pairs().at(0);
  EXPECT_NEAR(static_cast<double>(stats.consent_requests_sent), 120.0, 8.0);
  EXPECT_EQ(stats.current_round_trip, 100ms);
}

}  // namespace
}  // namespace lucid::ice
