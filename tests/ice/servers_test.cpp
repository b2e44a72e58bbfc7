// STUN and TURN servers of a configuration that changes.
#include <gtest/gtest.h>

#include <set>

#include "examples/nat_lab.hpp"

namespace lucid::ice {
namespace {

using namespace std::chrono_literals;
using examples::NatLab;

const examples::Home home{.nat = sim::Nat::port_restricted()};
const examples::Home symmetric{.nat = sim::Nat::symmetric()};

Config with(std::vector<Server> servers, TransportPolicy policy = TransportPolicy::all) {
  Config config;
  config.tcp = false;
  config.servers = std::move(servers);
  config.transport_policy = policy;
  return config;
}

std::multiset<CandidateType> types(const Agent& agent) {
  std::multiset<CandidateType> all;
  for (const Candidate& each : agent.local_candidates()) all.insert(each.type);
  return all;
}

void restart(NatLab& lab) {
  lab.left()->restart(lab.world.now());
  lab.right()->restart(lab.world.now());
  lab.connect();
}

bool selects_again(NatLab& lab) {
  const auto before = lab.left().count<Agent::Selected>();
  restart(lab);
  return lab.world.run_until([&] { return lab.left().count<Agent::Selected>() > before; }, 10s);
}

// W3C setConfiguration: nothing happens until the next gathering, which uses the new servers alone.
TEST(IceServers, NewOnesAreAskedAtTheNextRestartAndNotBefore) {
  NatLab lab{home, home, with({examples::stun_server()})};
  lab.connect();
  ASSERT_TRUE(lab.run_until_selected());
  lab.world.run_for(5s);
  lab.left()->set_servers({examples::turn_server()}, TransportPolicy::all, lab.world.now());
  lab.world.run_for(10s);
  EXPECT_EQ(lab.turn->machine.allocations(), 0U);
  EXPECT_FALSE(types(lab.left().machine).contains(CandidateType::relayed));
  ASSERT_TRUE(selects_again(lab));
  lab.world.run_for(5s);
  EXPECT_EQ(lab.turn->machine.allocations(), 1U);
  EXPECT_TRUE(types(lab.left().machine).contains(CandidateType::relayed));
}

// The allocation of the server before carries the old generation until the new one has lasted, and
// is given back then (RFC 8656 8). Under new credentials the same server is asked again.
TEST(IceServers, TheOldAllocationGoesOnUntilTheNewGenerationHasTakenOver) {
  NatLab lab{symmetric, symmetric, with({examples::turn_server()}, TransportPolicy::relay)};
  lab.connect();
  ASSERT_TRUE(lab.run_until_selected());
  const core::Path before = *lab.left().machine.path();
  ASSERT_EQ(lab.turn->machine.allocations(), 2U);
  Server renewed = examples::turn_server();
  renewed.url += "?renewed";
  lab.left()->set_servers({renewed}, TransportPolicy::relay, lab.world.now());
  lab.left()->restart(lab.world.now());
  lab.right()->restart(lab.world.now());
  lab.world.run_for(5s);
  EXPECT_EQ(lab.left().machine.path(), before);
  EXPECT_EQ(lab.turn->machine.allocations(), 3U);
  lab.connect();
  ASSERT_TRUE(lab.world.run_until(
      [&] { return lab.left().last<Agent::Selected>()->local.url == renewed.url; }, 10s));
  EXPECT_EQ(lab.turn->machine.allocations(), 3U);
  lab.world.run_for(35s);
  EXPECT_EQ(lab.turn->machine.allocations(), 2U);
  EXPECT_EQ(lab.left().machine.connection_state(), ConnectionState::connected);
}

// W3C RTCIceTransportPolicy, both ways.
TEST(IceServers, APolicyHoldsFromTheNextRestartOn) {
  NatLab lab{home, home, with({examples::stun_server(), examples::turn_server()})};
  lab.connect();
  ASSERT_TRUE(lab.run_until_selected());
  lab.world.run_for(5s);
  const auto servers = with({examples::stun_server(), examples::turn_server()}).servers;
  lab.left()->set_servers(servers, TransportPolicy::relay, lab.world.now());
  EXPECT_EQ(types(lab.left().machine).size(), 3U);
  ASSERT_TRUE(selects_again(lab));
  EXPECT_EQ(types(lab.left().machine), std::multiset{CandidateType::relayed});
  EXPECT_EQ(lab.left().last<Agent::Selected>()->local.type, CandidateType::relayed);
  lab.left()->set_servers(servers, TransportPolicy::all, lab.world.now());
  ASSERT_TRUE(selects_again(lab));
  lab.world.run_for(5s);
  EXPECT_EQ(types(lab.left().machine).size(), 3U);
  EXPECT_NE(lab.left().last<Agent::Selected>()->local.type, CandidateType::relayed);
}

// From relay alone to everything: sockets that served the relay become candidates.
TEST(IceServers, AHostThatWasHiddenIsOfferedOnceThePolicyPermits) {
  Config config = with({examples::stun_server(), examples::turn_server()}, TransportPolicy::relay);
  NatLab lab{home, home, config};
  lab.connect();
  ASSERT_TRUE(lab.run_until_selected());
  lab.left()->set_servers(config.servers, TransportPolicy::all, lab.world.now());
  restart(lab);
  lab.world.run_for(5s);
  EXPECT_EQ(types(lab.left().machine),
            (std::multiset{CandidateType::host, CandidateType::server_reflexive,
                           CandidateType::relayed}));
}

// A rollback of the offer that restarted: what the first generation stands on is still there.
TEST(IceServers, ARestartTakenBackKeepsTheOldAllocation) {
  NatLab lab{symmetric, symmetric, with({examples::turn_server()}, TransportPolicy::relay)};
  lab.connect();
  ASSERT_TRUE(lab.run_until_selected());
  const core::Path before = *lab.left().machine.path();
  lab.left()->set_servers({}, TransportPolicy::relay, lab.world.now());
  lab.left()->restart(lab.world.now());
  lab.world.run_for(1s);
  EXPECT_TRUE(lab.left().machine.local_candidates().empty());
  lab.left()->cancel_restart(lab.world.now());
  lab.world.run_for(60s);
  EXPECT_EQ(lab.left().machine.path(), before);
  EXPECT_EQ(lab.left().machine.local_candidates().size(), 1U);
  EXPECT_EQ(lab.turn->machine.allocations(), 2U);
}

// A STUN and a TURN server under names that have several addresses, of which the lab's is the last.
Config by_name() { return with({examples::stun_server(), examples::turn_server()}); }
void rename(NatLab& lab, const char* name, std::initializer_list<const char*> addresses) {
  std::vector<core::Ip> ips;
  for (const char* address : addresses) ips.push_back(*core::Ip::parse(address));
  lab.world.name(name, ips);
}
core::Duration time_to(NatLab& lab, CandidateType type) {
  const core::Time start = lab.world.now();
  lab.left()->gather(start);
  const bool found =
      lab.world.run_until([&] { return types(lab.left().machine).contains(type); }, 30s);
  return found ? lab.world.now() - start : 30s;
}

// RFC 8305 5, in the way of UDP.
TEST(IceServers, TheNextAddressOfANameIsAskedWhenTheFirstDoesNotAnswer) {
  NatLab lab{home, home, by_name()};
  rename(lab, "stun.example.org", {"198.51.100.99", "198.51.100.53"});
  rename(lab, "turn.example.org", {"198.51.100.98", "198.51.100.97", "198.51.100.54"});
  EXPECT_LT(time_to(lab, CandidateType::server_reflexive), 700ms);
  EXPECT_LT(time_to(lab, CandidateType::relayed), 1200ms);
  lab.world.run_for(20s);
  EXPECT_EQ(lab.left().machine.gathering_state(), GatheringState::complete);
  EXPECT_FALSE(lab.left().saw<Agent::ServerFailed>());
  EXPECT_EQ(lab.turn->machine.allocations(), 1U);
}

TEST(IceServers, ANameOfWhichNoAddressAnswersHasFailedOnce) {
  NatLab lab{home, home, by_name()};
  rename(lab, "stun.example.org", {"198.51.100.99", "198.51.100.98"});
  rename(lab, "turn.example.org", {"198.51.100.98", "198.51.100.97"});
  lab.left()->gather(lab.world.now());
  lab.world.run_for(20s);
  EXPECT_EQ(lab.left().machine.gathering_state(), GatheringState::complete);
  EXPECT_EQ(lab.left().count<Agent::ServerFailed>(), 2U);
}

// A slow server whose second address was asked in vain holds no allocation there.
TEST(IceServers, OfTwoAddressesThatBothAnswerOneAllocationIsKept) {
  NatLab lab{{.nat = sim::Nat::port_restricted(), .link = {.delay = 200ms}}, home, by_name()};
  rename(lab, "turn.example.org", {"198.51.100.54", "198.51.100.55"});
  sim::Host& host = lab.world.add_host("second relay");
  host.connect(lab.world.internet(), "198.51.100.55");
  auto& second = host.run([](core::Context c) {
    sim::TurnServer::Config settings{.addresses = {*core::Address::parse("198.51.100.55:3478")},
                                     .relays = {*core::Ip::parse("198.51.100.55")}};
    settings.credentials.users["user"] = "secret";
    return sim::TurnServer{std::move(settings), c};
  });
  EXPECT_LT(time_to(lab, CandidateType::relayed), 900ms);
  lab.world.run_for(20s);
  EXPECT_EQ(lab.turn->machine.allocations(), 1U);
  EXPECT_EQ(second.machine.allocations(), 0U);
  // Nor does a restart ask the other one.
  lab.left()->restart(lab.world.now());
  lab.left()->gather(lab.world.now());
  lab.world.run_for(5s);
  EXPECT_EQ(lab.turn->machine.allocations(), 1U);
  EXPECT_EQ(second.machine.allocations(), 0U);
}

// RFC 8445 5.1.1.4: a caller whose callee takes five minutes to answer is still reachable, though
// NATs forget after half a minute.
TEST(IceServers, ABindingIsKeptOpenUntilAPairIsSelected) {
  sim::Nat forgetful = sim::Nat::port_restricted();
  forgetful.preserve_ports = false;
  forgetful.udp_expiry = 30s;
  NatLab lab{{.nat = forgetful}, {.nat = forgetful}, with({examples::stun_server()})};
  lab.left()->gather(lab.world.now());
  lab.world.run_for(5min);
  const auto before = lab.left().machine.local_candidates().size();
  lab.connect();
  EXPECT_TRUE(lab.run_until_selected(5s));
  EXPECT_EQ(lab.left().machine.local_candidates().size(), before);
  lab.world.run_for(10s);
  const auto sent = lab.left().transmits;
  lab.world.run_for(60s);
  // Consent alone from here on (RFC 7675 5.1).
  EXPECT_LT(lab.left().transmits - sent, 2 * 15U + 2 * 5U);
}

// A NAT that forgets within the 15 s shows a new address each time: each is a candidate, up to
// four.
TEST(IceServers, AMappedAddressThatMovesIsACandidateMoreAFewTimes) {
  sim::Nat goldfish = sim::Nat::port_restricted();
  goldfish.preserve_ports = false;
  goldfish.udp_expiry = 10s;
  NatLab lab{{.nat = goldfish}, home, with({examples::stun_server()})};
  lab.left()->gather(lab.world.now());
  lab.world.run_for(20s);
  EXPECT_EQ(types(lab.left().machine).count(CandidateType::server_reflexive), 2U);
  lab.world.run_for(5min);
  EXPECT_EQ(types(lab.left().machine).count(CandidateType::server_reflexive), 5U);
}

}  // namespace
}  // namespace lucid::ice
