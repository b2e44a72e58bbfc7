#include "sim/world.hpp"

#include <gtest/gtest.h>

#include "sim/schedule.hpp"
#include "tests/sim/echo.hpp"
#include "tests/sim/puppet.hpp"

namespace lucid::sim {
namespace {

using namespace std::chrono_literals;
using namespace test;

auto asker(std::uint8_t questions) {
  return [=](core::Context context) { return PathAsker{questions, context}; };
}
PathEcho echo(core::Context context) { return PathEcho{context}; }

TEST(World, DatagramsCrossTheInternet) {
  World world;
  Host& a = world.add_host("a");
  Host& b = world.add_host("b");
  a.connect(world.internet(), "192.0.2.1", Access::both({.delay = 20ms}));
  b.connect(world.internet(), "192.0.2.2", Access::both({.delay = 5ms}));
  auto& left = a.run(asker(1));
  auto& right = b.run(echo);
  a.bind(left, address("192.0.2.1:1000"));
  b.bind(right, address("192.0.2.2:2000"));
  left->start(world.now());
  ASSERT_TRUE(world.run_until([&] { return left.saw<Answered>(); }, 1s));
  EXPECT_EQ(world.now(), virtual_start + 50ms);
  EXPECT_EQ(right.first<Heard>()->path.text(), "udp 192.0.2.2:2000 -> 192.0.2.1:1000");
  EXPECT_EQ(right.first<Heard>()->ecn, core::Ecn::ect1);
}

TEST(World, RunsOnToTheLimitWhenNothingHappens) {
  World world;
  EXPECT_FALSE(world.run_until([] { return false; }, 10s));
  EXPECT_EQ(world.now(), virtual_start + 10s);
}

TEST(World, ScriptedActionsComeInTheirOrder) {
  World world;
  std::string order;
  world.after(2s, [&] { order += 'b'; });
  world.after(1s, [&] {
    order += 'a';
    world.after(5s, [&] { order += 'd'; });
  });
  world.at(world.now() + 2s, [&] { order += 'c'; });
  world.run_for(10s);
  EXPECT_EQ(order, "abcd");
}

// RFC 6335 6
TEST(World, ASocketIsBoundWhereItWasAskedFor) {
  World world;
  Player& player = add_player(world, world.internet(), "192.0.2.1");
  player->ask(core::BindUdp{core::SocketId{1}, address("192.0.2.1:0")});
  player->ask(core::BindUdp{core::SocketId{2}, address("192.0.2.1:7000")});
  world.run_for(1ms);
  ASSERT_EQ(player.count<BoundTo>(), 2U);
  EXPECT_GE(player.first<BoundTo>()->local.port, 49152);
  EXPECT_EQ(player.last<BoundTo>()->local, address("192.0.2.1:7000"));
  player->ask(core::BindUdp{core::SocketId{3}, address("192.0.2.1:7000")});
  player->ask(core::BindUdp{core::SocketId{4}, address("192.0.2.9:0")});
  world.run_for(1ms);
  EXPECT_EQ(player.count<Refused>(), 2U);
}

TEST(World, AClosedSocketRefusesAndTheSenderIsTold) {
  World world;
  Player& a = add_player(world, world.internet(), "192.0.2.1", {.delay = 10ms});
  Player& b = add_player(world, world.internet(), "192.0.2.2", {.delay = 10ms});
  b->ask(core::BindUdp{core::SocketId{1}, address("192.0.2.2:7000")});
  world.run_for(1ms);
  b->ask(core::CloseUdp{core::SocketId{1}});
  const core::Path path = udp("192.0.2.1:5000", "192.0.2.2:7000");
  a->send(path, "anyone?");
  world.run_for(100ms);
  ASSERT_TRUE(a.saw<Failed>());
  EXPECT_EQ(a.first<Failed>()->path, path);
  EXPECT_EQ(a.first<Failed>()->error, core::PathError::refused);
  EXPECT_FALSE(b.saw<Got>());
}

TEST(World, SendingWithoutSocketInterfaceOrRoomIsAnError) {
  World world;
  Player& a = add_player(world, world.internet(), "192.0.2.1", {.mtu = 1500});
  a->send(udp("192.0.2.1:4999", "192.0.2.2:1"), "no such socket");
  a->send(udp("192.0.2.3:5000", "192.0.2.2:1"), "no such interface");
  a->send({core::Transport::udp, address("192.0.2.1:5000"), address("[2001:db8::1]:1")}, "mixed");
  a->send(udp("192.0.2.1:5000", "192.0.2.2:1"), std::string(1473, 'x'));
  world.run_for(1s);
  ASSERT_EQ(a.count<Failed>(), 4U);
  EXPECT_EQ(a.first<Failed>()->error, core::PathError::unreachable);
  EXPECT_EQ(a.last<Failed>()->error, core::PathError::too_big);
}

TEST(World, MachinesOfOneHostReachEachOther) {
  World world;
  Player& a = add_player(world, world.internet(), "192.0.2.1");
  Player& b = a.host().run([](core::Context c) { return Puppet{c}; });
  a.host().bind(b, address("192.0.2.1:6000"));
  a->send(udp("192.0.2.1:5000", "192.0.2.1:6000"), "neighbour");
  world.run_for(1s);
  ASSERT_TRUE(b.saw<Got>());
  EXPECT_EQ(b.first<Got>()->path.remote, address("192.0.2.1:5000"));
}

TEST(World, AnInterfaceGoesDownAndComesUp) {
  World world;
  Player& a = add_player(world, world.internet(), "192.0.2.1");
  Player& b = add_player(world, world.internet(), "192.0.2.2");
  a.host().connect(world.internet(), "2001:db8::1", {}, "wlan0", core::NetworkType::wifi);
  world.run_for(1s);
  EXPECT_EQ(a.last<InterfacesAre>()->count, 2U);
  a.host().down("192.0.2.1");
  b->send(udp("192.0.2.2:5000", "192.0.2.1:5000"), "lost");
  a->send(udp("192.0.2.1:5000", "192.0.2.2:5000"), "not sent");
  world.run_for(1s);
  EXPECT_EQ(a.last<InterfacesAre>()->count, 1U);
  EXPECT_EQ(a.last<Failed>()->error, core::PathError::unreachable);
  EXPECT_FALSE(a.saw<Got>());
  a.host().up("192.0.2.1");
  b->send(udp("192.0.2.2:5000", "192.0.2.1:5000"), "here again");
  world.run_for(1s);
  EXPECT_EQ(a.last<InterfacesAre>()->count, 2U);
  EXPECT_EQ(a.last<Got>()->text, "here again");
}

TEST(World, NamesResolveAfterAWhileAndUnknownOnesToNothing) {
  World world;
  world.name("stun.example", {ip("192.0.2.9"), ip("2001:db8::9")});
  world.resolve_takes(30ms);
  Player& a = add_player(world, world.internet(), "192.0.2.1");
  a->ask(core::Resolve{core::ResolveId{1}, "stun.example"});
  ASSERT_TRUE(world.run_until([&] { return a.saw<ResolvedTo>(); }, 1s));
  EXPECT_EQ(world.now(), virtual_start + 30ms);
  EXPECT_EQ(a.last<ResolvedTo>()->addresses.size(), 2U);
  a->ask(core::Resolve{core::ResolveId{2}, "nowhere.example"});
  world.run_for(1s);
  EXPECT_TRUE(a.last<ResolvedTo>()->addresses.empty());
}

// RFC 6762 3
TEST(World, LocalNamesAreKnownOnTheirNetworkOnly) {
  World world;
  Gateway& home = world.add_gateway({.name = "home", .address = ip("203.0.113.1")});
  Player& a = add_player(world, home.inside(), "192.168.1.2");
  Player& b = add_player(world, home.inside(), "192.168.1.3");
  Player& far = add_player(world, world.internet(), "192.0.2.1");
  a->ask(core::PublishName{"abc.local", ip("192.168.1.2")});
  b->ask(core::Resolve{core::ResolveId{1}, "abc.local"});
  far->ask(core::Resolve{core::ResolveId{1}, "abc.local"});
  world.run_for(1s);
  EXPECT_EQ(b.last<ResolvedTo>()->addresses, std::vector{ip("192.168.1.2")});
  EXPECT_TRUE(far.last<ResolvedTo>()->addresses.empty());
  a->ask(core::WithdrawName{"abc.local"});
  b->ask(core::Resolve{core::ResolveId{2}, "abc.local"});
  world.run_for(1s);
  EXPECT_TRUE(b.last<ResolvedTo>()->addresses.empty());
}

TEST(World, ALinkFollowsItsSchedule) {
  World world;
  Player& a = add_player(world, world.internet(), "192.0.2.1");
  Host& host = world.add_host("b");
  Attachment& link = host.connect(world.internet(), "192.0.2.2");
  Player& b = host.run([](core::Context c) { return Puppet{c}; });
  host.bind(b, address("192.0.2.2:5000"));
  follow(world, link.down, *Schedule::parse("0 delay=10ms\n1 loss=100%\n2 loss=0 delay=70ms"));
  for (const auto wait : {500ms, 1000ms, 1000ms}) {
    world.run_for(wait);
    a->send(udp("192.0.2.1:5000", "192.0.2.2:5000"), "tick");
  }
  world.run_for(1s);
  ASSERT_EQ(b.count<Got>(), 2U);
  EXPECT_EQ(b.time_of<Got>(), virtual_start + 510ms);
  EXPECT_EQ(link.down.stats().lost, 1U);
}

TEST(World, ALinkFollowsATrace) {
  World world;
  Player& a = add_player(world, world.internet(), "192.0.2.1");
  Host& host = world.add_host("b");
  Attachment& link = host.connect(world.internet(), "192.0.2.2");
  Player& b = host.run([](core::Context c) { return Puppet{c}; });
  host.bind(b, address("192.0.2.2:5000"));
  follow(world, link.down, *Schedule::parse("100\n400\n"));
  a->send(udp("192.0.2.1:5000", "192.0.2.2:5000"), std::string(1400, 'a'));
  a->send(udp("192.0.2.1:5000", "192.0.2.2:5000"), std::string(1400, 'b'));
  world.run_for(1s);
  ASSERT_EQ(b.count<Got>(), 2U);
  EXPECT_EQ(b.time_of<Got>(), virtual_start + 100ms);
  EXPECT_EQ(b.events.back().time, virtual_start + 400ms);
}

// Everything that a world reports, as one number.
struct Digest final : core::trace::Sink {
  void report(const core::trace::Report& report) override {
    const auto* packet = std::get_if<core::trace::Packet>(&report);
    if (packet == nullptr) return;
    add(core::as_bytes(packet->path.text()));
    add(packet->bytes);
    add(core::as_bytes(std::to_string(packet->time.time_since_epoch().count())));
    ++packets;
  }
  void add(core::Bytes bytes) {
    for (const std::uint8_t byte : bytes) value = (value ^ byte) * 0x100000001B3;
  }
  std::uint64_t value = 0xCBF29CE484222325;
  int packets = 0;
};

std::uint64_t digest_of_run(Seed seed) {
  Digest digest;
  World world{seed, &digest};
  Host& a = world.add_host("a");
  Host& b = world.add_host("b");
  const Link rough{.delay = 20ms, .jitter = 10ms, .loss = 0.1, .reorder = 0.1, .duplicate = 0.1};
  a.connect(world.internet(), "192.0.2.1", Access::both(rough));
  b.connect(world.internet(), "192.0.2.2", Access::both(rough));
  auto& left = a.run(asker(100));
  auto& right = b.run(echo);
  a.bind(left, address("192.0.2.1:1000"));
  b.bind(right, address("192.0.2.2:2000"));
  left->start(world.now());
  world.run_for(1min);
  EXPECT_GT(digest.packets, 400);
  return digest.value;
}

TEST(World, TwoRunsOfOneSeedGiveIdenticalTraces) {
  EXPECT_EQ(digest_of_run(Seed{1}), digest_of_run(Seed{1}));
  EXPECT_NE(digest_of_run(Seed{1}), digest_of_run(Seed{2}));
}

TEST(World, ASocketBoundToAnyAddressAnswersFromTheOneThatWasAsked) {
  World world;
  Host& host = world.add_host("server");
  host.connect(world.internet(), "192.0.2.1", {});
  host.connect(world.internet(), "192.0.2.2", {});
  Player& server = host.run([](core::Context c) { return Puppet{c}; });
  host.bind(server, address("0.0.0.0:5000"));
  Player& client = add_player(world, world.internet(), "192.0.2.9");
  client->send(udp("192.0.2.9:5000", "192.0.2.2:5000"), "who?");
  ASSERT_TRUE(world.run_until([&] { return server.saw<Got>(); }, 1s));
  server->send(server.first<Got>()->path, "me");
  EXPECT_TRUE(world.run_until([&] { return client.saw<Got>(); }, 1s));
  EXPECT_EQ(client.first<Got>()->path.remote.text(), "192.0.2.2:5000");
  // It also hears of what came of its datagrams.
  server->send(udp("192.0.2.2:5000", "192.0.2.9:7"), "nobody there");
  EXPECT_TRUE(world.run_until([&] { return server.saw<Failed>(); }, 1s));
  EXPECT_EQ(server.first<Failed>()->error, core::PathError::refused);
}

}  // namespace
}  // namespace lucid::sim
