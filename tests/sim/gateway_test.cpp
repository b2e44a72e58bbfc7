#include "sim/gateway.hpp"

#include <gtest/gtest.h>

#include "tests/sim/puppet.hpp"

namespace lucid::sim {
namespace {

using namespace std::chrono_literals;
using namespace test;

Gateway::Config home_with(Nat nat) {
  return {.name = "home", .address = ip("203.0.113.1"), .nat = nat};
}

TEST(Gateway, AnswersFindTheirWayBackThroughANat) {
  World world;
  Gateway& home = world.add_gateway(home_with(Nat::symmetric()));
  Player& a = add_player(world, home.inside(), "192.168.1.2");
  Player& server = add_player(world, world.internet(), "192.0.2.1");
  a->send(udp("192.168.1.2:5000", "192.0.2.1:5000"), "ping");
  world.run_for(1s);
  ASSERT_TRUE(server.saw<Got>());
  const core::Path seen = server.first<Got>()->path;
  EXPECT_EQ(seen.remote.ip, ip("203.0.113.1"));
  server->send(seen, "pong");
  world.run_for(1s);
  ASSERT_TRUE(a.saw<Got>());
  EXPECT_EQ(a.first<Got>()->path, udp("192.168.1.2:5000", "192.0.2.1:5000"));
}

TEST(Gateway, WhatNobodyAskedForStaysOutside) {
  World world;
  Gateway& home = world.add_gateway(home_with(Nat::port_restricted()));
  Player& a = add_player(world, home.inside(), "192.168.1.2");
  Player& stranger = add_player(world, world.internet(), "192.0.2.1");
  stranger->send(udp("192.0.2.1:5000", "203.0.113.1:5000"), "hello?");
  stranger->send(udp("192.0.2.1:5000", "192.168.1.2:5000"), "a private address");
  world.run_for(1s);
  EXPECT_FALSE(a.saw<Got>());
  EXPECT_EQ(home.stats().refused_in, 1U);
  EXPECT_EQ(world.internet().unroutable(), 1U);
}

TEST(Gateway, TwoHomesPunchHolesForEachOther) {
  World world;
  Gateway& left = world.add_gateway(home_with(Nat::port_restricted()));
  Gateway& right = world.add_gateway({.address = ip("203.0.113.2"), .nat = Nat::port_restricted()});
  Player& a = add_player(world, left.inside(), "192.168.1.2");
  Player& b = add_player(world, right.inside(), "192.168.1.2");
  for (int i = 0; i < 2; ++i) {
    a->send(udp("192.168.1.2:5000", "203.0.113.2:5000"), "from a");
    world.run_for(1s);
    b->send(udp("192.168.1.2:5000", "203.0.113.1:5000"), "from b");
    world.run_for(1s);
  }
  EXPECT_EQ(a.count<Got>(), 2U);
  EXPECT_EQ(b.count<Got>(), 1U);  // the first one found no hole yet
}

// RFC 4787 6
TEST(Gateway, HairpinningReachesTheNeighbourByTheOutsideAddress) {
  for (const bool hairpinning : {true, false}) {
    World world;
    Gateway& home = world.add_gateway(home_with({.hairpinning = hairpinning}));
    Player& a = add_player(world, home.inside(), "192.168.1.2");
    Player& b = add_player(world, home.inside(), "192.168.1.3");
    b->send(udp("192.168.1.3:5000", "192.0.2.1:5000"), "makes a mapping");
    world.run_for(1s);
    a->send(udp("192.168.1.2:5000", "203.0.113.1:5000"), "neighbour");
    world.run_for(1s);
    ASSERT_EQ(b.saw<Got>(), hairpinning);
    if (hairpinning) {
      EXPECT_EQ(b.first<Got>()->path.remote.ip, ip("203.0.113.1"));
    }
  }
}

TEST(Gateway, NatsNest) {
  World world;
  Gateway& carrier = world.add_gateway(home_with(Nat::port_restricted()));
  Gateway& home = world.add_gateway(
      carrier.inside(), {.name = "home", .address = ip("100.64.0.2"), .nat = Nat::full_cone()});
  Player& a = add_player(world, home.inside(), "192.168.1.2");
  Player& server = add_player(world, world.internet(), "192.0.2.1");
  a->send(udp("192.168.1.2:5000", "192.0.2.1:5000"), "ping");
  world.run_for(1s);
  ASSERT_TRUE(server.saw<Got>());
  EXPECT_EQ(server.first<Got>()->path.remote, address("203.0.113.1:5000"));
  server->send(server.first<Got>()->path, "pong");
  world.run_for(1s);
  EXPECT_TRUE(a.saw<Got>());
}

// RFC 6092
TEST(Gateway, V6KeepsItsAddressesAndIsFiltered) {
  World world;
  Gateway& home = world.add_gateway(home_with(Nat::port_restricted()));
  Player& a = add_player(world, home.inside(), "2001:db8:1::2");
  Player& server = add_player(world, world.internet(), "2001:db8:2::1");
  const core::Path in = udp("[2001:db8:2::1]:5000", "[2001:db8:1::2]:5000");
  server->send(in, "unasked");
  world.run_for(1s);
  EXPECT_FALSE(a.saw<Got>());
  a->send(udp("[2001:db8:1::2]:5000", "[2001:db8:2::1]:5000"), "ping");
  world.run_for(1s);
  ASSERT_TRUE(server.saw<Got>());
  EXPECT_EQ(server.first<Got>()->path, in);
  server->send(in, "pong");
  world.run_for(1s);
  EXPECT_TRUE(a.saw<Got>());
}

TEST(Gateway, WithoutANatAddressesPassUnchanged) {
  World world;
  Gateway& office =
      world.add_gateway({.name = "office", .address = ip("198.51.100.1"), .nat = std::nullopt});
  Player& a = add_player(world, office.inside(), "198.51.100.2");
  Player& server = add_player(world, world.internet(), "192.0.2.1");
  server->send(udp("192.0.2.1:5000", "198.51.100.2:5000"), "in");
  a->send(udp("198.51.100.2:5000", "192.0.2.1:5000"), "out");
  world.run_for(1s);
  EXPECT_TRUE(a.saw<Got>());
  EXPECT_EQ(server.first<Got>()->path.remote, address("198.51.100.2:5000"));
}

TEST(Gateway, AFirewallStopsUdpInSilenceOrTells) {
  for (const bool tells : {false, true}) {
    World world;
    Firewall wall = Firewall::only_https();
    wall.tells = tells;
    Gateway& office =
        world.add_gateway({.name = "office", .address = ip("203.0.113.1"), .firewall = wall});
    Player& a = add_player(world, office.inside(), "10.0.0.2");
    Player& server = add_player(world, world.internet(), "192.0.2.1");
    a->send(udp("10.0.0.2:5000", "192.0.2.1:5000"), "out");
    world.run_for(1s);
    EXPECT_FALSE(server.saw<Got>());
    ASSERT_EQ(a.saw<Failed>(), tells);
    if (tells) {
      EXPECT_EQ(a.first<Failed>()->error, core::PathError::not_permitted);
    }
    EXPECT_EQ(office.stats().refused_out, 1U);
  }
}

// RFC 5508 4.2
TEST(Gateway, IcmpErrorsComeBackThroughANat) {
  World world;
  Gateway& home = world.add_gateway(home_with(Nat::symmetric()));
  Player& a = add_player(world, home.inside(), "192.168.1.2");
  add_player(world, world.internet(), "192.0.2.1");
  const core::Path path = udp("192.168.1.2:5000", "192.0.2.1:9");
  a->send(path, "anyone?");
  world.run_for(1s);
  ASSERT_TRUE(a.saw<Failed>());
  EXPECT_EQ(a.first<Failed>()->path, path);
  EXPECT_EQ(a.first<Failed>()->error, core::PathError::refused);
}

}  // namespace
}  // namespace lucid::sim
