#include "stun/nat_probe.hpp"

#include <gtest/gtest.h>

#include "sim/actor.hpp"
#include "sim/gateway.hpp"
#include "sim/stun_server.hpp"
#include "sim/world.hpp"

namespace lucid::stun {
namespace {

using namespace std::chrono_literals;
using Dependence = NatProbe::Dependence;

// A laptop behind this box asks a server with two addresses.
NatProbe::Findings probe(std::optional<sim::Nat> nat, sim::Firewall firewall = {}) {
  sim::World world;
  const auto first = *core::Address::parse("198.51.100.1:3478");
  const auto second = *core::Address::parse("198.51.100.2:3479");
  sim::Host& server = world.add_host("server");
  server.connect(world.internet(), "198.51.100.1");
  server.connect(world.internet(), "198.51.100.2");
  server.run(
      [&](core::Context c) { return sim::StunServer{{.address = first, .other = second}, c}; });
  sim::Gateway& box = world.add_gateway({.name = "box",
                                         .address = *core::Ip::parse("203.0.113.1"),
                                         .nat = nat,
                                         .firewall = firewall});
  sim::Host& laptop = world.add_host("laptop");
  const std::string_view ip = nat ? "192.168.1.2" : "203.0.113.1";
  laptop.connect(box.inside(), ip);
  auto& actor =
      laptop.run([&](core::Context c) { return NatProbe{{.server = "198.51.100.1"}, c}; });
  EXPECT_TRUE(world.run_until([&] { return actor.saw<NatProbe::Done>(); }, 30s));
  return actor.first<NatProbe::Done>()->findings;
}

// RFC 5780 4.3, RFC 5780 4.4, RFC 5780 7.4; the names are those of RFC 3489 5.
TEST(NatProbe, TellsTheKindsOfNatApart) {
  EXPECT_EQ(common_name(probe(std::nullopt)), "no NAT");
  EXPECT_EQ(common_name(probe(sim::Nat::full_cone())), "full-cone NAT");
  EXPECT_EQ(common_name(probe(sim::Nat::address_restricted())), "address-restricted cone NAT");
  EXPECT_EQ(common_name(probe(sim::Nat::port_restricted())), "port-restricted cone NAT");
  EXPECT_EQ(common_name(probe(sim::Nat::symmetric())), "symmetric NAT");
  EXPECT_EQ(common_name(probe(sim::Nat::full_cone(), sim::Firewall::no_udp())), "UDP is blocked");
}

TEST(NatProbe, TellsHowMappingsDependOnTheOtherEnd) {
  sim::Nat nat = sim::Nat::symmetric();
  EXPECT_EQ(probe(nat).mapping, Dependence::address_and_port);
  nat.mapping = sim::Nat::Dependence::address;
  EXPECT_EQ(probe(nat).mapping, Dependence::address);
}

// RFC 5780 4.5
TEST(NatProbe, TellsWhetherTheNatTurnsPacketsBack) {
  sim::Nat nat = sim::Nat::full_cone();
  EXPECT_EQ(probe(nat).hairpinning, true);
  nat.hairpinning = false;
  EXPECT_EQ(probe(nat).hairpinning, false);
}

// A probe at 192.0.2.1:5000 whose server is played by hand.
struct HandServer {
  core::SeededRandom random{1};
  core::Pool pool;
  core::Time now{std::chrono::hours{1}};
  NatProbe probe{{.server = "198.51.100.1"}, core::Context{random, pool}};

  HandServer() {
    core::Interface interface;
    interface.ip = *core::Ip::parse("192.0.2.1");
    probe.interfaces({&interface, 1}, now);
    probe.bound({}, *core::Address::parse("192.0.2.1:5000"), now);
  }
  // From where it was asked, whatever was asked for.
  void answer(std::string_view other) {
    const auto asked = probe.poll_transmit();
    ASSERT_TRUE(asked);
    Builder out{pool, Class::success, Method::binding, Message::parse(asked->bytes)->transaction()};
    out.address(AttributeType::xor_mapped_address, *core::Address::parse("192.0.2.1:5000"));
    out.address(AttributeType::other_address, *core::Address::parse(other));
    probe.handle_datagram({asked->path, {}, std::move(out).finish()}, now);
  }
  NatProbe::Findings findings() {
    while (probe.next_timeout()) {
      now = *probe.next_timeout();
      probe.handle_timeout(now);
    }
    NatProbe::Findings found;
    while (const auto event = probe.poll_event()) {
      if (const auto* done = std::get_if<NatProbe::Done>(&*event)) found = done->findings;
    }
    return found;
  }
};

// RFC 5780 7.2: otherwise every NAT would be a full cone.
TEST(NatProbe, AServerThatCannotAnswerFromElsewhereTellsNothingOfFiltering) {
  HandServer server;
  server.answer("198.51.100.2:3479");
  server.answer("198.51.100.2:3479");
  EXPECT_EQ(server.findings().filtering, Dependence::unknown);
}

TEST(NatProbe, AnOtherAddressOfAnotherFamilyIsNotAsked) {
  HandServer server;
  server.answer("[2001:db8::2]:3479");
  EXPECT_FALSE(server.findings().server_has_two_addresses);
}

}  // namespace
}  // namespace lucid::stun
