// What NATs do to a connection, and what the agents make of it.
#include <gtest/gtest.h>

#include "examples/nat_lab.hpp"

namespace lucid::ice {
namespace {

using namespace std::chrono_literals;

const sim::Nat cone = sim::Nat::port_restricted();

// RFC 8445 5.1.1.2
TEST(IceNat, LearnsItsServerReflexiveAddress) {
  examples::NatLab lab{{.nat = cone}};
  lab.left()->gather(lab.world.now());
  ASSERT_TRUE(lab.world.run_until(
      [&] { return lab.left().machine.gathering_state() == GatheringState::complete; }, 10s));
  Candidate reflexive;
  for (const Candidate& candidate : lab.left().machine.local_candidates()) {
    if (candidate.type == CandidateType::server_reflexive) reflexive = candidate;
  }
  EXPECT_EQ(reflexive.address.ip.text(), "203.0.113.1");
  EXPECT_EQ(reflexive.related->ip.text(), "192.168.1.2");
  EXPECT_EQ(reflexive.url, "stun:stun.example.org");
}

TEST(IceNat, TwoConesConnectOverServerReflexiveCandidates) {
  examples::NatLab lab{{.nat = cone}, {.nat = cone}};
  lab.connect();
  ASSERT_TRUE(lab.run_until_selected());
  EXPECT_EQ(lab.left().last<Agent::Selected>()->path.remote.ip.text(), "203.0.113.2");
}

// RFC 8445 7.3.1.3, RFC 8445 7.2.5.3.1
TEST(IceNat, ASymmetricNatShowsAPeerReflexiveAddress) {
  examples::NatLab lab{{.nat = sim::Nat::symmetric()}, {}};
  lab.connect();
  ASSERT_TRUE(lab.run_until_selected());
  EXPECT_EQ(lab.left().last<Agent::Selected>()->local.type, CandidateType::peer_reflexive);
  EXPECT_EQ(lab.right().last<Agent::Selected>()->remote.type, CandidateType::peer_reflexive);
}

TEST(IceNat, TwoSymmetricNatsFailWithoutARelay) {
  examples::NatLab lab{{.nat = sim::Nat::symmetric()}, {.nat = sim::Nat::symmetric()}};
  lab.connect();
  lab.world.run_for(60s);
  EXPECT_EQ(lab.left().machine.connection_state(), ConnectionState::failed);
  EXPECT_EQ(lab.right().machine.connection_state(), ConnectionState::failed);
}

// RFC 6544 6
TEST(IceNat, WhereUdpIsBlockedTcpConnects) {
  examples::NatLab lab{{.nat = cone, .firewall = sim::Firewall::no_udp()}, {}};
  lab.connect();
  ASSERT_TRUE(lab.run_until_selected());
  EXPECT_EQ(lab.left().last<Agent::Selected>()->path.transport, core::Transport::tcp);
}

// W3C webrtc-pc 4.8.1.3
TEST(IceNat, ReportsAServerThatDoesNotAnswer) {
  Config config;
  config.servers.push_back({.host = "198.51.100.99", .url = "stun:198.51.100.99"});
  examples::NatLab lab{{}, {}, config};
  lab.left()->gather(lab.world.now());
  lab.world.run_for(10s);
  ASSERT_TRUE(lab.left().saw<Agent::ServerFailed>());
  EXPECT_EQ(lab.left().first<Agent::ServerFailed>()->code, 701);
  EXPECT_EQ(lab.left().machine.gathering_state(), GatheringState::complete);
}

}  // namespace
}  // namespace lucid::ice
