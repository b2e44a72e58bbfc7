#include "sim/stream.hpp"

#include <gtest/gtest.h>

#include "tests/sim/puppet.hpp"

namespace lucid::sim {
namespace {

using namespace std::chrono_literals;
using namespace test;
using core::Transport;

constexpr core::StreamId id{7};

// A client and a server that listens on port 443, with `link` to each.
struct Pair {
  explicit Pair(Link link = {.delay = 10ms}, Seed seed = default_seed())
      : world{seed},
        client{add_player(world, world.internet(), "192.0.2.1", link)},
        server{add_player(world, world.internet(), "192.0.2.2", link)} {
    server->ask(core::Listen{id, core::Framing::stun, address("192.0.2.2:443")});
    world.run_for(0s);
  }
  void open(Transport transport = Transport::tcp, std::string name = "", std::uint16_t port = 443) {
    client->ask(core::OpenStream{id,
                                 transport,
                                 core::Framing::stun,
                                 address("0.0.0.0:0"),
                                 {ip("192.0.2.2"), port},
                                 std::move(name)});
  }
  World world;
  Player& client;
  Player& server;
};

TEST(Stream, OpensAfterOneRoundTripAndCarriesMessagesBothWays) {
  Pair pair;
  pair.open();
  ASSERT_TRUE(pair.world.run_until([&] { return pair.client.saw<OpenedAs>(); }, 1s));
  EXPECT_EQ(pair.world.now(), virtual_start + 40ms);
  const core::Path path = pair.client.first<OpenedAs>()->path;
  EXPECT_EQ(path.remote, address("192.0.2.2:443"));
  pair.client->send(path, "hello");
  pair.world.run_for(1s);
  ASSERT_TRUE(pair.server.saw<Got>());
  EXPECT_EQ(pair.server.first<Got>()->text, "hello");
  pair.server->send(pair.server.first<Got>()->path, "welcome");
  pair.world.run_for(1s);
  EXPECT_EQ(pair.client.first<Got>()->text, "welcome");
}

TEST(Stream, KeepsOrderAndContentThroughLoss) {
  for (const Seed seed : seeds(5)) {
    Pair pair{{.delay = 10ms, .loss = 0.1, .reorder = 0.1, .duplicate = 0.1}, seed};
    pair.open();
    ASSERT_TRUE(pair.world.run_until([&] { return pair.client.saw<OpenedAs>(); }, 1min));
    const core::Path path = pair.client.first<OpenedAs>()->path;
    for (std::size_t i = 0; i < 200; ++i) {
      pair.client->send(path, std::string(i * 40, static_cast<char>('a' + i % 26)));
    }
    ASSERT_TRUE(pair.world.run_until([&] { return pair.server.count<Got>() == 200; }, 2min));
    std::size_t i = 0;
    for (const auto& [time, event] : pair.server.events) {
      const Got* got = std::get_if<Got>(&event);
      if (got == nullptr) continue;
      EXPECT_EQ(got->text, std::string(i * 40, static_cast<char>('a' + i % 26)));
      ++i;
    }
  }
}

// RFC 5681 3.2, RFC 6582 3.2, RFC 6298 2.1
TEST(Stream, OneLossInAStreamCostsAboutARoundTripAndNotATimeout) {
  Pair pair{{.delay = 50ms}};
  pair.open();
  ASSERT_TRUE(pair.world.run_until([&] { return pair.client.saw<OpenedAs>(); }, 1s));
  const core::Path path = pair.client.first<OpenedAs>()->path;
  Host& host = pair.client.host();
  bool dropped = false;
  host.attachment("192.0.2.1").up.filter([&](Packet& packet) {
    return packet.segment.sequence != 2 || std::exchange(dropped, true);
  });
  const core::Time start = pair.world.now();
  for (int i = 0; i < 8; ++i) pair.client->send(path, "x");
  ASSERT_TRUE(pair.world.run_until([&] { return pair.server.count<Got>() == 8; }, 5s));
  EXPECT_TRUE(dropped);
  EXPECT_LE(pair.world.now() - start, 301ms);
}

TEST(Stream, APortWithoutAListenerRefuses) {
  Pair pair;
  pair.open(Transport::tcp, "", 444);
  pair.world.run_for(1s);
  ASSERT_TRUE(pair.client.saw<ClosedBy>());
  EXPECT_EQ(pair.client.first<ClosedBy>()->error, core::PathError::refused);
}

TEST(Stream, SilenceTimesOut) {
  Pair pair;
  pair.server.host().down("192.0.2.2");
  pair.open();
  ASSERT_TRUE(pair.world.run_until([&] { return pair.client.saw<ClosedBy>(); }, 2min));
  EXPECT_EQ(pair.client.first<ClosedBy>()->error, core::PathError::timed_out);
}

// RFC 5681 3.1, RFC 6298 5.4
TEST(Stream, AConnectionThatGoesSilentEndsOnBothSides) {
  Pair pair;
  pair.open();
  ASSERT_TRUE(pair.world.run_until([&] { return pair.client.saw<OpenedAs>(); }, 1s));
  const core::Path path = pair.client.first<OpenedAs>()->path;
  pair.server.host().down("192.0.2.2");
  pair.client->send(path, "into the void");
  ASSERT_TRUE(pair.world.run_until([&] { return pair.client.saw<ClosedBy>(); }, 10min));
  EXPECT_EQ(pair.client.first<ClosedBy>()->error, core::PathError::timed_out);
}

TEST(Stream, ClosingSendsTheRestAndTellsTheOtherEnd) {
  Pair pair;
  pair.open();
  ASSERT_TRUE(pair.world.run_until([&] { return pair.client.saw<OpenedAs>(); }, 1s));
  const core::Path path = pair.client.first<OpenedAs>()->path;
  pair.client->send(path, std::string(100'000, 'x'));
  pair.client->ask(core::CloseStream{id});
  pair.world.run_for(10s);
  ASSERT_TRUE(pair.server.saw<Got>());
  EXPECT_EQ(pair.server.first<Got>()->text.size(), 100'000U);
  ASSERT_TRUE(pair.server.saw<Failed>());
  EXPECT_EQ(pair.server.first<Failed>()->error, core::PathError::closed);
  EXPECT_FALSE(pair.client.saw<ClosedBy>());
  pair.client->send(path, "too late");
  pair.world.run_for(1s);
  EXPECT_EQ(pair.client.first<Failed>()->error, core::PathError::closed);
}

TEST(Stream, TlsTakesOneMoreRoundTripAndChecksTheName) {
  Pair pair;
  pair.server.host().certify("turn.example");
  pair.open(Transport::tls, "turn.example");
  ASSERT_TRUE(pair.world.run_until([&] { return pair.client.saw<OpenedAs>(); }, 1s));
  EXPECT_EQ(pair.world.now(), virtual_start + 80ms);
  const core::Path path = pair.client.first<OpenedAs>()->path;
  pair.client->send(path, "inside");
  pair.world.run_for(1s);
  EXPECT_EQ(pair.server.first<Got>()->text, "inside");
}

TEST(Stream, TlsRefusesAServerOfAnotherName) {
  Pair pair;
  pair.server.host().certify("someone.else");
  pair.open(Transport::tls, "turn.example");
  pair.world.run_for(1s);
  ASSERT_TRUE(pair.client.saw<ClosedBy>());
  EXPECT_EQ(pair.client.first<ClosedBy>()->error, core::PathError::bad_certificate);
  EXPECT_FALSE(pair.client.saw<OpenedAs>());
}

TEST(Stream, PassesAFirewallThatLetsHttpsOutAlone) {
  World world;
  Gateway& office = world.add_gateway(
      {.name = "office", .address = ip("203.0.113.1"), .firewall = Firewall::only_https()});
  Player& client = add_player(world, office.inside(), "10.0.0.2");
  Player& server = add_player(world, world.internet(), "192.0.2.2");
  for (const std::uint16_t port : {std::uint16_t{443}, std::uint16_t{3478}}) {
    server->ask(core::Listen{id, core::Framing::stun, {ip("192.0.2.2"), port}});
    world.run_for(0s);
    client->ask(core::OpenStream{core::StreamId{port},
                                 Transport::tcp,
                                 core::Framing::stun,
                                 address("10.0.0.2:0"),
                                 {ip("192.0.2.2"), port},
                                 ""});
  }
  world.run_for(2min);
  ASSERT_EQ(client.count<OpenedAs>(), 1U);
  EXPECT_EQ(client.count<ClosedBy>(), 1U);
  EXPECT_EQ(client.first<OpenedAs>()->path.remote.port, 443);
}

}  // namespace
}  // namespace lucid::sim
