// Relayed candidates of an agent: how they are found, used, renewed and lost.
#include <gtest/gtest.h>

#include "examples/nat_lab.hpp"
#include "stun/builder.hpp"

namespace lucid::ice {
namespace {

using namespace std::chrono_literals;
using core::Transport;
using examples::NatLab;
using testing::HasSubstr;

const examples::Home symmetric{.nat = sim::Nat::symmetric()};
const examples::Home blocked{.nat = sim::Nat::port_restricted(),
                             .firewall = sim::Firewall::no_udp()};

Config with_turn(Transport transport = Transport::udp,
                 TransportPolicy policy = TransportPolicy::all) {
  Config config;
  config.tcp = false;
  config.transport_policy = policy;
  config.servers = {examples::stun_server(), examples::turn_server(transport)};
  return config;
}

std::vector<Candidate> gathered(NatLab& lab) {
  lab.left()->gather(lab.world.now());
  EXPECT_TRUE(lab.world.run_until(
      [&] { return lab.left().machine.gathering_state() == GatheringState::complete; }, 30s));
  return lab.left().machine.local_candidates();
}

Candidate only_relayed(const std::vector<Candidate>& candidates) {
  Candidate found;
  int count = 0;
  for (const Candidate& candidate : candidates) {
    if (candidate.type != CandidateType::relayed) continue;
    found = candidate;
    ++count;
  }
  EXPECT_EQ(count, 1);
  return found;
}

// Both send; what arrives comes as Received where the path begins at a relay, else as a datagram
// that the owner would have got.
bool carries_data(NatLab& lab) {
  core::Pool pool;
  for (auto* side : {&lab.left(), &lab.right()}) {
    const auto path = side->machine.path();
    if (!path) return false;
    for (int i = 0; i < 3; ++i) {
      (*side)->send({*path, core::Ecn::not_ect, pool.copy({{200, 1, 2, 3}})}, lab.world.now());
      lab.world.run_for(100ms);
    }
  }
  return true;
}

// W3C RTCIceTransportPolicy: nothing of the host shows.
TEST(IceRelay, UnderTheRelayPolicyNothingElseIsOfferedOrTold) {
  NatLab lab{symmetric, {}, with_turn(Transport::udp, TransportPolicy::relay)};
  const auto all = gathered(lab);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].type, CandidateType::relayed);
  EXPECT_TRUE(all[0].related->ip.is_any());
}

// RFC 8445 5.1.1.2: Allocate shows the mapped address as well.
TEST(IceRelay, ATurnServerAloneGivesAServerReflexiveCandidateToo) {
  Config config = with_turn();
  config.servers.erase(config.servers.begin());
  NatLab lab{symmetric, {}, config};
  int reflexive = 0;
  for (const Candidate& candidate : gathered(lab)) {
    reflexive += candidate.type == CandidateType::server_reflexive ? 1 : 0;
  }
  EXPECT_EQ(reflexive, 1);
}

// Of one server over three transports the fewest detours come first, and twice the same is once.
TEST(IceRelay, TransportsHaveTheirOrderAndTheSameServerIsAskedOnce) {
  Config config = with_turn(Transport::tls);
  config.servers.push_back(examples::turn_server(Transport::udp));
  config.servers.push_back(examples::turn_server(Transport::udp));
  config.servers.push_back(examples::turn_server(Transport::tcp));
  NatLab lab{symmetric, {}, config};
  std::vector<std::pair<std::uint32_t, Transport>> found;
  for (const Candidate& candidate : gathered(lab)) {
    if (candidate.type != CandidateType::relayed) continue;
    found.emplace_back(candidate.priority, candidate.relay_transport);
  }
  std::ranges::sort(found, std::greater{});
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].second, Transport::udp);
  EXPECT_EQ(found[1].second, Transport::tcp);
  EXPECT_EQ(found[2].second, Transport::tls);
}

class RelayToRelay : public testing::TestWithParam<Transport> {};

// RFC 8445 5.1.1.2, RFC 8839 5.1
TEST_P(RelayToRelay, ACandidateTellsItsServerAndTransport) {
  NatLab lab{symmetric, {}, with_turn(GetParam())};
  const Candidate relayed = only_relayed(gathered(lab));
  EXPECT_EQ(relayed.address.ip.text(), "198.51.100.54");
  EXPECT_EQ(relayed.relay_transport, GetParam());
  EXPECT_EQ(relayed.url, examples::turn_server(GetParam()).url);
  EXPECT_EQ(relayed.related->ip.text(), "203.0.113.1");
  EXPECT_LT(relayed.priority, 1U << 24);
}

