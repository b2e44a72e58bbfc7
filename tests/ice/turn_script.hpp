#pragma once
#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "core/check.hpp"
#include "ice/turn_client.hpp"
#include "stun/builder.hpp"

namespace lucid::fuzz {

// Bytes read as what happens to a TURN client, one thing after the other.
struct TurnScript {
  core::ByteReader in;
  core::SeededRandom random{1};
  core::Pool pool;
  core::Time now{std::chrono::hours{1}};
  ice::TurnClient client;
  std::vector<core::Datagram> sent;
  stun::Key key = stun::Key::long_term("user", "realm", "secret");

  TurnScript(core::Bytes bytes, std::uint8_t how)
      : in{bytes}, client{config(how), core::Context{random, pool}} {
    client.start(now);
    drain();
  }
  static core::Ip ip(std::uint8_t last) { return core::Ip::v4(0xC0000200U + last); }
  static ice::TurnClient::Config config(std::uint8_t how) {
    ice::TurnClient::Config made;
    made.server = {.kind = ice::Server::Kind::turn,
                   .host = "192.0.2.9",
                   .transport = static_cast<core::Transport>(how % 3),
                   .username = "user",
                   .password = "secret"};
    made.address = {ip(9), 3478};
    made.local = {ip(1), static_cast<std::uint16_t>((how & 4) != 0 ? 5000 : 0)};
    made.v6 = (how & 8) != 0;
    return made;
  }
  core::Path path() {
    return client.path().value_or(core::Path{core::Transport::udp, {ip(1), 5000}, {ip(9), 3478}});
  }
  core::Address peer() {
    return {ip(static_cast<std::uint8_t>(20 + in.u8() % 4)), static_cast<std::uint16_t>(in.u8())};
  }
  void deliver(core::Buffer bytes) {
    client.handle_datagram({path(), core::Ecn::not_ect, std::move(bytes)}, now);
  }
  // Answers one of the client's own requests, well or badly.
  void answer() {
    if (sent.empty()) return;
    const auto request = stun::Message::parse(sent[sent.size() - 1 - in.u8() % sent.size()].bytes);
    if (!request || request->message_class() != stun::Class::request) return;
    const std::uint8_t what = in.u8();
    const bool good = what % 2 == 0;
    stun::Builder out{pool, good ? stun::Class::success : stun::Class::error, request->method(),
                      request->transaction(), 70'000};
    if (good) {
      if ((what & 4) != 0) out.address(stun::AttributeType::xor_relayed_address, {ip(9), 50'000});
      if ((what & 8) != 0) out.u32(stun::AttributeType::lifetime, in.u16());
      out.address(stun::AttributeType::xor_mapped_address, peer());
    } else {
      constexpr std::array<std::uint16_t, 16> codes{300, 400, 401, 401, 401, 403, 420, 437,
                                                    438, 440, 441, 442, 443, 486, 500, 508};
      out.error(stun::ErrorCode{codes[(what >> 2) % codes.size()]});
      if ((what & 2) != 0) out.address(stun::AttributeType::alternate_server, peer());
      // As short as they are, as long as they may be, or longer.
      const std::string more((what & 0x80) == 0 ? 0 : (what & 0x40) == 0 ? 758 : 30'000, 'x');
      out.text(stun::AttributeType::realm, "realm" + more);
      out.text(stun::AttributeType::nonce, ((what & 0x40) == 0 ? "nonce" : "obMatJos2gAAA") + more);
    }
    if (in.u8() % 4 != 0) out.integrity(key);
    deliver(std::move(out).finish());
  }
  void data() {
    stun::Builder out{pool, stun::Class::indication, stun::Method::data,
                      stun::random_transaction(random)};
    out.address(stun::AttributeType::xor_peer_address, peer());
    const auto type = in.u8() % 2 == 0 ? stun::AttributeType::data : stun::AttributeType::icmp;
    out.bytes(type, in.bytes(std::min<std::size_t>(in.u8(), in.remaining())));
    deliver(std::move(out).finish());
  }
  void step() {
    const auto id = static_cast<std::uint32_t>(in.u8() % ice::TurnClient::ids);
    switch (in.u8() % 12) {
      case 0:
        client.bound(core::SocketId{id}, {ip(1), 5001}, now);
        break;
      case 1:
        client.opened(core::StreamId{id},
                      {client.config().server.transport, {ip(1), 5001}, {ip(9), 3478}}, now);
        break;
      case 2:
        client.closed(core::StreamId{id}, core::PathError::closed, now);
        break;
      case 3:
        client.path_error(path(), static_cast<core::PathError>(in.u8() % 7), now);
        break;
      case 4:
        client.send({{core::Transport::udp, {}, peer()},
                     {},
                     pool.copy(in.bytes(in.u8() % (in.remaining() + 1)))},
                    now);
        break;
      case 5:
        client.bind_channel(peer(), now);
        break;
      case 6:
        deliver(pool.copy(in.bytes(std::min<std::size_t>(in.u8(), in.remaining()))));
        break;
      case 7:
        data();
        break;
      case 8:
        now += std::chrono::milliseconds{in.u16() * 16};
        client.handle_timeout(now);
        break;
      default:
        answer();
        break;
    }
    drain();
    if (const auto next = client.next_timeout(); next && *next <= now) client.handle_timeout(now);
    drain();
    const auto next = client.next_timeout();
    core::check(!next || *next >= now);
    core::check(client.relayed().size() <= 2);
  }
  void drain() {
    while (auto out = client.poll_transmit()) {
      if (sent.size() >= 64) sent.erase(sent.begin());
      sent.push_back(std::move(*out));
    }
    while (client.poll_event()) continue;
  }
  void end() {
    client.close(now);
    drain();
    for (int i = 0; i < 4; ++i) answer();
    core::check(!client.poll_transmit() && !client.poll_event() && !client.next_timeout());
  }
};

}  // namespace lucid::fuzz
