#include "sim/turn_server.hpp"

#include <gtest/gtest.h>

#include "tests/sim/turn_client.hpp"

namespace lucid::sim {
namespace {

using namespace std::chrono_literals;
using namespace test;
using stun::AttributeType;
using stun::Builder;
using stun::Method;

class TurnServerTest : public testing::Test {
 protected:
  // Each start is a new server, on an address of its own; clients made later go there.
  void start(TurnServer::Config config = {}) {
    const core::Ip v4 = core::Ip::v4(0xC6336400U + ++servers);  // 198.51.100.n
    at = {v4, 3478};
    config.addresses = {at};
    config.tls_addresses = {{v4, 5349}};
    if (config.relays.empty()) config.relays = {v4};
    config.credentials.users = {{"user", "secret"}, {"other", "word"}};
    Host& host = world.add_host("turn");
    host.connect(world.internet(), v4.text());
    host.connect(world.internet(), "2001:db8::1");
    server = &host.run([=](core::Context c) { return TurnServer{config, c}; });
    world.run_for(0s);
  }
  TurnClient client_at(std::string_view ip, std::string username = "user",
                       std::string password = "secret") {
    Player& player = add_player(world, world.internet(), ip);
    return {world, player, {core::Transport::udp, {test::ip(ip), 5000}, at}, username, password};
  }
  std::uint64_t errors(stun::ErrorCode code) { return server->machine.stats().errors.at(code); }
  World world;
  Actor<TurnServer>* server = nullptr;
  std::uint32_t servers = 0;
  core::Address at;
};

// RFC 8656 7.2, RFC 8489 9.2.4
TEST_F(TurnServerTest, AllocatesAfterAChallenge) {
  start();
  TurnClient client = client_at("192.0.2.1");
  const auto answer = client.allocate();
  ASSERT_EQ(answer.code, 0);
  EXPECT_EQ(errors(stun::ErrorCode::unauthenticated), 1U);
  EXPECT_EQ(client.relayed.ip, ip("198.51.100.1"));
  EXPECT_GE(client.relayed.port, 49152);
  EXPECT_EQ(answer.message().mapped_address(), address("192.0.2.1:5000"));
  EXPECT_EQ(answer.message().u32(AttributeType::lifetime), 600U);
  EXPECT_EQ(client.credentials().check(answer.message()), stun::Integrity::valid);
}

// RFC 8656 9, RFC 8656 10.2, RFC 8656 11.2, RFC 8656 11.3
TEST_F(TurnServerTest, IndicationsPassToAndFromPermittedPeers) {
  start();
  TurnClient client = client_at("192.0.2.1");
  Player& peer = add_player(world, world.internet(), "192.0.2.9");
  client.allocate();
  const core::Address peer_address = address("192.0.2.9:5000");
  client.send_to(peer_address, "too early");
  EXPECT_FALSE(peer.saw<Got>());
  ASSERT_EQ(client.permit(peer_address).code, 0);
  client.send_to(peer_address, "hello");
  ASSERT_TRUE(peer.saw<Got>());
  EXPECT_EQ(peer.first<Got>()->text, "hello");
  EXPECT_EQ(peer.first<Got>()->path.remote, client.relayed);
  peer->send(peer.first<Got>()->path, "answer");
  world.run_for(100ms);
  const auto data = TurnClient::Answer{0, client.player().last<Got>()->text};
  EXPECT_EQ(data.message().method(), Method::data);
  EXPECT_EQ(data.message().text(AttributeType::data), "answer");
  EXPECT_EQ(data.message().address(AttributeType::xor_peer_address), peer_address);
}

// RFC 8656 12.2, RFC 8656 12.6, RFC 8656 12.7
TEST_F(TurnServerTest, ChannelsCarryDataBothWays) {
  start();
  TurnClient client = client_at("192.0.2.1");
  Player& peer = add_player(world, world.internet(), "192.0.2.9");
  client.allocate();
  ASSERT_EQ(client.bind_channel(0x4000, address("192.0.2.9:5000")).code, 0);
  client.send_on(0x4000, "by channel");
  ASSERT_TRUE(peer.saw<Got>());
  EXPECT_EQ(peer.first<Got>()->text, "by channel");
  peer->send(peer.first<Got>()->path, "back");
  world.run_for(100ms);
  EXPECT_EQ(core::to_hex(core::as_bytes(client.player().last<Got>()->text)), "400000046261636b");
}

// RFC 8656 12.2
TEST_F(TurnServerTest, AChannelHasOnePeerAndAPeerOneChannel) {
  start();
  TurnClient client = client_at("192.0.2.1");
  client.allocate();
  const core::Address a = address("192.0.2.9:5000");
  EXPECT_EQ(client.bind_channel(0x4000, a).code, 0);
  EXPECT_EQ(client.bind_channel(0x4000, a).code, 0);
  EXPECT_EQ(client.bind_channel(0x4001, a).code, 400);
  EXPECT_EQ(client.bind_channel(0x4000, address("192.0.2.9:5001")).code, 400);
  EXPECT_EQ(client.bind_channel(0x5000, address("192.0.2.8:5000")).code, 400);
  EXPECT_EQ(client.bind_channel(0x4002, address("127.0.0.1:5000")).code, 403);
}

// RFC 8656 9, 12
TEST_F(TurnServerTest, PermissionsLastFiveMinutesAndChannelsTen) {
  start({.longest = 2h});
  TurnClient client = client_at("192.0.2.1");
  Player& peer = add_player(world, world.internet(), "192.0.2.9");
  client.allocate([](Builder& out) { out.u32(AttributeType::lifetime, 7200); });
  client.bind_channel(0x4000, address("192.0.2.9:5000"));
  client.send_on(0x4000, "hole");
  const core::Path back = peer.first<Got>()->path;
  world.run_for(5min);
  const std::size_t before = client.player().count<Got>();
  peer->send(back, "no permission any more");
  world.run_for(1s);
  EXPECT_EQ(client.player().count<Got>(), before);
  client.send_on(0x4000, "still open");
  EXPECT_EQ(peer.count<Got>(), 2U);
  world.run_for(5min);
  client.send_on(0x4000, "closed");
  EXPECT_EQ(peer.count<Got>(), 2U);
}

// RFC 8656 8
TEST_F(TurnServerTest, AllocationsEndByTimeOrByRefreshWithZero) {
  start();
  TurnClient client = client_at("192.0.2.1");
  client.allocate();
  world.run_for(590s);
  EXPECT_EQ(client.ask(Method::refresh).code, 0);
  world.run_for(590s);
  EXPECT_EQ(server->machine.allocations(), 1U);
  world.run_for(11s);
  EXPECT_EQ(server->machine.allocations(), 0U);
  EXPECT_EQ(client.ask(Method::refresh).code, 437);
  client.allocate();
  EXPECT_EQ(
      client.ask(Method::refresh, [](Builder& out) { out.u32(AttributeType::lifetime, 0); }).code,
      0);
  EXPECT_EQ(server->machine.allocations(), 0U);
}

// RFC 8656 7.2
TEST_F(TurnServerTest, TheSameRequestIsAnsweredAgainAndAnotherRefused) {
  start();
  TurnClient client = client_at("192.0.2.1");
  client.allocate();
  const auto again = [](Builder& out) { out.requested_transport(17); };
  const stun::TransactionId id{42};
  EXPECT_EQ(client.ask_once(Method::allocate, again, id).code, 437);
  TurnClient second = client_at("192.0.2.2");
  second.ask(Method::allocate, again, false);
  EXPECT_EQ(second.allocate().code, 0);
  EXPECT_EQ(server->machine.allocations(), 2U);
}

// RFC 8489 9.2.4
TEST_F(TurnServerTest, AStaleNonceIsRenewedAndWrongPasswordsStayOut) {
  start({.credentials = {.nonce_lifetime = 30s}});
  TurnClient client = client_at("192.0.2.1");
  client.allocate();
  world.run_for(31s);
  EXPECT_EQ(client.ask(Method::refresh, {}, false).code, 438);
  EXPECT_EQ(client.ask(Method::refresh).code, 0);
  TurnClient impostor = client_at("192.0.2.2", "user", "guess");
  EXPECT_EQ(impostor.allocate().code, 401);
  TurnClient stranger = client_at("192.0.2.3", "nobody", "secret");
  EXPECT_EQ(stranger.allocate().code, 401);
}

// RFC 8489 9.2.4
TEST_F(TurnServerTest, Sha256AndHashedUserNames) {
  start({.credentials = {.algorithms = true}});
  TurnClient client = client_at("192.0.2.1");
  const auto answer = client.allocate();
  ASSERT_EQ(answer.code, 0);
  EXPECT_TRUE(answer.message().has(AttributeType::message_integrity_sha256));
  EXPECT_EQ(client.credentials().check(answer.message()), stun::Integrity::valid);
}

// RFC 8656 5
TEST_F(TurnServerTest, AnAllocationObeysItsOwnerOnly) {
  start();
  TurnClient owner = client_at("192.0.2.1");
  owner.allocate();
  TurnClient thief{world, owner.player(), udp("192.0.2.1:5000", "198.51.100.1:3478"), "other",
                   "word"};
  EXPECT_EQ(thief.ask(Method::refresh).code, 441);
}

// RFC 8656 7.2
TEST_F(TurnServerTest, QuotaAndCapacityAreToldApart) {
  start({.quota = 1, .capacity = 2});
  EXPECT_EQ(client_at("192.0.2.1").allocate().code, 0);
  EXPECT_EQ(client_at("192.0.2.2").allocate().code, 486);
  EXPECT_EQ(client_at("192.0.2.3", "other", "word").allocate().code, 0);
  start({.capacity = 0});
  EXPECT_EQ(client_at("192.0.2.4").allocate().code, 508);
}

// RFC 8656 7.2
TEST_F(TurnServerTest, OddRequestsGetTheirCodes) {
  start();
  TurnClient client = client_at("192.0.2.1");
  EXPECT_EQ(client.ask(Method::allocate).code, 400);
  EXPECT_EQ(client.ask(Method::allocate, [](Builder& out) { out.requested_transport(6); }).code,
            442);
  const auto v6 = [](Builder& out) {
    out.requested_transport(17);
    out.address_family(AttributeType::requested_address_family, core::Family::v6);
  };
  EXPECT_EQ(client.ask(Method::allocate, v6).code, 440);
  EXPECT_EQ(
      client.ask(Method::allocate, [](Builder& out) { out.u32(AttributeType{0x7001}, 0); }).code,
      420);
  client.allocate();
  EXPECT_EQ(client.permit(address("[2001:db8::9]:1")).code, 443);
  EXPECT_EQ(client.ask(Method::create_permission).code, 400);
}

// RFC 8489 10
TEST_F(TurnServerTest, SendsClientsToAnotherServer) {
  start({.alternate = address("198.51.100.7:3478")});
  const auto answer = client_at("192.0.2.1").allocate();
  EXPECT_EQ(answer.code, 300);
  EXPECT_EQ(answer.message().address(AttributeType::alternate_server),
            address("198.51.100.7:3478"));
}

// RFC 8656 7.2, RFC 8656 18.6
TEST_F(TurnServerTest, BothFamiliesByOneRequestAndTheMissingOneIsTold) {
  const auto both = [](Builder& out) {
    out.address_family(AttributeType::additional_address_family, core::Family::v6);
  };
  start({.relays = {ip("198.51.100.1"), ip("2001:db8::1")}});
  const auto answer = client_at("192.0.2.1").allocate(both);
  std::size_t relayed = 0;
  const stun::Message message = answer.message();
  for (const stun::Attribute& attribute : message.attributes()) {
    relayed += attribute.type == AttributeType::xor_relayed_address ? 1 : 0;
  }
  EXPECT_EQ(relayed, 2U);
  start({});
  const auto half = client_at("192.0.2.2").allocate(both);
  EXPECT_EQ(half.code, 0);
  EXPECT_EQ(core::to_hex(*half.message().find(AttributeType::address_error_code)), "02000428");
}

// RFC 8656 7.2
TEST_F(TurnServerTest, AnAllocationOverTlsEndsWithItsConnection) {
  start();
  Player& player = add_player(world, world.internet(), "192.0.2.1");
  player->ask(core::OpenStream{core::StreamId{1}, core::Transport::tls, core::Framing::stun,
                               address("192.0.2.1:0"), address("198.51.100.1:5349"), ""});
  ASSERT_TRUE(world.run_until([&] { return player.saw<OpenedAs>(); }, 1s));
  TurnClient client{world, player, player.first<OpenedAs>()->path};
  EXPECT_EQ(client.allocate().code, 0);
  EXPECT_EQ(server->machine.allocations(), 1U);
  player->ask(core::CloseStream{core::StreamId{1}});
  world.run_for(1s);
  EXPECT_EQ(server->machine.allocations(), 0U);
}

}  // namespace
}  // namespace lucid::sim
