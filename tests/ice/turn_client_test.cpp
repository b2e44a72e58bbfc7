// The TURN client by itself, against a server in virtual time: what it gets, and carries.
#include "ice/turn_client.hpp"

#include <gtest/gtest.h>

#include "tests/ice/turn_lab.hpp"

namespace lucid::ice {
namespace {

using Allocated = TurnClient::Allocated;
using Received = TurnClient::Received;
using core::Transport;

constexpr std::string_view peer_address = "203.0.113.9:5000";

std::string text_of(const Received& received) {
  return std::string{core::as_text(received.datagram.bytes)};
}

class OverEach : public testing::TestWithParam<Transport> {};

// RFC 8656 7.1, RFC 8656 3.1
TEST_P(OverEach, AllocatesAndCarriesDataBothWays) {
  TurnLab lab;
  auto& client = lab.allocated_client(TurnLab::config(GetParam()));
  const Allocated found = *client.first<Allocated>();
  ASSERT_EQ(found.relayed.size(), 1U);
  EXPECT_EQ(found.relayed[0].ip, ip("198.51.100.1"));
  EXPECT_EQ(found.mapped->ip, ip("192.0.2.1"));
  EXPECT_EQ(found.path.transport, GetParam());
  Player& peer = lab.add_peer();
  lab.send(client, peer_address, "hello");
  ASSERT_TRUE(peer.saw<Got>());
  EXPECT_EQ(peer.first<Got>()->text, "hello");
  EXPECT_EQ(peer.first<Got>()->path.remote, found.relayed[0]);
  peer->send(peer.first<Got>()->path, "and back");
  lab.world.run_for(1s);
  ASSERT_TRUE(client.saw<Received>());
  EXPECT_EQ(text_of(*client.first<Received>()), "and back");
  EXPECT_EQ(client.first<Received>()->datagram.path,
            (core::Path{Transport::udp, found.relayed[0], address(peer_address)}));
}

// RFC 8656 12, RFC 8656 12.4
TEST_P(OverEach, AChannelCarriesWhatAnIndicationDid) {
  TurnLab lab;
  auto& client = lab.allocated_client(TurnLab::config(GetParam()));
  Player& peer = lab.add_peer();
  client->bind_channel(address(peer_address), lab.world.now());
  lab.send(client, peer_address, "first");
  for (const std::string_view text : {"a", "ab", "abc", "abcd"})
    lab.send(client, peer_address, text);
  EXPECT_EQ(peer.count<Got>(), 5U);
  EXPECT_EQ(peer.last<Got>()->text, "abcd");
  peer->send(peer.first<Got>()->path, "odd");
  lab.world.run_for(1s);
  EXPECT_EQ(text_of(*client.last<Received>()), "odd");
}
INSTANTIATE_TEST_SUITE_P(Turn, OverEach,
                         testing::Values(Transport::udp, Transport::tcp, Transport::tls),
                         [](const auto& each) { return std::string{to_string(each.param)}; });

// RFC 8656 11.1: 36 bytes before the data; RFC 8656 12.4: 4.
TEST(TurnClient, AChannelCostsFourBytesAPacket) {
  TurnLab lab;
  auto& client = lab.allocated_client();
  lab.add_peer();
  core::Pool pool;
  const auto size_of_next = [&] {
    core::Datagram out{{Transport::udp, {}, address(peer_address)}, {}, pool.copy({{1, 2, 3, 4}})};
    client.machine.send(std::move(out), lab.world.now());
    std::size_t size = 0;
    while (auto sent = client.machine.poll_transmit()) size = sent->bytes.size();
    return size;
  };
  lab.send(client, peer_address, "permitted");
  EXPECT_EQ(size_of_next(), 4U + 36U);
  client->bind_channel(address(peer_address), lab.world.now());
  lab.world.run_for(1s);
  EXPECT_EQ(size_of_next(), 4U + 4U);
}

// One round trip to the server is saved: the permission's request goes just before the data.
TEST(TurnClient, TheFirstPacketDoesNotWaitForItsPermission) {
  TurnLab lab;
  auto& client = lab.allocated_client();
  Player& peer = lab.add_peer();
  const core::Time start = lab.world.now();
  lab.send(client, peer_address, "at once");
  ASSERT_TRUE(peer.saw<Got>());
  EXPECT_EQ(*peer.time_of<Got>() - start, 20ms);
}

// RFC 8656 9, RFC 8656 12, RFC 8656 3.2: 5 minutes, 10 minutes, 10 minutes.
TEST(TurnClient, RenewsAllocationPermissionAndChannelWhileTheyAreUsed) {
  TurnLab lab;
  auto& client = lab.allocated_client();
  Player& by_channel = lab.add_peer("203.0.113.9");
  Player& by_indication = lab.add_peer("203.0.113.8");
  client->bind_channel(address(peer_address), lab.world.now());
  for (int minute = 0; minute < 60; ++minute) {
    lab.send(client, peer_address, "channel", 30s);
    lab.send(client, "203.0.113.8:5000", "indication", 30s);
    by_channel->send(by_channel.first<Got>()->path, "a");
    by_indication->send(by_indication.first<Got>()->path, "b");
  }
  lab.world.run_for(1s);
  EXPECT_EQ(by_channel.count<Got>(), 60U);
  EXPECT_EQ(by_indication.count<Got>(), 60U);
  EXPECT_EQ(client.count<Received>(), 120U);
  EXPECT_EQ(lab.server->machine.stats().without_permission, 0U);
  EXPECT_EQ(lab.server->machine.allocations(), 1U);
}

// RFC 8656 9: what nobody uses is not renewed.
TEST(TurnClient, LetsUnusedPermissionsLapse) {
  TurnLab lab;
  auto& client = lab.allocated_client();
  Player& peer = lab.add_peer();
  lab.send(client, peer_address, "hello");
  lab.world.run_for(11min);
  peer->send(peer.first<Got>()->path, "too late");
  lab.world.run_for(1s);
  EXPECT_FALSE(client.saw<Received>());
  lab.send(client, peer_address, "again");
  EXPECT_EQ(peer.count<Got>(), 2U);
}

// RFC 8489 9.2.5
TEST(TurnClient, AStaleNonceIsRenewedWithoutNotice) {
  TurnLab lab{{.credentials = {.nonce_lifetime = 20s}}};
  auto& client = lab.allocated_client();
  Player& peer = lab.add_peer();
  for (int i = 0; i < 40; ++i) lab.send(client, peer_address, "on and on", 30s);
  EXPECT_GE(peer.count<Got>(), 39U);
  EXPECT_GT(lab.server->machine.stats().errors.at(stun::ErrorCode::stale_nonce), 1U);
  EXPECT_EQ(client.machine.state(), TurnClient::State::allocated);
}

// RFC 8489 9.2.4, RFC 8489 14.6
TEST(TurnClient, UsesSha256AndHashedNamesWhereTheServerOffersThem) {
  TurnLab lab{{.credentials = {.algorithms = true}}};
  auto& client = lab.add_client();
  bool sha256 = false;
  lab.uplinks[0]->down.filter([&](sim::Packet& packet) {
    const auto message = stun::Message::parse(packet.bytes);
    sha256 = sha256 || (message && message->has(stun::AttributeType::message_integrity_sha256));
    return true;
  });
  ASSERT_TRUE(lab.world.run_until([&] { return client.saw<Allocated>(); }, 5s));
  EXPECT_TRUE(sha256);
}

// RFC 8656 7.1, RFC 8656 18.6, RFC 8656 18.11
TEST(TurnClient, GetsARelayedAddressOfEachFamily) {
  TurnLab lab{{.relays = {ip("198.51.100.1"), ip("2001:db8::1")}}};
  auto& client = lab.allocated_client();
  EXPECT_EQ(client.first<Allocated>()->relayed.size(), 2U);
  Player& v4 = lab.add_peer();
  Player& v6 = lab.add_peer("2001:db8::9");
  lab.send(client, peer_address, "four");
  lab.send(client, "[2001:db8::9]:5000", "six");
  EXPECT_EQ(v4.last<Got>()->text, "four");
  EXPECT_EQ(v6.last<Got>()->text, "six");
  v6->send(v6.last<Got>()->path, "six too");
  lab.world.run_for(1s);
  EXPECT_EQ(client.last<Received>()->datagram.path.local.family(), core::Family::v6);
}

// RFC 8656 7.3: 440
TEST(TurnClient, TakesIpv6AloneWhereThereIsNoIpv4) {
  TurnLab lab{{.relays = {ip("2001:db8::1")}}};
  auto& client = lab.allocated_client();
  ASSERT_EQ(client.first<Allocated>()->relayed.size(), 1U);
  EXPECT_EQ(client.first<Allocated>()->relayed[0].family(), core::Family::v6);
}

// RFC 8656 7.4, RFC 8489 10, RFC 8489 14.16
TEST(TurnClient, FollowsTheServerToAnother) {
  for (const Transport transport : {Transport::udp, Transport::tcp}) {
    TurnLab lab{{.alternate = address("198.51.100.2:3478")}};
    auto& other = lab.add_server("198.51.100.2", {});
    auto& client = lab.allocated_client(TurnLab::config(transport));
    EXPECT_EQ(client.first<Allocated>()->relayed[0].ip, ip("198.51.100.2"));
    EXPECT_EQ(other.machine.allocations(), 1U);
  }
}

// RFC 8656 6.4
TEST(TurnClient, TakesAnotherPortWhereTheServerRemembersSomebodyOnThisOne) {
  TurnLab lab;
  auto& first = lab.allocated_client();
  const core::Path path = first.first<Allocated>()->path;
  // It dies without a word, and its successor has the same port.
  first.host().perform(first, core::CloseUdp{core::SocketId{0}}, lab.world.now());
  auto config = TurnLab::config();
  config.local = path.local;
  config.first_id = 100;
  auto& second = first.host().run([config](core::Context c) { return TurnClient{config, c}; });
  first.host().bind(second, path.local);
  second->start(lab.world.now());
  ASSERT_TRUE(lab.world.run_until([&] { return second.saw<Allocated>(); }, 10s));
  EXPECT_NE(second.first<Allocated>()->path.local, path.local);
  EXPECT_EQ(lab.server->machine.stats().errors.at(stun::ErrorCode::allocation_mismatch), 1U);
}

// RFC 8656 8
TEST(TurnClient, GivesTheAllocationBackWhenClosed) {
  for (const Transport transport : {Transport::udp, Transport::tcp, Transport::tls}) {
    TurnLab lab;
    auto& client = lab.allocated_client(TurnLab::config(transport));
    ASSERT_EQ(lab.server->machine.allocations(), 1U);
    client->close(lab.world.now());
    lab.world.run_for(1s);
    EXPECT_EQ(lab.server->machine.allocations(), 0U) << to_string(transport);
  }
}

// The last word is said once, whether it arrives or not: nobody is left to wait for an answer.
TEST(TurnClient, AReleaseThatIsLostKeepsNothingAliveHere) {
  TurnLab lab;
  auto& client = lab.allocated_client();
  lab.uplinks.front()->cut(true);
  const auto sent = client.transmits;
  client->close(lab.world.now());
  lab.world.run_for(20min);
  EXPECT_EQ(client.transmits, sent + 1);
  EXPECT_EQ(client.machine.next_timeout(), std::nullopt);
  EXPECT_EQ(client.machine.state(), TurnClient::State::closed);
  // RFC 8656 3.2: the server ends it by itself.
  EXPECT_EQ(lab.server->machine.allocations(), 0U);
}

// One that was asked for and may have been granted by now.
TEST(TurnClient, GivesBackWhatItHasNotHeardOfYet) {
  TurnLab lab{{}, {.delay = 50ms}};
  auto& client = lab.add_client();
  ASSERT_TRUE(lab.world.run_until([&] { return lab.server->machine.allocations() == 1; }, 10s));
  ASSERT_EQ(client.machine.state(), TurnClient::State::allocating);
  client->close(lab.world.now());
  lab.world.run_for(1s);
  EXPECT_EQ(lab.server->machine.allocations(), 0U);
}

TEST(TurnClient, AllocatesThroughTwentyPercentLoss) {
  int allocated = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    TurnLab lab{{}, {.delay = 20ms, .loss = 0.2}, sim::Seed{seed}};
    auto& client = lab.add_client();
    lab.world.run_for(15s);
    allocated += client.saw<Allocated>() ? 1 : 0;
  }
  EXPECT_GE(allocated, 48);
}

}  // namespace
}  // namespace lucid::ice
