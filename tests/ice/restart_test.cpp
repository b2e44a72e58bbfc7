#include <gtest/gtest.h>

#include "tests/ice/pair_of_agents.hpp"

namespace lucid::ice {
namespace {

using namespace std::chrono_literals;

constexpr sim::Link fifty_ms{.delay = 50ms};

PairOfAgents& connect(PairOfAgents& pair) {
  pair.exchange();
  pair.sim.run_for(2s);
  return pair;
}

// RFC 8445 9
TEST(IceRestart, TheOldPairCarriesDataUntilTheNewGenerationWorks) {
  PairOfAgents pair{fifty_ms};
  connect(pair);
  const auto old_ufrag = pair.sim.left.machine.local_credentials().ufrag;
  pair.sim.left->restart(pair.sim.now());
  pair.sim.right->restart(pair.sim.now());
  EXPECT_NE(pair.sim.left.machine.local_credentials().ufrag, old_ufrag);
  EXPECT_TRUE(pair.sim.left.machine.path());
  pair.sim.run_for(20s);
  EXPECT_EQ(pair.sim.left.machine.connection_state(), ConnectionState::connected);
  const auto before = pair.sim.left.count<Agent::Selected>();
  pair.exchange();
  ASSERT_TRUE(
      pair.sim.run_until([&] { return pair.sim.left.count<Agent::Selected>() > before; }, 1s));
}

TEST(IceRestart, TheOldGenerationIsAnsweredAfterTheNewOneWorks) {
  PairOfAgents pair{fifty_ms};
  connect(pair);
  // The right side starts afresh; the left one restarts later, as a browser may.
  pair.sim.right->restart(pair.sim.now());
  pair.sim.run_for(15s);
  EXPECT_EQ(pair.sim.left.machine.connection_state(), ConnectionState::completed);
  EXPECT_EQ(pair.sim.right.machine.connection_state(), ConnectionState::connected);
}

TEST(IceRestart, CanBeTakenBack) {
  PairOfAgents pair{fifty_ms};
  connect(pair);
  const auto credentials = pair.sim.left.machine.local_credentials();
  pair.sim.left->restart({"newufrag", "newpasswordnewpasswordnew"}, pair.sim.now());
  EXPECT_EQ(pair.sim.left.machine.local_credentials().ufrag, "newufrag");
  pair.sim.left->cancel_restart(pair.sim.now());
  EXPECT_EQ(pair.sim.left.machine.local_credentials(), credentials);
  pair.sim.run_for(40s);
  EXPECT_EQ(pair.sim.left.machine.connection_state(), ConnectionState::completed);
}

// RFC 8445 9, RFC 8445 5.3
TEST(IceRestart, SignalsItsCandidatesAgainUnderTheNewFragment) {
  PairOfAgents pair{fifty_ms};
  connect(pair);
  pair.sim.left->restart({"newufrag", "newpasswordnewpasswordnew"}, pair.sim.now());
  pair.sim.run_for(1ms);
  ASSERT_EQ(pair.sim.left.count<Agent::LocalCandidate>(), 2U);
  EXPECT_EQ(pair.sim.left.last<Agent::LocalCandidate>()->candidate.ufrag, "newufrag");
}

}  // namespace
}  // namespace lucid::ice