TEST_P(RelayToRelay, CarriesChecksDataAndConsent) {
  NatLab lab{symmetric, blocked, with_turn(GetParam(), TransportPolicy::relay)};
  lab.connect();
  const bool selected = lab.run_until_selected(20s);
  // Over UDP the right side's firewall lets nothing through to the server.
  ASSERT_EQ(selected, GetParam() != Transport::udp);
  if (!selected) return;
  EXPECT_EQ(lab.left().last<Agent::Selected>()->local.type, CandidateType::relayed);
  EXPECT_EQ(lab.right().last<Agent::Selected>()->local.type, CandidateType::relayed);
  ASSERT_TRUE(carries_data(lab));
  EXPECT_EQ(lab.left().count<Agent::Received>(), 3U);
  EXPECT_EQ(lab.right().count<Agent::Received>(), 3U);
  EXPECT_EQ(lab.left().last<Agent::Received>()->datagram.path, lab.left().machine.path());
  // RFC 7675 5.1, RFC 8656 3.2: an hour on, through many refreshes.
  lab.world.run_for(1h);
  EXPECT_GE(lab.left().machine.connection_state(), ConnectionState::connected);
  EXPECT_LE(lab.left().machine.connection_state(), ConnectionState::completed);
  EXPECT_TRUE(lab.left().machine.round_trip().has_value());
  ASSERT_TRUE(carries_data(lab));
  EXPECT_EQ(lab.right().count<Agent::Received>(), 6U);
}
INSTANTIATE_TEST_SUITE_P(Over, RelayToRelay,
                         testing::Values(Transport::udp, Transport::tcp, Transport::tls),
                         [](const auto& each) { return std::string{to_string(each.param)}; });

TEST(IceRelay, ARelayMeetsAServerReflexiveCandidate) {
  NatLab lab{symmetric, {.nat = sim::Nat::port_restricted()}, with_turn()};
  lab.connect();
  ASSERT_TRUE(lab.run_until_selected());
  lab.world.run_for(5s);
  const Agent::Selected left = *lab.left().last<Agent::Selected>();
  const bool relayed =
      left.local.type == CandidateType::relayed || left.remote.type == CandidateType::relayed;
  EXPECT_TRUE(relayed);
  EXPECT_TRUE(carries_data(lab));
}

// RFC 8445 8.1.1: whatever the relay gave first, the direct way wins.
TEST(IceRelay, GivesWayToADirectPath) {
  NatLab lab{
      {.nat = sim::Nat::port_restricted()}, {.nat = sim::Nat::port_restricted()}, with_turn()};
  lab.connect();
  ASSERT_TRUE(lab.run_until_selected());
  lab.world.run_for(5s);
  EXPECT_NE(lab.left().last<Agent::Selected>()->local.type, CandidateType::relayed);
  EXPECT_NE(lab.left().last<Agent::Selected>()->remote.type, CandidateType::relayed);
}

// RFC 8445 9
TEST(IceRelay, ARestartGoesOverTheSameRelay) {
  NatLab lab{symmetric, symmetric, with_turn()};
  lab.connect();
  ASSERT_TRUE(lab.run_until_selected());
  const std::size_t before = lab.left().count<Agent::Selected>();
  lab.left()->restart(lab.world.now());
  lab.right()->restart(lab.world.now());
  lab.connect();
  ASSERT_TRUE(
      lab.world.run_until([&] { return lab.left().count<Agent::Selected>() > before; }, 10s));
  EXPECT_EQ(lab.turn->machine.allocations(), 2U);
  EXPECT_TRUE(carries_data(lab));
}

// RFC 8656 8
TEST(IceRelay, ClosingGivesTheAllocationBack) {
  NatLab lab{symmetric, symmetric, with_turn()};
  lab.connect();
  ASSERT_TRUE(lab.run_until_selected());
  ASSERT_EQ(lab.turn->machine.allocations(), 2U);
  lab.left()->close(lab.world.now());
  lab.right()->close(lab.world.now());
  lab.world.run_for(1s);
  EXPECT_EQ(lab.turn->machine.allocations(), 0U);
}

// W3C webrtc-pc 4.8.1.3
TEST(IceRelay, AWrongPasswordIsReportedAndTheRestGoesOn) {
  Config config = with_turn();
  config.servers[1].password = "guess";
  NatLab lab{{.nat = sim::Nat::port_restricted()}, {}, config};
  lab.connect();
  ASSERT_TRUE(lab.run_until_selected());
  lab.world.run_for(5s);
  ASSERT_EQ(lab.left().count<Agent::ServerFailed>(), 1U);
  const Agent::ServerFailed failed = *lab.left().first<Agent::ServerFailed>();
  EXPECT_EQ(failed.code, 401);
  EXPECT_EQ(failed.url, "turn:turn.example.org");
  EXPECT_EQ(failed.local.ip.text(), "192.168.1.2");
  EXPECT_THAT(failed.text, HasSubstr("TURN allocation at turn:turn.example.org"));
}

