// What comes of the agent's own checks.
#include <gtest/gtest.h>

#include "ice/check.hpp"
#include "tests/ice/hand_peer.hpp"

namespace lucid::ice {
namespace {

using namespace std::chrono_literals;
using stun::AttributeType;

constexpr std::string_view there = "198.51.100.1:6000";

Config controlling() {
  Config config;
  config.role = Role::controlling;
  return config;
}

// RFC 8445 7.1, RFC 8445 7.1.1, RFC 8445 7.2.2; RFC 8489 9.1.1, RFC 8489 14.7
TEST(IceChecks, CarryUserNamePriorityRoleAndProof) {
  HandPeer peer{controlling()};
  peer.give_credentials();
  peer.add_candidate(there);
  const auto out = peer.next(stun::Class::request);
  ASSERT_TRUE(out);
  const auto check = stun::Message::parse(out->bytes);
  EXPECT_EQ(check->text(AttributeType::username), "peer:" + peer.agent.local_credentials().ufrag);
  EXPECT_EQ(*check->u32(AttributeType::priority) >> 24, 110U);
  EXPECT_EQ(check->u64(AttributeType::ice_controlling), 1000U);
  EXPECT_FALSE(check->has(AttributeType::use_candidate));
  EXPECT_EQ(check_integrity(*check, stun::Key::short_term(peer.password)), stun::Integrity::valid);
  EXPECT_EQ(check_fingerprint(*check), stun::Integrity::valid);
}

// RFC 8445 14.3; RFC 8489 6.2.1
TEST(IceChecks, AreRepeatedUnchangedWithDoublingWaits) {
  HandPeer peer{controlling()};
  peer.give_credentials();
  peer.add_candidate(there);
  const auto first = peer.next(stun::Class::request);
  peer.wait(249ms);
  EXPECT_TRUE(peer.sent.empty());
  peer.wait(1ms);
  const auto second = peer.next(stun::Class::request);
  ASSERT_TRUE(second);
  EXPECT_TRUE(core::equal(first->bytes, second->bytes));
  peer.wait(499ms);
  EXPECT_TRUE(peer.sent.empty());
  peer.wait(1ms);
  EXPECT_TRUE(peer.next(stun::Class::request));
}

// RFC 8445 7.2.5.2.1
TEST(IceChecks, AnAnswerFromElsewhereIsNone) {
  HandPeer peer{controlling()};
  peer.give_credentials();
  peer.add_candidate(there);
  auto asked = *peer.next(stun::Class::request);
  asked.path = peer.path("198.51.100.66:6000");
  peer.answer(asked);
  EXPECT_FALSE(peer.agent.path());
  EXPECT_EQ(peer.agent.stats().dropped_wrong_source, 1U);
}

TEST(IceChecks, AForgedAnswerIsNone) {
  HandPeer peer{controlling()};
  peer.give_credentials();
  peer.add_candidate(there);
  const auto asked = *peer.next(stun::Class::request);
  stun::Builder forged{peer.pool, stun::Class::success, stun::Method::binding,
                       stun::Message::parse(asked.bytes)->transaction()};
  forged.address(AttributeType::xor_mapped_address, peer.local);
  forged.integrity(stun::Key::short_term("forged"));
  peer.deliver(there, std::move(forged).finish());
  EXPECT_FALSE(peer.agent.path());
  EXPECT_EQ(peer.agent.stats().dropped_bad_integrity, 1U);
  peer.answer(asked);
  EXPECT_TRUE(peer.agent.path());
}

// RFC 8445 7.2.5.1
TEST(IceChecks, A487MakesTheAgentSwitchAndAskAgain) {
  HandPeer peer{controlling()};
  peer.give_credentials();
  peer.add_candidate(there);
  const auto asked = *peer.next(stun::Class::request);
  stun::Builder conflict{peer.pool, stun::Class::error, stun::Method::binding,
                         stun::Message::parse(asked.bytes)->transaction()};
  conflict.error(stun::ErrorCode::role_conflict);
  conflict.integrity(stun::Key::short_term(peer.password));
  peer.deliver(there, std::move(conflict).finish());
  EXPECT_EQ(peer.agent.role(), Role::controlled);
  const auto again = peer.next(stun::Class::request);
  ASSERT_TRUE(again);
  EXPECT_TRUE(stun::Message::parse(again->bytes)->has(AttributeType::ice_controlled));
}

// RFC 8445 7.2.5.2.2
TEST(IceChecks, AnUnreachableAddressFailsAtOnceAndAClosedPortMayOpen) {
  HandPeer peer{controlling()};
  peer.give_credentials();
  peer.add_candidate(there);
  peer.agent.path_error(peer.path(there), core::PathError::refused, peer.now);
  EXPECT_EQ(peer.agent.pairs()[0].state, PairState::in_progress);
  peer.agent.path_error(peer.path(there), core::PathError::unreachable, peer.now);
  EXPECT_EQ(peer.agent.pairs()[0].state, PairState::failed);
}

// RFC 8445 7.3.1.4
TEST(IceChecks, TheAnswerToACancelledCheckStillCounts) {
  HandPeer peer;
  peer.give_credentials();
  peer.add_candidate(there);
  const auto first = *peer.next(stun::Class::request);
  peer.receive(there, peer.check());  // triggers another
  ASSERT_TRUE(peer.next(stun::Class::request));
  peer.answer(first);
  EXPECT_EQ(peer.agent.path(), peer.path(there));
}

// RFC 8445 8.1.1
TEST(IceChecks, TheControllingSideNominatesTheFirstPairWhenItIsTheBest) {
  HandPeer peer{controlling()};
  peer.give_credentials();
  peer.add_candidate(there);
  peer.answer(*peer.next(stun::Class::request));
  EXPECT_TRUE(peer.last<Agent::Usable>());
  EXPECT_FALSE(peer.last<Agent::Selected>());
  const auto nominating = peer.next(stun::Class::request);
  ASSERT_TRUE(nominating);
  EXPECT_TRUE(stun::Message::parse(nominating->bytes)->has(AttributeType::use_candidate));
  peer.answer(*nominating);
  EXPECT_TRUE(peer.last<Agent::Selected>());
}

TEST(IceChecks, NominationWaitsForABetterPairButNotLong) {
  HandPeer peer{controlling()};
  peer.give_credentials();
  peer.add_candidate("198.51.100.1:6000", 2'000'000'000);
  peer.add_candidate("198.51.100.2:6000", 1'000'000'000);
  peer.wait(10ms);
  while (const auto asked = peer.next(stun::Class::request)) {
    if (asked->path.remote.ip.text() == "198.51.100.2") peer.answer(*asked);
  }
  EXPECT_EQ(peer.agent.path(), peer.path("198.51.100.2:6000"));
  bool nominated = false;
  for (int i = 0; i < 60 && !nominated; ++i) {
    peer.wait(1ms);
    while (const auto asked = peer.next(stun::Class::request)) {
      nominated =
          nominated || stun::Message::parse(asked->bytes)->has(AttributeType::use_candidate);
    }
  }
  EXPECT_TRUE(nominated);
}

// RFC 8445 8.1.2
TEST(IceChecks, OncePairIsSelectedWorseOnesAreNotRepeated) {
  HandPeer peer{controlling()};
  peer.give_credentials();
  peer.add_candidate("198.51.100.1:6000", 2'000'000'000);
  peer.add_candidate("198.51.100.2:6000", 1'000'000'000);
  peer.wait(10ms);
  std::deque<core::Datagram> asked = std::move(peer.sent);
  peer.sent.clear();
  peer.answer(asked.front());
  peer.answer_all();
  ASSERT_TRUE(peer.last<Agent::Selected>());
  peer.wait(3s);
  EXPECT_FALSE(peer.next(stun::Class::request));
}

// RFC 8445 11
TEST(IceChecks, AKeepaliveIndicationIsTakenInSilence) {
  HandPeer peer;
  peer.deliver(there, stun::Builder{peer.pool, stun::Class::indication, stun::Method::binding,
                                    stun::TransactionId{1}}
                          .finish());
  EXPECT_TRUE(peer.sent.empty());
}

// draft-thatcher-ice-renomination 3
TEST(IceChecks, WithRenominationTheNominationHasANumber) {
  Config config = controlling();
  config.renomination = true;
  HandPeer peer{config};
  peer.give_credentials();
  peer.add_candidate(there);
  peer.answer(*peer.next(stun::Class::request));
  const auto nominating = peer.next(stun::Class::request);
  ASSERT_TRUE(nominating);
  EXPECT_EQ(stun::Message::parse(nominating->bytes)->u32(AttributeType::nomination), 1U);
}

// An answer to a check, with what the test wants in it.
template <class Fill>
void answer_with(HandPeer& peer, const core::Datagram& asked, stun::Class message_class,
                 Fill fill) {
  stun::Builder out{peer.pool, message_class, stun::Method::binding,
                    stun::Message::parse(asked.bytes)->transaction()};
  fill(out);
  peer.deliver(there, std::move(out).finish());
}

// RFC 8489 9.1.4: as if it had not come.
TEST(IceChecks, AnErrorThatNobodySignedEndsNothing) {
  HandPeer peer{controlling()};
  peer.give_credentials();
  peer.add_candidate(there);
  const auto asked = *peer.next(stun::Class::request);
  answer_with(peer, asked, stun::Class::error,
              [](stun::Builder& out) { out.error(stun::ErrorCode::bad_request); });
  EXPECT_EQ(peer.agent.pairs()[0].state, PairState::in_progress);
  peer.answer(asked);
  EXPECT_TRUE(peer.agent.path());
}

// RFC 8445 7.2.5.2.3
TEST(IceChecks, AnErrorThatThePeerSignedEndsThePair) {
  HandPeer peer{controlling()};
  peer.give_credentials();
  peer.add_candidate(there);
  answer_with(peer, *peer.next(stun::Class::request), stun::Class::error, [&](stun::Builder& out) {
    out.error(stun::ErrorCode::bad_request);
    out.integrity(stun::Key::short_term(peer.password));
  });
  EXPECT_EQ(peer.agent.pairs()[0].state, PairState::failed);
}

// RFC 8489 6.3.3, RFC 8489 18.3: the second one is of RFC 3489, SOURCE-ADDRESS.
TEST(IceChecks, AnAnswerThatIsNotUnderstoodIsAFailure) {
  for (const std::uint16_t type :
       {std::uint16_t{0x7F01}, std::uint16_t{0x0004}, std::uint16_t{0xFF01}}) {
    HandPeer peer{controlling()};
    peer.give_credentials();
    peer.add_candidate(there);
    const auto asked = *peer.next(stun::Class::request);
    answer_with(peer, asked, stun::Class::success, [&](stun::Builder& out) {
      out.address(AttributeType::xor_mapped_address, peer.local);
      out.u32(AttributeType{type}, 0);
      out.integrity(stun::Key::short_term(peer.password));
    });
    EXPECT_EQ(peer.agent.pairs()[0].state,
              type == 0x7F01 ? PairState::failed : PairState::succeeded);
  }
}

// RFC 8489 6.3.3
TEST(IceChecks, AServersAnswerThatIsNotUnderstoodBringsNoCandidate) {
  for (const std::uint16_t type : {std::uint16_t{0x7F01}, std::uint16_t{0xFF01}}) {
    Config config;
    config.servers.push_back({.host = "198.51.100.1", .port = 6000});
    HandPeer peer{config};
    const auto asked = peer.next(stun::Class::request);
    ASSERT_TRUE(asked);
    answer_with(peer, *asked, stun::Class::success, [&](stun::Builder& out) {
      out.address(AttributeType::xor_mapped_address, *core::Address::parse("203.0.113.1:5000"));
      out.u32(AttributeType{type}, 0);
    });
    EXPECT_EQ(peer.agent.local_candidates().size(), type < 0x8000 ? 1U : 2U);
  }
}

}  // namespace
}  // namespace lucid::ice
