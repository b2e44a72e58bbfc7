// What an agent offers, and under which policies.
#include <gtest/gtest.h>

#include <set>

#include "tests/ice/pair_of_agents.hpp"

namespace lucid::ice {
namespace {

using namespace std::chrono_literals;

std::vector<Candidate> signalled(Host who) {
  PairOfAgents pair{{}, who, right_host()};
  std::vector<Candidate> all;
  for (const auto& recorded : pair.sim.left.events) {
    if (const auto* found = std::get_if<Agent::LocalCandidate>(&recorded.event)) {
      all.push_back(found->candidate);
    }
  }
  return all;
}

// RFC 8445 5.1.2.1
TEST(CandidatePriority, FollowsTheFormulas) {
  EXPECT_EQ(candidate_priority(126, 65535), 2130706431U);
  EXPECT_EQ(candidate_priority(0, 0, 1), 255U);
}

// RFC 8445 6.1.2.3
TEST(CandidatePriority, OfAPairIsTheSameOnBothSides) {
  EXPECT_EQ(pair_priority(1, 2), (1ULL << 32) + 4);
  EXPECT_EQ(pair_priority(2, 1), (1ULL << 32) + 5);
  EXPECT_EQ(pair_priority(7, 7), (7ULL << 32) + 14);
  EXPECT_EQ(pair_priority(1, 0xFFFFFFFF), (1ULL << 32) + 0x1FFFFFFFEULL);
}

// RFC 8445 5.1.1, RFC 8445 5.1.2.2; RFC 6544 4.2
TEST(IceGathering, OffersUdpBeforeTcpAndActiveBeforePassive) {
  Host host = left_host();
  host.config.tcp = true;
  const auto all = signalled(host);
  ASSERT_EQ(all.size(), 2U);  // nothing answers Listen here
  EXPECT_EQ(all[0].transport, core::Transport::tcp);
  EXPECT_EQ(all[0].tcp_type, TcpType::active);
  EXPECT_EQ(all[0].address.port, 9);
  EXPECT_EQ(all[1].transport, core::Transport::udp);
  EXPECT_GT(all[1].priority, all[0].priority);
}

// RFC 8421 4
TEST(IceGathering, OffersBothFamiliesInTurnTheSixthFirst) {
  Host host = left_host();
  host.interfaces = {interface_with("192.0.2.1"), interface_with("2001:db8::1"),
                     interface_with("192.0.2.2"), interface_with("2001:db8::2")};
  host.interfaces[0].index = host.interfaces[1].index = 1;
  host.interfaces[2].index = host.interfaces[3].index = 2;
  auto all = signalled(host);
  ASSERT_EQ(all.size(), 4U);
  std::ranges::sort(all, std::greater<>{}, &Candidate::priority);
  EXPECT_EQ(all[0].address.ip.text(), "2001:db8::1");
  EXPECT_EQ(all[1].address.ip.text(), "192.0.2.1");
  EXPECT_EQ(all[2].address.ip.text(), "2001:db8::2");
  EXPECT_EQ(all[3].address.ip.text(), "192.0.2.2");
}

// RFC 8445 5.3
TEST(IceGathering, CredentialsAreLongEnoughAndFreshForEachAgent) {
  PairOfAgents pair;
  const Credentials& left = pair.sim.left.machine.local_credentials();
  EXPECT_GE(left.ufrag.size() * 6, 24U);
  EXPECT_GE(left.password.size() * 6, 128U);
  EXPECT_NE(left, pair.sim.right.machine.local_credentials());
}

// RFC 8445 6.1.2.4, RFC 8445 5.1.3
TEST(IceGathering, OnePathIsOnePairHoweverOftenItsCandidatesAreNamed) {
  PairOfAgents pair{{}, left_host(), right_host()};
  pair.exchange();
  pair.give(pair.sim.right, pair.sim.left);
  EXPECT_EQ(pair.sim.left.machine.pairs().size(), 1U);
  EXPECT_EQ(pair.sim.left.machine.remote_candidates().size(), 1U);
}

// RFC 6544 6.2
TEST(IceGathering, ActiveCandidatesGoWithPassiveOnesAlone) {
  Host left = left_host();
  left.config.tcp = true;
  PairOfAgents pair{{}, left, right_host()};
  pair.exchange_credentials();
  for (const TcpType type : {TcpType::active, TcpType::passive, TcpType::simultaneous_open}) {
    Candidate candidate;
    candidate.transport = core::Transport::tcp;
    candidate.tcp_type = type;
    candidate.priority = 1;
    candidate.foundation = "1";
    candidate.address = {*core::Ip::parse("198.51.100.1"),
                         static_cast<std::uint16_t>(7000 + static_cast<int>(type))};
    pair.sim.left->add_remote_candidate(candidate, pair.sim.now());
  }
  ASSERT_EQ(pair.sim.left.machine.pairs().size(), 1U);
  EXPECT_EQ(pair.sim.left.machine.pairs()[0].remote.tcp_type, TcpType::passive);
}

// RFC 8445 5.1.1.3
TEST(IceGathering, FoundationsTellAddressesApart) {
  Host host = left_host();
  host.interfaces.push_back(interface_with("192.0.2.2"));
  const auto all = signalled(host);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_NE(all[0].foundation, all[1].foundation);
}

// RFC 8445 5.1.1.1
TEST(IceGathering, LeavesOutLoopbackAndLinkLocalAddresses) {
  Host host = left_host();
  for (const auto* ip : {"127.0.0.1", "::1", "fe80::1", "169.254.1.1"}) {
    host.interfaces.push_back(interface_with(ip));
  }
  EXPECT_EQ(signalled(host).size(), 1U);
  host.config.loopback = true;
  EXPECT_EQ(signalled(host).size(), 3U);
}

TEST(IceGathering, UnderTheRelayPolicyNothingOfTheHostIsOfferedOrAnswered) {
  Host host = left_host();
  host.config.tcp = true;
  host.config.transport_policy = TransportPolicy::relay;
  EXPECT_TRUE(signalled(host).empty());
  PairOfAgents pair{{}, host, right_host()};
  pair.exchange();
  Candidate guessed;
  guessed.address = *core::Address::parse("192.0.2.1:5000");
  guessed.priority = 1;
  guessed.foundation = "1";
  pair.sim.right->add_remote_candidate(guessed, pair.sim.now());
  pair.sim.run_for(5s);
  EXPECT_EQ(pair.sim.left.transmits, 0U);
}

// draft-ietf-mmusic-mdns-ice-candidates 3.1
TEST(IceGathering, HidesHostAddressesBehindNamesOfTheLocalLink) {
  Host host = left_host();
  host.config.host_names = HostNames::mdns;
  PairOfAgents pair{{}, host, right_host()};
  const Candidate shown = pair.sim.left.first<Agent::LocalCandidate>()->candidate;
  EXPECT_TRUE(core::is_mdns_name(shown.name));
  EXPECT_EQ(shown.name.size(), 36 + 6U);
  std::string published;
  for (const auto& recorded : pair.sim.left.events) {
    const auto* effect = std::get_if<core::Effect>(&recorded.event);
    const auto* publish = effect == nullptr ? nullptr : std::get_if<core::PublishName>(effect);
    if (publish != nullptr) published = publish->name;
  }
  EXPECT_EQ(published, shown.name);
}

// draft-ietf-mmusic-mdns-ice-candidates 3.2
TEST(IceGathering, ResolvesTheOtherSidesNames) {
  Host left = left_host();
  left.config.host_names = HostNames::mdns;
  PairOfAgents pair{{}, left, right_host()};
  pair.exchange_credentials();
  Candidate named = pair.sim.left.first<Agent::LocalCandidate>()->candidate;
  named.address.ip = {};
  pair.sim.right->add_remote_candidate(named, pair.sim.now());
  pair.sim.right->end_of_remote_candidates(pair.sim.now());
  pair.sim.run_for(1ms);
  const auto* effect = pair.sim.right.last<core::Effect>();
  ASSERT_TRUE(std::holds_alternative<core::Resolve>(*effect));
  const core::Ip ip = *core::Ip::parse("192.0.2.1");
  pair.sim.right->resolved(std::get<core::Resolve>(*effect).id, {&ip, 1}, pair.sim.now());
  EXPECT_TRUE(pair.sim.run_until([&] { return pair.both_saw_usable(); }, 1s));
}

TEST(IceGathering, ANewInterfaceIsOfferedAndUsed) {
  PairOfAgents pair{sim::Link{.delay = 10ms}};
  pair.exchange();
  pair.sim.run_for(1s);
  std::vector<core::Interface> list{interface_with("192.0.2.1"), interface_with("192.0.2.7")};
  pair.sim.left->interfaces(list, pair.sim.now());
  pair.sim.run_for(1s);
  EXPECT_EQ(pair.sim.left.last<Agent::LocalCandidate>()->candidate.address.ip.text(), "192.0.2.7");
}

}  // namespace
}  // namespace lucid::ice
