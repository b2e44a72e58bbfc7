// What goes wrong between a TURN client and its server, and how that is told.
#include "ice/turn_failure.hpp"

#include <gtest/gtest.h>

#include "core/trace.hpp"
#include "tests/ice/turn_lab.hpp"

namespace lucid::ice {
namespace {

using Allocated = TurnClient::Allocated;
using Failed = TurnClient::Failed;
using Unreachable = TurnClient::PeerUnreachable;
using core::Transport;
using testing::HasSubstr;

constexpr std::string_view peer_address = "203.0.113.9:5000";

// RFC 8489 9.2.5; W3C webrtc-pc 4.8.1.3
TEST(TurnFailures, AWrongPasswordIsToldAsSuch) {
  TurnLab lab;
  auto config = TurnLab::config();
  config.server.password = "guess";
  auto& client = lab.add_client(config);
  ASSERT_TRUE(lab.runs_until_failed(client, 1s));
  EXPECT_EQ(client.first<Failed>()->failure.code, 401);
  EXPECT_EQ(client.first<Failed>()->text,
            "TURN allocation at turn:turn.example.org (198.51.100.1:3478 over udp) failed: the "
            "server answered 401 Unauthenticated; check user name and password; time-limited ones "
            "may have expired, or be made with another secret than the server's");
  EXPECT_EQ(lab.server->machine.stats().errors.at(stun::ErrorCode::unauthenticated), 2U);
}

// RFC 8656 7.2
TEST(TurnFailures, AFullQuotaAndAFullServerAreToldApart) {
  TurnLab lab{{.quota = 1, .capacity = 2}};
  lab.allocated_client();
  auto& second = lab.add_client();
  ASSERT_TRUE(lab.runs_until_failed(second));
  EXPECT_EQ(second.first<Failed>()->failure.code, 486);
  EXPECT_THAT(second.first<Failed>()->text, HasSubstr("quota"));
  auto other = TurnLab::config();
  other.server.username = "other";
  other.server.password = "word";
  lab.allocated_client(other);
  TurnLab full{{.capacity = 0}};
  auto& late = full.add_client();
  ASSERT_TRUE(full.runs_until_failed(late));
  EXPECT_EQ(late.first<Failed>()->failure.code, 508);
}

TEST(TurnFailures, AServerThatIsNotThereIsToldWithinTwelveSeconds) {
  for (const Transport transport : {Transport::udp, Transport::tcp, Transport::tls}) {
    TurnLab lab;
    auto config = TurnLab::config(transport);
    config.address = address("198.51.100.77:3478");
    auto& client = lab.add_client(config);
    ASSERT_TRUE(lab.runs_until_failed(client, 12s)) << to_string(transport);
    EXPECT_EQ(client.first<Failed>()->failure.code, 701);
    EXPECT_THAT(client.first<Failed>()->text, HasSubstr("check the host"));
  }
}

TEST(TurnFailures, APortWhereNobodyListensIsToldAtOnce) {
  for (const Transport transport : {Transport::udp, Transport::tcp, Transport::tls}) {
    TurnLab lab;
    auto config = TurnLab::config(transport);
    config.address.port = 9999;
    auto& client = lab.add_client(config);
    ASSERT_TRUE(lab.runs_until_failed(client, 1s)) << to_string(transport);
    EXPECT_THAT(client.first<Failed>()->text, HasSubstr("refused"));
  }
}

TEST(TurnFailures, AServerWithTheWrongCertificateIsNotTalkedTo) {
  TurnLab lab;
  lab.server->host().certify("elsewhere.example.net");
  auto& client = lab.add_client(TurnLab::config(Transport::tls));
  ASSERT_TRUE(lab.runs_until_failed(client, 12s));
  EXPECT_THAT(client.first<Failed>()->text, HasSubstr("certificate"));
  EXPECT_EQ(lab.server->machine.stats().refused, 0U);
}

// A server that vanishes, while data is sent: told within half a minute, and sooner by ICMP.
TEST(TurnFailures, AServerThatVanishesIsNoticedByItsSilence) {
  for (const Transport transport : {Transport::udp, Transport::tcp, Transport::tls}) {
    TurnLab lab;
    auto& client = lab.allocated_client(TurnLab::config(transport));
    lab.add_peer();
    lab.send(client, peer_address, "hello");
    lab.uplinks[0]->cut(true);
    const core::Time gone = lab.world.now();
    for (int i = 0; i < 60 && !client.saw<Failed>(); ++i) lab.send(client, peer_address, "hello?");
    ASSERT_TRUE(client.saw<Failed>()) << to_string(transport);
    EXPECT_LE(*client.time_of<Failed>() - gone, transport == Transport::udp ? 31s : 51s);
    EXPECT_THAT(client.first<Failed>()->text, HasSubstr("TURN refresh at turn:turn.example.org"));
  }
}

TEST(TurnFailures, AServerThatHasEndedIsNoticedByTheErrorsThatComeBack) {
  TurnLab lab;
  auto& client = lab.allocated_client();
  const core::Path path = *client.machine.path();
  client->path_error(path, core::PathError::refused, lab.world.now());
  lab.world.run_for(1s);
  EXPECT_FALSE(client.saw<Failed>());  // it answered the refresh: the error was a forgery
  for (int i = 0; i < 3; ++i) client->path_error(path, core::PathError::refused, lab.world.now());
  lab.world.run_for(0s);
  EXPECT_TRUE(client.saw<Failed>());
}

// RFC 8656 5: 437 to a refresh
TEST(TurnFailures, AServerThatHasForgottenTheAllocationIsToldAsSuch) {
  TurnLab lab{{.longest = 100s}};
  auto& idle = lab.allocated_client();
  (*lab.server)->handle_timeout(lab.world.now() + 101s);  // to the server the time is over
  ASSERT_EQ(lab.server->machine.allocations(), 0U);
  ASSERT_TRUE(lab.runs_until_failed(idle, 60s));
  EXPECT_EQ(idle.first<Failed>()->failure.code, 437);
  EXPECT_THAT(idle.first<Failed>()->text, HasSubstr("restart ICE"));
}

// RFC 8489 10
TEST(TurnFailures, ServersThatSendOneRoundInCirclesAreLeft) {
  TurnLab lab{{.alternate = address("198.51.100.2:3478")}};
  lab.add_server("198.51.100.2", {.alternate = address("198.51.100.1:3478")});
  auto& client = lab.add_client();
  ASSERT_TRUE(lab.runs_until_failed(client));
  EXPECT_EQ(client.first<Failed>()->failure.code, 300);
  EXPECT_THAT(client.first<Failed>()->text, HasSubstr("circles"));
}

TEST(TurnFailures, AServerThatTakesNoneOfItsNoncesIsLeft) {
  TurnLab lab{{.credentials = {.nonce_lifetime = 0s}}};
  auto& client = lab.add_client();
  ASSERT_TRUE(lab.runs_until_failed(client));
  EXPECT_EQ(client.first<Failed>()->failure.code, 438);
  EXPECT_LE(client.transmits, 5U);
}

// RFC 8656 10.3, RFC 8656 12.3: 403
TEST(TurnFailures, APeerThatTheServerForbidsIsToldAndOthersGoOn) {
  TurnLab lab;
  auto& client = lab.allocated_client();
  Player& peer = lab.add_peer();
  lab.send(client, "127.0.0.1:5000", "secret service");
  ASSERT_TRUE(client.saw<Unreachable>());
  EXPECT_EQ(client.first<Unreachable>()->path.remote, address("127.0.0.1:5000"));
  EXPECT_EQ(client.first<Unreachable>()->error, core::PathError::not_permitted);
  const std::size_t before = client.transmits;
  lab.send(client, "127.0.0.1:5000", "again");
  EXPECT_EQ(client.transmits, before);
  lab.send(client, peer_address, "hello");
  EXPECT_TRUE(peer.saw<Got>());
}

// RFC 8656 11.5, RFC 8656 18.13
TEST(TurnFailures, AnIcmpErrorOfAPeerIsHandedOn) {
  TurnLab lab;
  auto& client = lab.allocated_client();
  lab.add_peer();
  lab.send(client, peer_address, "hello");
  core::Pool pool;
  const auto tell = [&](std::uint32_t type_and_code) {
    stun::Builder out{pool, stun::Class::indication, stun::Method::data, {1}};
    out.address(stun::AttributeType::xor_peer_address, address(peer_address));
    std::array<std::uint8_t, 8> value{};
    core::ByteWriter{value}.u32(type_and_code);
    out.bytes(stun::AttributeType::icmp, value);
    client->handle_datagram({*client.machine.path(), {}, std::move(out).finish()}, lab.world.now());
    lab.world.run_for(0s);
    return client.last<Unreachable>()->error;
  };
  EXPECT_EQ(tell(3U << 9 | 3), core::PathError::refused);
  EXPECT_EQ(tell(3U << 9 | 4), core::PathError::too_big);
  EXPECT_EQ(tell(3U << 9 | 1), core::PathError::unreachable);
}

// RFC 8489 9.2.5
TEST(TurnFailures, ForgedSuccessesAreDropped) {
  TurnLab lab;
  bool forge = false;
  lab.uplinks[0]->up.filter([&](sim::Packet& packet) {
    const auto message = stun::Message::parse(packet.bytes);
    if (message && message->message_class() == stun::Class::success && forge) {
      packet.bytes.data()[packet.bytes.size() - 1] ^= 1;
    }
    return true;
  });
  forge = true;
  auto& client = lab.add_client();
  ASSERT_TRUE(lab.runs_until_failed(client));
  EXPECT_FALSE(client.saw<Allocated>());
  EXPECT_THAT(client.first<Failed>()->text, HasSubstr("does not answer"));
}

// RFC 8656 11.4: packets of those who were not permitted, and of nobody at all.
TEST(TurnFailures, WhatTheServerMayNotSendIsDropped) {
  TurnLab lab;
  auto& client = lab.allocated_client();
  core::Pool pool;
  stun::Builder out{pool, stun::Class::indication, stun::Method::data, {1}};
  out.address(stun::AttributeType::xor_peer_address, address("203.0.113.66:5000"));
  out.text(stun::AttributeType::data, "unasked");
  const core::Path path = *client.machine.path();
  client->handle_datagram({path, {}, std::move(out).finish()}, lab.world.now());
  client->handle_datagram({path, {}, pool.copy({{0x40, 0, 0, 1, 9}})}, lab.world.now());
  EXPECT_EQ(client.machine.dropped(), 2U);
  EXPECT_FALSE(client.saw<TurnClient::Received>());
}

// RFC 8489 6.3.2
TEST(TurnFailures, DataThatIsNotUnderstoodIsDropped) {
  TurnLab lab;
  auto& client = lab.allocated_client();
  lab.add_peer();
  lab.send(client, peer_address, "hello");
  core::Pool pool;
  stun::Builder out{pool, stun::Class::indication, stun::Method::data, {1}};
  out.address(stun::AttributeType::xor_peer_address, address(peer_address));
  out.u32(stun::AttributeType{0x7F01}, 0);
  out.text(stun::AttributeType::data, "and something else");
  client->handle_datagram({*client.machine.path(), {}, std::move(out).finish()}, lab.world.now());
  EXPECT_EQ(client.machine.dropped(), 1U);
}

// Found by fuzzing: the deadline of a connection that was being opened outlived the client.
TEST(TurnFailures, AClientThatIsClosedWhileItConnectsWaitsForNothing) {
  TurnLab lab;
  auto config = TurnLab::config(Transport::tcp);
  config.address = address("198.51.100.77:3478");
  auto& client = lab.add_client(config);
  lab.world.run_for(1s);
  client->close(lab.world.now());
  EXPECT_FALSE(client.machine.next_timeout());
  lab.world.run_for(1min);
  EXPECT_FALSE(client.saw<Failed>());
}

TEST(TurnFailures, PeersAreBounded) {
  TurnLab lab;
  auto& client = lab.allocated_client();
  core::Pool pool;
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    client.machine.send({{Transport::udp, {}, {core::Ip::v4(0x0A000000U + i), 5000}},
                         core::Ecn::not_ect,
                         pool.copy({{1}})},
                        lab.world.now());
  }
  std::size_t sent = 0;
  while (client.machine.poll_transmit()) ++sent;
  EXPECT_EQ(sent, 2 * TurnPeers::limit);
}

// A client whose server is played by hand.
struct HandServer {
  core::SeededRandom random{1};
  core::Pool pool;
  core::Time now{std::chrono::hours{1}};
  TurnClient client;

