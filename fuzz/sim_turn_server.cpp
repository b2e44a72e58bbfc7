// A script of datagrams from clients and peers, raw or signed: the server stays within its
// capacity, its deadline never lies in the past, and the answers come to an end.
#include "sim/turn_server.hpp"
#include "stun/long_term.hpp"

using namespace lucid;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  core::Pool pool;
  core::SeededRandom random{1};
  const core::Address at{core::Ip::v4(1), 3478};
  sim::TurnServer::Config config{.addresses = {at}, .relays = {at.ip}, .capacity = 3};
  config.credentials.users["u"] = "p";
  sim::TurnServer server{config, {random, pool}};
  stun::LongTerm client{"u", "p"};
  core::ByteReader in{{data, size}};
  core::Time now{std::chrono::hours{1}};
  while (in.remaining() > 2) {
    const std::uint8_t what = in.u8();
    now += std::chrono::seconds{what / 16};
    const core::Bytes bytes = in.bytes(std::min<std::size_t>(in.u8(), in.remaining()));
    const core::Path path{core::Transport::udp, at, {core::Ip::v4(2), std::uint16_t(what & 3)}};
    stun::Builder out{pool, stun::Class::request, stun::Method(3 + (what & 7)), {what}};
    out.requested_transport(17);
    for (core::ByteReader each{bytes}; each.remaining() > 4;)
      out.bytes(stun::AttributeType{each.u16()}, each.bytes(each.u8() % (each.remaining() + 1)));
    client.sign(out);
    core::Buffer sent = (what & 8) != 0 ? pool.copy(bytes) : std::move(out).finish();
    server.handle_datagram({path, {}, std::move(sent)}, now);
    for (int answers = 0; auto reply = server.poll_transmit(); core::check(++answers < 100))
      if (const auto answer = stun::Message::parse(reply->bytes)) client.challenge(*answer);
    while (auto event = server.poll_event()) {
      const auto* bind = std::get_if<core::BindUdp>(&std::get<0>(*event));
      if (bind != nullptr) server.bound(bind->id, bind->local, now);
    }
    server.handle_timeout(now);
    core::check(server.allocations() <= 3 && server.next_timeout().value_or(now) >= now);
  }
  return 0;
}
