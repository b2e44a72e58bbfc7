// Consent, loss of the connection, and what becomes of it.
#include <gtest/gtest.h>

#include "ice/consent.hpp"
#include "tests/ice/hand_peer.hpp"
#include "tests/ice/pair_of_agents.hpp"

namespace lucid::ice {
namespace {

using namespace std::chrono_literals;

constexpr sim::Link fifty_ms{.delay = 50ms};

void cut(PairOfAgents& pair) {
  pair.sim.left_to_right.filter([](sim::Packet&) { return false; });
  pair.sim.right_to_left.filter([](sim::Packet&) { return false; });
}

void mend(PairOfAgents& pair) {
  pair.sim.left_to_right.filter({});
  pair.sim.right_to_left.filter({});
}

// RFC 7675 5.1
TEST(Consent, IsAskedForEveryFourToSixSeconds) {
  core::SeededRandom random{7};
  core::Time now{1h};
  Consent consent{now};
  consent.set_use(Consent::Use::active, now, random);
  for (int i = 0; i < 100; ++i) {
    const core::Time due = *consent.next_timeout(true);
    EXPECT_GE(due - now, 4s);
    EXPECT_LE(due - now, 6s);
    now = due;
    consent.sent(now);
    consent.answered(now, random);
  }
}

// RFC 7675 5.1
TEST(Consent, ExpiresThirtySecondsAfterTheLastAnswer) {
  core::SeededRandom random{7};
  const core::Time start{1h};
  Consent consent{start};
  EXPECT_FALSE(consent.expired(start + 29s));
  consent.answered(start + 20s, random);
  EXPECT_FALSE(consent.expired(start + 49s));
  EXPECT_TRUE(consent.expired(start + 50s));
}

// W3C webrtc-pc 5.6.4
TEST(IceLiveness, ACutLineIsDisconnectedThenFailed) {
  PairOfAgents pair{fifty_ms};
  pair.exchange();
  pair.sim.run_for(10s);
  cut(pair);
  ASSERT_TRUE(pair.sim.run_until(
      [&] { return pair.sim.left.machine.connection_state() == ConnectionState::disconnected; },
      10s));
  EXPECT_TRUE(pair.sim.left.machine.path());
  pair.sim.run_for(60s);
  EXPECT_EQ(pair.sim.left.machine.connection_state(), ConnectionState::failed);
  EXPECT_FALSE(pair.sim.left.machine.path());
}

TEST(IceLiveness, AMendedLineConnectsAgain) {
  PairOfAgents pair{fifty_ms};
  pair.exchange();
  pair.sim.run_for(10s);
  cut(pair);
  pair.sim.run_for(15s);
  EXPECT_EQ(pair.sim.left.machine.connection_state(), ConnectionState::disconnected);
  mend(pair);
  ASSERT_TRUE(pair.sim.run_until(
      [&] { return pair.sim.left.machine.connection_state() == ConnectionState::completed; }, 2s));
}

TEST(IceLiveness, AFailedConnectionRestarts) {
  PairOfAgents pair{fifty_ms};
  pair.exchange();
  pair.sim.run_for(2s);
  cut(pair);
  pair.sim.run_for(100s);
  ASSERT_EQ(pair.sim.left.machine.connection_state(), ConnectionState::failed);
  mend(pair);
  pair.sim.left->restart(pair.sim.now());
  pair.sim.right->restart(pair.sim.now());
  pair.exchange();
  pair.sim.run_for(1s);
  EXPECT_EQ(pair.sim.left.machine.connection_state(), ConnectionState::completed);
  EXPECT_EQ(pair.sim.right.machine.connection_state(), ConnectionState::completed);
}

// RFC 7675 5.1: not under the same credentials.
TEST(IceLiveness, WhereConsentRanOutNothingIsSentBeforeARestart) {
  HandPeer peer;
  peer.give_credentials();
  peer.receive("198.51.100.1:6000", peer.check());
  peer.answer_all();
  ASSERT_TRUE(peer.agent.path());
  peer.wait(40s);
  EXPECT_EQ(peer.agent.connection_state(), ConnectionState::failed);
  peer.sent.clear();
  peer.receive("198.51.100.1:6000", peer.check());
  peer.wait(10s);
  EXPECT_FALSE(peer.next(stun::Class::request));
  peer.agent.restart(peer.now);
  peer.give_credentials();
  peer.receive("198.51.100.1:6000", peer.check());
  EXPECT_TRUE(peer.next(stun::Class::request));
}

TEST(IceLiveness, FailsWhenNobodyAnswersAndNotBefore) {
  HandPeer peer;
  peer.give_credentials();
  peer.add_candidate("198.51.100.1:6000");
  peer.agent.end_of_remote_candidates(peer.now);
  peer.wait(19s);
  EXPECT_EQ(peer.agent.connection_state(), ConnectionState::checking);
  peer.wait(10s);
  EXPECT_EQ(peer.agent.connection_state(), ConnectionState::failed);
}

// RFC 8863 4
TEST(IceLiveness, WithoutCandidatesItWaitsPatientlyForChecks) {
  HandPeer peer;
  peer.give_credentials();
  peer.add_candidate("198.51.100.1:9");
  peer.agent.end_of_remote_candidates(peer.now);
  peer.wait(15s);
  EXPECT_EQ(peer.agent.connection_state(), ConnectionState::checking);
  peer.receive("198.51.100.1:7777", peer.check());
  peer.answer_all();
  EXPECT_EQ(peer.agent.connection_state(), ConnectionState::connected);
}

TEST(IceLiveness, AnotherPairTakesOverWhenTheSelectedOneBreaks) {
  Host left = left_host();
  left.interfaces.push_back(interface_with("192.0.2.2"));
  PairOfAgents pair{fifty_ms, left, right_host()};
  pair.exchange();
  pair.sim.run_for(5s);
  const core::Ip first = pair.sim.left.last<Agent::Selected>()->path.local.ip;
  const auto spare = [first](const core::Path& path) {
    return path.local.ip != first && path.remote.ip != first;
  };
  pair.sim.left.machine.lets_in = spare;
  pair.sim.right.machine.lets_in = spare;
  ASSERT_TRUE(pair.sim.run_until(
      [&] {
        return pair.sim.left.last<Agent::Selected>()->path.local.ip != first &&
               pair.sim.right.last<Agent::Selected>()->path.remote.ip != first;
      },
      15s));
}

TEST(IceLiveness, WhenAnInterfaceGoesThePairOfAnotherTakesOverAtOnce) {
  Host left = left_host();
  left.interfaces.push_back(interface_with("192.0.2.2"));
  PairOfAgents pair{fifty_ms, left, right_host()};
  pair.exchange();
  pair.sim.run_for(5s);
  const core::Ip first = pair.sim.left.last<Agent::Selected>()->path.local.ip;
  const std::vector<core::Interface> rest{
      interface_with(first.text() == "192.0.2.1" ? "192.0.2.2" : "192.0.2.1")};
  pair.sim.left->interfaces(rest, pair.sim.now());
  EXPECT_EQ(pair.sim.left.machine.path()->local.ip, rest[0].ip);
  pair.sim.run_for(300ms);
  EXPECT_EQ(pair.sim.right.last<Agent::Selected>()->path.remote.ip, rest[0].ip);
}

TEST(IceLiveness, AfterCloseEverythingIsAHarmlessNoOp) {
  PairOfAgents pair{fifty_ms};
  pair.exchange();
  pair.sim.run_for(1s);
  pair.sim.left->close(pair.sim.now());
  EXPECT_EQ(pair.sim.left.machine.connection_state(), ConnectionState::closed);
  EXPECT_FALSE(pair.sim.left.machine.next_timeout());
  pair.sim.left->gather(pair.sim.now());
  pair.sim.left->restart(pair.sim.now());
  pair.sim.run_for(1s);
  EXPECT_FALSE(pair.sim.left.machine.path());
  EXPECT_EQ(pair.sim.left.last<Agent::ConnectionChanged>()->state, ConnectionState::closed);
}

}  // namespace
}  // namespace lucid::ice