// What a relay's end means to the connection that it carried.
TEST(IceRelay, AServerThatVanishesIsReportedAndTheConnectionIsLost) {
  NatLab lab{symmetric, symmetric, with_turn()};
  lab.connect();
  ASSERT_TRUE(lab.run_until_selected());
  lab.uplink->cut(true);
  ASSERT_TRUE(lab.world.run_until(
      [&] { return lab.left().machine.connection_state() == ConnectionState::failed; }, 60s));
  ASSERT_TRUE(lab.left().saw<Agent::ServerFailed>());
  EXPECT_THAT(lab.left().last<Agent::ServerFailed>()->text, HasSubstr("restart ICE"));
  // It comes back, and so does the connection, by a restart as RFC 8445 9 has it.
  lab.uplink->cut(false);
  lab.left()->restart(lab.world.now());
  lab.right()->restart(lab.world.now());
  lab.connect();
  EXPECT_TRUE(lab.world.run_until(
      [&] {
        return lab.left().machine.connection_state() >= ConnectionState::connected &&
               lab.left().machine.connection_state() <= ConnectionState::completed;
      },
      20s));
}

TEST(IceRelay, AnInterfaceThatGoesTakesItsRelayWithIt) {
  NatLab lab{symmetric, {}, with_turn()};
  gathered(lab);
  lab.left()->interfaces({}, lab.world.now());
  lab.world.run_for(1s);
  EXPECT_TRUE(lab.left().machine.local_candidates().empty());
}

// Checks with forged credentials, ten thousand of them, through the relay: as without one.
TEST(IceRelay, AFloodThroughTheRelayIsAnsweredTwentyTimesASecond) {
  NatLab lab{symmetric, symmetric, with_turn()};
  lab.connect();
  ASSERT_TRUE(lab.run_until_selected());
  lab.world.run_for(2s);
  const core::Path path = *lab.left().machine.path();
  const std::size_t pairs = lab.left().machine.pairs().size();
  const auto before = lab.left().transmits;
  core::Pool pool;
  core::SeededRandom random{3};
  core::Path server{Transport::udp, lab.left().machine.local_candidates().front().address,
                    *core::Address::parse("198.51.100.54:3478")};
  for (int i = 0; i < 10'000; ++i) {
    stun::Builder check{pool, stun::Class::request, stun::Method::binding,
                        stun::random_transaction(random)};
    check.text(stun::AttributeType::username,
               lab.left().machine.local_credentials().ufrag + ":forged");
    check.u32(stun::AttributeType::priority, 1);
    check.integrity(stun::Key::short_term("forged"));
    const core::Buffer inner = std::move(check).finish();
    stun::Builder out{pool, stun::Class::indication, stun::Method::data,
                      stun::random_transaction(random)};
    // From the address of the other side's NAT, which is permitted, and any port.
    out.address(stun::AttributeType::xor_peer_address,
                {*core::Ip::parse("203.0.113.2"), static_cast<std::uint16_t>(1024 + i)});
    out.bytes(stun::AttributeType::data, inner);
    lab.left().machine.handle_datagram({server, {}, std::move(out).finish()}, lab.world.now());
  }
  lab.left()->handle_timeout(lab.world.now());
  lab.world.run_for(0s);
  EXPECT_EQ(lab.left().machine.stats().dropped_bad_integrity, 10'000U);
  EXPECT_LE(lab.left().transmits - before, 20U);
  EXPECT_EQ(lab.left().machine.pairs().size(), pairs);
  EXPECT_EQ(lab.left().machine.path(), path);
  lab.world.run_for(60s);
  EXPECT_EQ(lab.left().machine.connection_state(), ConnectionState::completed);
}

// A hostile or broken server's messages reach nothing but its own client.
TEST(IceRelay, TurnMessagesFromStrangersAreDropped) {
  NatLab lab{symmetric, {}, with_turn()};
  const Candidate relayed = only_relayed(gathered(lab));
  core::Pool pool;
  const core::Address host = lab.left().machine.local_candidates().front().address;
  const core::Path stranger{Transport::udp, host, *core::Address::parse("198.51.100.66:3478")};
  stun::Builder out{pool, stun::Class::indication, stun::Method::data, {1}};
  out.address(stun::AttributeType::xor_peer_address, relayed.address);
  out.text(stun::AttributeType::data, "\xC8 for you");
  lab.left()->handle_datagram({stranger, {}, std::move(out).finish()}, lab.world.now());
  lab.left()->handle_datagram({stranger, {}, pool.copy({{0x40, 0, 0, 1, 200}})}, lab.world.now());
  lab.world.run_for(0s);
  EXPECT_FALSE(lab.left().saw<Agent::Received>());
  EXPECT_EQ(lab.left().machine.stats().dropped_not_stun, 2U);
}

}  // namespace
}  // namespace lucid::ice