  static TurnClient::Config config() {
    auto made = TurnLab::config();
    made.local = address("192.0.2.1:5000");
    return made;
  }
  explicit HandServer(const TurnClient::Config& with = config())
      : client{with, core::Context{random, pool}} {
    client.start(now);
  }
  std::optional<core::Datagram> last() {
    std::optional<core::Datagram> out;
    while (auto sent = client.poll_transmit()) out = std::move(sent);
    return out;
  }
  template <class Fill>
  void answer(stun::Class message_class, Fill fill) {
    const auto asked = last();
    ASSERT_TRUE(asked);
    const auto request = stun::Message::parse(asked->bytes);
    stun::Builder out{pool, message_class, request->method(), request->transaction(), 100'000};
    fill(out);
    client.handle_datagram({asked->path, {}, std::move(out).finish()}, now);
  }
  void challenge(const std::string& realm, const std::string& nonce) {
    answer(stun::Class::error, [&](stun::Builder& out) {
      out.error(stun::ErrorCode::unauthenticated);
      out.text(stun::AttributeType::realm, realm);
      out.text(stun::AttributeType::nonce, nonce);
    });
  }
};

// RFC 8489 14.3, RFC 8489 14.9, RFC 8489 14.10: 509, 763 and 763 bytes.
TEST(TurnFailures, TheLongestChallengeIsAnsweredAndALongerOneDropped) {
  auto config = HandServer::config();
  config.server.username = std::string(508, 'u');
  HandServer server{config};
  server.challenge(std::string(763, 'r'), std::string(763, 'n'));
  const auto again = server.last();
  ASSERT_TRUE(again);
  EXPECT_EQ(stun::Message::parse(again->bytes)->text(stun::AttributeType::nonce)->size(), 763U);
  HandServer hostile;
  hostile.challenge(std::string(30'000, 'r'), std::string(30'000, 'n'));
  EXPECT_FALSE(hostile.last());
  EXPECT_EQ(hostile.client.state(), TurnClient::State::allocating);
}

TEST(TurnFailures, AUserNameThatNoServerTakesIsToldAtOnce) {
  auto config = HandServer::config();
  config.server.username = std::string(70'000, 'u');
  HandServer server{config};
  const auto event = server.client.poll_event();
  ASSERT_TRUE(event);
  EXPECT_THAT(std::get<Failed>(*event).text, HasSubstr("user name"));
}

// RFC 8489 14.5: somebody on the way has added an address behind the integrity.
TEST(TurnFailures, ARelayedAddressThatNobodySignedIsNone) {
  HandServer server;
  server.challenge("realm", "nonce");
  server.answer(stun::Class::success, [&](stun::Builder& out) {
    out.address(stun::AttributeType::xor_relayed_address, address("198.51.100.1:50000"));
    out.integrity(stun::Key::long_term("user", "realm", "secret"));
    out.address(stun::AttributeType::xor_relayed_address, address("[2001:db8::66]:50000"));
  });
  EXPECT_EQ(server.client.relayed().size(), 1U);
}

// RFC 8656 12: a channel is the peer's for ten minutes, used by us or not.
TEST(TurnFailures, AChannelThatWeLetRestIsStillHeard) {
  TurnLab lab;
  auto& client = lab.allocated_client();
  Player& peer = lab.add_peer();
  client->bind_channel(address(peer_address), lab.world.now());
  lab.send(client, peer_address, "hello", 4min + 10s);
  peer->send(peer.first<Got>()->path, "still here");
  lab.world.run_for(1s);
  EXPECT_TRUE(client.saw<TurnClient::Received>());
}

TEST(TurnFailures, RequestsThatAreLostDoNotUseUpThePeers) {
  TurnLab lab;
  auto& client = lab.allocated_client();
  lab.add_peer();
  lab.uplinks[0]->up.filter([](sim::Packet& packet) {
    const auto message = stun::Message::parse(packet.bytes);
    return !message || message->method() != stun::Method::create_permission;
  });
  for (std::uint32_t i = 0; i < TurnPeers::limit; ++i) {
    lab.send(client, core::Address{core::Ip::v4(0x0A000000U + i), 5000}.text(), "lost", 0s);
  }
  lab.world.run_for(1min);
  ASSERT_FALSE(client.saw<Failed>());
  const std::uint64_t dropped = client.machine.dropped();
  lab.send(client, peer_address, "hello");
  EXPECT_EQ(client.machine.dropped(), dropped);
}

// Over a stream a length that is wrong would spoil all that follows.
TEST(TurnFailures, DataThatNoIndicationHoldsIsDropped) {
  TurnLab lab;
  auto& client = lab.allocated_client(TurnLab::config(Transport::tcp));
  core::Pool pool;
  for (const std::size_t size : {65'504U, 65'505U, 65'535U}) {
    client.machine.send({{Transport::udp, {}, address(peer_address)},
                         core::Ecn::not_ect,
                         pool.copy(std::vector<std::uint8_t>(size))},
                        lab.world.now());
    std::size_t sent = 0;
    while (const auto out = client.machine.poll_transmit()) {
      EXPECT_TRUE(stun::Message::parse(out->bytes)) << size;
      ++sent;
    }
    EXPECT_EQ(sent, size == 65'504 ? 2U : 0U) << size;
  }
}

}  // namespace
}  // namespace lucid::ice
