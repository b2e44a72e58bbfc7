// What strangers and a hostile peer can make the agent do: not much.
#include <gtest/gtest.h>

#include "tests/ice/hand_peer.hpp"

namespace lucid::ice {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view there = "198.51.100.1:6000";

void connect(HandPeer& peer) {
  peer.give_credentials();
  auto check = peer.check();
  check.use_candidate = true;
  peer.receive(there, check);
  peer.answer_all();
  peer.sent.clear();
}

std::string address(int i) {
  return "198.51." + std::to_string(100 + i / 250) + "." + std::to_string(1 + i % 250) + ":7000";
}

TEST(IceFlood, StrangersGetTwentyRefusalsAtOnceAndTwentyASecond) {
  HandPeer peer;
  connect(peer);
  HandCheck check;
  for (int i = 0; i < 10'000; ++i) peer.receive(address(i), check);
  EXPECT_EQ(peer.sent.size(), 20U);
  peer.sent.clear();
  peer.now += 1s;
  for (int i = 0; i < 10'000; ++i) peer.receive(address(i), check);
  EXPECT_EQ(peer.sent.size(), 20U);
  EXPECT_EQ(peer.agent.path(), peer.path(there));
}

TEST(IceFlood, ForgedCredentialsMakeNoPairs) {
  HandPeer peer;
  connect(peer);
  auto check = peer.check();
  check.password = "forged";
  for (int i = 0; i < 10'000; ++i) peer.receive(address(i), check);
  EXPECT_EQ(peer.agent.pairs().size(), 1U);
  EXPECT_EQ(peer.agent.remote_candidates().size(), 1U);
  EXPECT_LE(peer.sent.size(), 20U);
  EXPECT_EQ(peer.agent.connection_state(), ConnectionState::connected);
}

TEST(IceFlood, TenThousandCandidatesMakeABoundedListAndLeaveTheConnectionAlone) {
  HandPeer peer;
  connect(peer);
  for (int i = 0; i < 10'000; ++i) {
    peer.add_candidate(address(i), 1'000'000'000 + static_cast<std::uint32_t>(i));
  }
  EXPECT_LE(peer.agent.pairs().size(), 256U);
  EXPECT_LE(peer.agent.remote_candidates().size(), 256U);
  EXPECT_GT(peer.agent.stats().candidates_over_limit, 9'000U);
  EXPECT_EQ(peer.agent.path(), peer.path(there));
}

TEST(IceFlood, CandidatesBeforeTheDescriptionAreBoundedToo) {
  HandPeer peer;
  for (int i = 0; i < 10'000; ++i) peer.add_candidate(address(i));
  peer.give_credentials();
  EXPECT_LE(peer.agent.remote_candidates().size(), 256U);
}

TEST(IceFlood, AnAuthenticPeerWithManyAddressesIsBounded) {
  HandPeer peer;
  connect(peer);
  for (int i = 0; i < 10'000; ++i) peer.receive(address(i), peer.check());
  EXPECT_LE(peer.agent.pairs().size(), 256U);
  EXPECT_LE(peer.agent.remote_candidates().size(), 256U);
  EXPECT_EQ(peer.agent.path(), peer.path(there));
}

TEST(IceFlood, NamesToResolveAreBoundedAndOnlyOfTheLocalLink) {
  HandPeer peer;
  peer.give_credentials();
  for (int i = 0; i < 1000; ++i) {
    Candidate candidate;
    candidate.name = "host" + std::to_string(i) + (i % 2 == 0 ? ".local" : ".example.org");
    candidate.address.port = 7000;
    peer.agent.add_remote_candidate(candidate, peer.now);
  }
  std::size_t resolved = 0;
  while (const auto event = peer.agent.poll_event()) {
    const auto* effect = std::get_if<core::Effect>(&*event);
    const auto* resolve = effect == nullptr ? nullptr : std::get_if<core::Resolve>(effect);
    if (resolve == nullptr) continue;
    ++resolved;
    EXPECT_TRUE(resolve->name.ends_with(".local"));
  }
  EXPECT_EQ(resolved, 32U);
}

// W3C RTCIceTransportPolicy: the host's own sockets say nothing, not even no.
TEST(IceFlood, UnderTheRelayPolicyStrangersHearNothing) {
  Config config;
  config.transport_policy = TransportPolicy::relay;
  HandPeer peer{config};
  peer.receive(there, {});
  auto check = peer.check();
  peer.receive(there, check);
  check.username = "somebody:else";
  peer.receive(there, check);
  EXPECT_TRUE(peer.sent.empty());
}

// One packet must not become many, nor go to whoever listens.
TEST(IceFlood, CandidatesThatAreNoHostsAddressAreNotChecked) {
  HandPeer peer;
  peer.give_credentials();
  for (const std::string_view nobody :
       {"224.0.0.251:5353", "239.1.2.3:7000", "0.0.0.0:7000", "255.255.255.255:7000"}) {
    peer.add_candidate(nobody);
  }
  peer.wait(1s);
  EXPECT_TRUE(peer.agent.pairs().empty());
  EXPECT_TRUE(peer.sent.empty());
}

}  // namespace
}  // namespace lucid::ice
