#include "sim/stun_server.hpp"

#include <array>

namespace lucid::sim {

namespace {

using stun::AttributeType;
using stun::Builder;

constexpr std::array understood{
    AttributeType::change_request,    AttributeType::padding,
    AttributeType::response_port,     AttributeType::username,
    AttributeType::message_integrity, AttributeType::message_integrity_sha256,
    AttributeType::priority,          AttributeType::use_candidate};

}  // namespace

StunServer::StunServer(Config config, core::Context context)
    : config_{config}, pool_{context.pool} {
  std::vector<core::Address> sockets{config_.address};
  if (config_.other) {
    sockets.push_back({config_.address.ip, config_.other->port});
    sockets.push_back({config_.other->ip, config_.address.port});
    sockets.push_back(*config_.other);
  }
  for (const core::Address& address : sockets) {
    events_.push_back(core::Effect{core::BindUdp{core::SocketId{++ids_}, address}});
  }
  if (!config_.tcp) return;
  events_.push_back(
      core::Effect{core::Listen{core::StreamId{++ids_}, core::Framing::stun, config_.address}});
}

// RFC 5780 6.1: the response comes from where the request asks for, and goes to the port it names.
core::Path StunServer::origin(const core::Path& path, const stun::Message& request) const {
  core::Path back = path;
  const auto change = request.change_request();
  if (change && config_.other) {
    const bool at_other_ip = path.local.ip == config_.other->ip;
    const bool at_other_port = path.local.port == config_.other->port;
    back.local.ip = at_other_ip != change->ip ? config_.other->ip : config_.address.ip;
    back.local.port = at_other_port != change->port ? config_.other->port : config_.address.port;
  }
  if (const auto port = request.u32(AttributeType::response_port)) {
    back.remote.port = static_cast<std::uint16_t>(*port >> 16);
  }
  return back;
}

void StunServer::handle_datagram(core::Datagram in, core::Time) {
  const auto request = stun::Message::parse(in.bytes);
  if (!request || request->message_class() != stun::Class::request ||
      request->method() != stun::Method::binding) {
    ++stats_.dropped;
    return;
  }
  std::array<AttributeType, 16> room;
  const auto unknown = request->unknown_required(understood, room);
  const auto change = request->change_request();
  const bool cannot_change =
      change && (!config_.other || in.path.transport != core::Transport::udp);
  if (!unknown.empty() || cannot_change) {
    // RFC 8489 6.3.1; RFC 5780 6.1: CHANGE-REQUEST needs a second address.
    constexpr std::array asked{AttributeType::change_request};
    Builder out{pool_, stun::Class::error, stun::Method::binding, request->transaction()};
    out.error(stun::ErrorCode::unknown_attribute);
    out.unknown_attributes(unknown.empty() ? std::span<const AttributeType>{asked} : unknown);
    ++stats_.refused;
    out_.push_back({in.path, core::Ecn::not_ect, std::move(out).finish()});
    return;
  }
  const core::Path back = origin(in.path, *request);
  Builder out{pool_, stun::Class::success, stun::Method::binding, request->transaction()};
  out.address(AttributeType::xor_mapped_address, in.path.remote);
  if (config_.other) {
    out.address(AttributeType::response_origin, back.local);
    out.address(AttributeType::other_address, *config_.other);
  }
  if (request->has(AttributeType::fingerprint)) out.fingerprint();
  ++stats_.answered;
  out_.push_back({back, core::Ecn::not_ect, std::move(out).finish()});
}

std::optional<core::Datagram> StunServer::poll_transmit() { return out_.pop(); }
std::optional<StunServer::Event> StunServer::poll_event() { return events_.pop(); }

}  // namespace lucid::sim
