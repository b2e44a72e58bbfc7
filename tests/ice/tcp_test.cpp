// TCP candidates (RFC 6544), and IPv6.
#include <gtest/gtest.h>

#include "examples/nat_lab.hpp"

namespace lucid::ice {
namespace {

using namespace std::chrono_literals;
using core::Transport;
using examples::NatLab;

const examples::Home no_udp{.firewall = sim::Firewall::no_udp()};
const examples::Home behind_nat{.nat = sim::Nat::port_restricted(),
                                .firewall = sim::Firewall::no_udp()};

bool connects_over_tcp(NatLab& lab) {
  lab.connect();
  if (!lab.run_until_selected()) return false;
  return lab.left().last<Agent::Selected>()->path.transport == Transport::tcp &&
         lab.right().last<Agent::Selected>()->path.transport == Transport::tcp;
}

// RFC 6544 6.2: whoever can be reached is passive; the controlling side or the other.
TEST(IceTcp, EitherSideMayBeTheOneThatIsReached) {
  NatLab to_right{behind_nat, no_udp};
  EXPECT_TRUE(connects_over_tcp(to_right));
  NatLab to_left{no_udp, behind_nat};
  EXPECT_TRUE(connects_over_tcp(to_left));
}

// Both are active and passive: two connections meet, and one pair is selected on both sides.
TEST(IceTcp, TwoSidesThatConnectToEachOtherAtOnceAgreeOnOneConnection) {
  NatLab lab{no_udp, no_udp};
  ASSERT_TRUE(connects_over_tcp(lab));
  lab.world.run_for(5s);
  const core::Path left = *lab.left().machine.path();
  const core::Path right = *lab.right().machine.path();
  EXPECT_EQ(left.local, right.remote);
  EXPECT_EQ(left.remote, right.local);
}

// RFC 6544 7.1: two behind NATs are both active only, and nobody answers.
TEST(IceTcp, TwoBehindNatsDoNotMeet) {
  NatLab lab{behind_nat, behind_nat};
  EXPECT_FALSE(connects_over_tcp(lab));
}

// RFC 7675 5.1, RFC 6544 10.1
TEST(IceTcp, AConnectionThatBreaksIsNoticed) {
  NatLab lab{behind_nat, no_udp};
  ASSERT_TRUE(connects_over_tcp(lab));
  lab.right()->close(lab.world.now());
  EXPECT_TRUE(lab.world.run_until(
      [&] { return lab.left().machine.connection_state() > ConnectionState::completed; }, 60s));
}

// RFC 6544 4.5: simultaneous open is not offered, and a peer's is left alone.
TEST(IceTcp, SimultaneousOpenCandidatesArePassedOver) {
  NatLab lab;
  lab.connect();
  Candidate candidate;
  candidate.transport = Transport::tcp;
  candidate.tcp_type = TcpType::simultaneous_open;
  candidate.address = *core::Address::parse("198.51.100.99:4000");
  candidate.foundation = "9";
  lab.left()->add_remote_candidate(candidate, lab.world.now());
  ASSERT_TRUE(lab.run_until_selected());
  for (const PairStats& pair : lab.left().machine.pairs()) {
    EXPECT_NE(pair.path.remote, candidate.address);
  }
}

TEST(IceTcp, SixthVersionAloneConnectsOverEachTransport) {
  for (const bool udp : {true, false}) {
    NatLab lab;
    for (auto* side : {&lab.left(), &lab.right()}) {
      const bool left = side == &lab.left();
      side->host().down(left ? "203.0.113.1" : "203.0.113.2");
      sim::Attachment& wire =
          side->host().connect(lab.world.internet(), left ? "2001:db8::1" : "2001:db8::2",
                               sim::Access::both({.delay = 10ms}));
      wire.up.filter(
          [udp](sim::Packet& packet) { return udp || packet.path.transport != Transport::udp; });
    }
    lab.connect();
    ASSERT_TRUE(lab.run_until_selected());
    const core::Path path = *lab.left().machine.path();
    EXPECT_EQ(path.local.family(), core::Family::v6);
    EXPECT_EQ(path.transport, udp ? Transport::udp : Transport::tcp);
  }
}

// An agent with one address, whose edge never answers: which connections it has asked for.
struct Connections {
  core::SeededRandom random{1};
  core::Pool pool;
  core::Time now{std::chrono::hours{1}};
  Agent agent{{.udp = false, .pacing = 0ms}, core::Context{random, pool}};
  std::size_t open = 0;

  Connections() {
    core::Interface interface;
    interface.ip = *core::Ip::parse("192.0.2.1");
    agent.interfaces({&interface, 1}, now);
    agent.gather(now);
    agent.set_remote_credentials({"peer", "peerpasswordpeerpassword"}, now);
  }
  void add_candidate(std::uint32_t i) {
    Candidate candidate;
    candidate.transport = Transport::tcp;
    candidate.tcp_type = TcpType::passive;
    candidate.address = {core::Ip::v4(0xC6336400U + i), 7000};
    candidate.priority = 1'000'000 + i;
    candidate.foundation = std::to_string(i);
    agent.add_remote_candidate(candidate, now);
    count();
  }
  void count() {
    while (const auto event = agent.poll_event()) {
      const auto* effect = std::get_if<core::Effect>(&*event);
      if (effect == nullptr) continue;
      if (std::holds_alternative<core::OpenStream>(*effect)) ++open;
      if (std::holds_alternative<core::CloseStream>(*effect)) --open;
    }
  }
};

TEST(IceTcp, AnotherAnswerClosesTheConnectionsOfTheOneBefore) {
  Connections agent;
  for (std::uint32_t i = 0; i < 5; ++i) agent.add_candidate(i);
  EXPECT_EQ(agent.open, 5U);
  agent.agent.set_remote_credentials({"else", "elsepasswordelsepassword"}, agent.now);
  agent.count();
  EXPECT_EQ(agent.open, 0U);
}

TEST(IceTcp, APairThatGivesWayClosesItsConnection) {
  Connections agent;
  for (std::uint32_t i = 0; i < 256; ++i) agent.add_candidate(i);
  ASSERT_EQ(agent.open, 256U);
  core::Interface two[2];
  two[0].ip = *core::Ip::parse("192.0.2.1");
  two[1].ip = *core::Ip::parse("192.0.2.2");
  two[1].index = 1;
  agent.agent.interfaces(two, agent.now);
  agent.count();
  EXPECT_GT(agent.agent.stats().pairs_evicted, 0U);
  EXPECT_EQ(agent.open, agent.agent.pairs().size());
}

}  // namespace
}  // namespace lucid::ice
