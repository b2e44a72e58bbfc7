// What the agent makes of checks that come in.
#include <gtest/gtest.h>

#include "tests/ice/hand_peer.hpp"

namespace lucid::ice {
namespace {

using namespace std::chrono_literals;
using stun::ErrorCode;

constexpr std::string_view there = "198.51.100.1:6000";

// RFC 8445 7.3.1.2
TEST(IceRequests, AnAuthenticCheckIsAnsweredWithWhereItCameFrom) {
  HandPeer peer;
  peer.receive(there, peer.check());
  const auto out = peer.next(stun::Class::success);
  ASSERT_TRUE(out);
  EXPECT_EQ(out->path, peer.path(there));
  const auto message = stun::Message::parse(out->bytes);
  EXPECT_EQ(message->mapped_address()->text(), there);
  EXPECT_EQ(check_integrity(*message, stun::Key::short_term(peer.check().password)),
            stun::Integrity::valid);
  EXPECT_EQ(check_fingerprint(*message), stun::Integrity::valid);
}

// RFC 8489 9.1.4
TEST(IceRequests, ASha256CheckGetsASha256Answer) {
  HandPeer peer;
  auto check = peer.check();
  check.sha256 = true;
  peer.receive(there, check);
  const auto out = peer.next(stun::Class::success);
  ASSERT_TRUE(out);
  const auto message = stun::Message::parse(out->bytes);
  EXPECT_TRUE(message->has(stun::AttributeType::message_integrity_sha256));
  EXPECT_EQ(check_integrity(*message, stun::Key::short_term(check.password)),
            stun::Integrity::valid);
}

// RFC 8489 9.1.3
TEST(IceRequests, RefusesWhoDoesNotKnowThePassword) {
  HandPeer peer;
  auto check = peer.check();
  check.password = "guess";
  peer.receive(there, check);
  EXPECT_EQ(peer.next_error(), ErrorCode::unauthenticated);
  check = peer.check();
  check.username = "somebody:peer";
  peer.receive(there, check);
  EXPECT_EQ(peer.next_error(), ErrorCode::unauthenticated);
  check.username.clear();
  peer.receive(there, check);
  EXPECT_EQ(peer.next_error(), ErrorCode::bad_request);
}

// RFC 8489 6.3.1
TEST(IceRequests, NamesAttributesItDoesNotUnderstand) {
  HandPeer peer;
  auto check = peer.check();
  check.unknown_attribute = 0x7F01;
  peer.receive(there, check);
  const auto out = peer.next(stun::Class::error);
  ASSERT_TRUE(out);
  const auto message = stun::Message::parse(out->bytes);
  EXPECT_EQ(message->error()->code, ErrorCode::unknown_attribute);
  EXPECT_EQ(core::to_hex(*message->find(stun::AttributeType::unknown_attributes)), "7f01");
}

// RFC 8445 7.1.1
TEST(IceRequests, RefusesACheckWithoutAPriority) {
  HandPeer peer;
  auto check = peer.check();
  check.priority = 0;
  peer.receive(there, check);
  EXPECT_EQ(peer.next_error(), ErrorCode::bad_request);
}

// RFC 8445 7.3, RFC 8445 7.3.1.4
TEST(IceRequests, AnEarlyCheckIsAnsweredAndCheckedBackWhenTheCredentialsCome) {
  HandPeer peer;
  peer.receive(there, peer.check());
  EXPECT_TRUE(peer.next(stun::Class::success));
  EXPECT_FALSE(peer.next(stun::Class::request));
  peer.give_credentials();
  peer.wait({});
  const auto back = peer.next(stun::Class::request);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->path, peer.path(there));
  EXPECT_EQ(stun::Message::parse(back->bytes)->text(stun::AttributeType::username),
            "peer:" + peer.agent.local_credentials().ufrag);
}

// RFC 8445 7.3.1.3
TEST(IceRequests, AnUnknownSourceBecomesAPeerReflexiveCandidate) {
  HandPeer peer;
  peer.give_credentials();
  peer.receive(there, peer.check());
  ASSERT_EQ(peer.agent.remote_candidates().size(), 1U);
  const Candidate candidate = peer.agent.remote_candidates()[0];
  EXPECT_EQ(candidate.type, CandidateType::peer_reflexive);
  EXPECT_EQ(candidate.priority, 1'000'000U);
}

// RFC 8838 11.4
TEST(IceRequests, ASignalledCandidateTakesThePlaceOfThePeerReflexiveOne) {
  HandPeer peer;
  peer.give_credentials();
  peer.receive(there, peer.check());
  peer.add_candidate(there, 2'000'000'000);
  ASSERT_EQ(peer.agent.remote_candidates().size(), 1U);
  EXPECT_EQ(peer.agent.remote_candidates()[0].type, CandidateType::host);
  EXPECT_EQ(peer.agent.remote_candidates()[0].priority, 2'000'000'000U);
}

// RFC 8445 7.3.1.5
TEST(IceRequests, ANominationCountsWhenThePairWorks) {
  HandPeer peer;
  peer.give_credentials();
  auto check = peer.check();
  check.use_candidate = true;
  peer.receive(there, check);
  EXPECT_FALSE(peer.last<Agent::Selected>());
  peer.answer_all();
  ASSERT_TRUE(peer.last<Agent::Selected>());
  EXPECT_EQ(peer.last<Agent::Selected>()->path, peer.path(there));
}

// RFC 5245 8.1.1.2: an aggressive peer nominates with every check.
TEST(IceRequests, OfAnAggressivePeersNominationsTheHighestPriorityCounts) {
  HandPeer peer;
  peer.give_credentials();
  peer.add_candidate("198.51.100.1:6000", 2'000'000'000);
  peer.add_candidate("198.51.100.2:6000", 1'000'000'000);
  auto check = peer.check();
  check.use_candidate = true;
  for (const std::string_view from :
       {"198.51.100.2:6000", "198.51.100.1:6000", "198.51.100.2:6000"}) {
    peer.receive(from, check);
    peer.answer_all();
  }
  EXPECT_EQ(peer.last<Agent::Selected>()->path, peer.path("198.51.100.1:6000"));
}

TEST(IceRequests, ANominationAfterChecksWithoutOneIsADecisionAndTheLatestCounts) {
  HandPeer peer;
  peer.give_credentials();
  peer.add_candidate("198.51.100.1:6000", 2'000'000'000);
  peer.add_candidate("198.51.100.2:6000", 1'000'000'000);
  auto check = peer.check();
  for (const std::string_view from : {"198.51.100.1:6000", "198.51.100.2:6000"}) {
    check.use_candidate = false;
    peer.receive(from, check);
    peer.answer_all();
    check.use_candidate = true;
    peer.receive(from, check);
  }
  EXPECT_EQ(peer.last<Agent::Selected>()->path, peer.path("198.51.100.2:6000"));
}

// draft-thatcher-ice-renomination 3
TEST(IceRequests, ALaterNominationMovesToAPairOfLowerPriority) {
  HandPeer peer;
  peer.give_credentials();
  peer.add_candidate("198.51.100.1:6000", 2'000'000'000);
  peer.add_candidate("198.51.100.2:6000", 1'000'000'000);
  auto check = peer.check();
  check.use_candidate = true;
  check.nomination = 1;
  peer.receive("198.51.100.1:6000", check);
  peer.answer_all();
  check.nomination = 2;
  peer.receive("198.51.100.2:6000", check);
  peer.answer_all();
  EXPECT_EQ(peer.last<Agent::Selected>()->path, peer.path("198.51.100.2:6000"));
}

// RFC 8445 7.3.1.1
TEST(IceRequests, TheLargerTieBreakerStaysAndTheSmallerSwitches) {
  Config config;
  config.role = Role::controlling;
  HandPeer peer{config};
  peer.give_credentials();
  auto check = peer.check();
  check.controlling = true;
  check.tie_breaker = 999;  // ours is 1000
  peer.receive(there, check);
  EXPECT_EQ(peer.next_error(), ErrorCode::role_conflict);
  EXPECT_EQ(peer.agent.role(), Role::controlling);
  check.tie_breaker = 1001;
  peer.receive(there, check);
  EXPECT_TRUE(peer.next(stun::Class::success));
  EXPECT_EQ(peer.agent.role(), Role::controlled);
  ASSERT_TRUE(peer.last<Agent::RoleChanged>());
}

TEST(IceRequests, TwoSidesThatNeverHearAnswersDoNotGoRoundForEver) {
  HandPeer peer;
  peer.give_credentials();
  for (int i = 0; i < 1000; ++i) peer.receive(there, peer.check());
  EXPECT_LT(peer.agent.stats().checks_sent, 10U);
}

// RFC 8489 14.5: somebody on the way has added to it.
TEST(IceRequests, WhatIsAppendedBehindTheIntegrityChangesNothing) {
  HandPeer peer;
  const auto check = peer.check();
  stun::Builder out{peer.pool, stun::Class::request, stun::Method::binding, {1}};
  out.text(stun::AttributeType::username, check.username);
  out.u32(stun::AttributeType::priority, 1);
  out.u64(stun::AttributeType::ice_controlling, 1);
  out.integrity(stun::Key::short_term(check.password));
  out.u32(stun::AttributeType{0x7F01}, 0);
  out.flag(stun::AttributeType::use_candidate);
  out.fingerprint();
  peer.deliver(there, std::move(out).finish());
  EXPECT_TRUE(peer.next(stun::Class::success));
  peer.give_credentials();
  peer.answer_all();
  EXPECT_FALSE(peer.agent.pairs()[0].nominated);
}

// RFC 8489 9.1.3
TEST(IceRequests, ACheckWithoutIntegrityIsABadRequest) {
  HandPeer peer;
  auto check = peer.check();
  check.password.clear();
  peer.receive(there, check);
  EXPECT_EQ(peer.next_error(), ErrorCode::bad_request);
}

// RFC 8838 14: the end of one answer's candidates is not that of another's.
TEST(IceRequests, AnotherAnswerMayHaveMoreCandidates) {
  HandPeer peer;
  peer.give_credentials();
  peer.agent.end_of_remote_candidates(peer.now);
  peer.agent.set_remote_credentials({"else", peer.password}, peer.now);
  auto check = peer.check();
  check.username = peer.agent.local_credentials().ufrag + ":else";
  check.use_candidate = true;
  peer.receive(there, check);
  peer.answer_all();
  EXPECT_EQ(peer.agent.connection_state(), ConnectionState::connected);
  peer.agent.end_of_remote_candidates(peer.now);
  EXPECT_EQ(peer.agent.connection_state(), ConnectionState::completed);
}

}  // namespace
}  // namespace lucid::ice
