// Permissions and channels of a TurnServer, and the data that they let through.
#include <algorithm>

#include "sim/turn_server.hpp"

namespace lucid::sim {

namespace {

using namespace std::chrono_literals;
using stun::AttributeType;
using stun::Builder;
using stun::ErrorCode;
using stun::Method;

constexpr core::Duration permission_lifetime = 5min;  // RFC 8656 9
constexpr core::Duration channel_lifetime = 10min;    // RFC 8656 12
constexpr std::uint16_t first_channel = 0x4000;       // RFC 8656 12
constexpr std::uint16_t last_channel = 0x4FFF;

bool forbidden(const core::Ip& peer) {
  return peer.is_any() || peer.is_loopback() || peer.is_multicast();
}

}  // namespace

const core::Address* TurnServer::relay_of(const Allocation& allocation, core::Family family) const {
  for (const auto& [id, relay] : allocation.relays) {
    if (relay.family == family && relay.address) return &*relay.address;
  }
  return nullptr;
}

bool TurnServer::permits(const Allocation& allocation, const core::Ip& peer) const {
  const auto permission = allocation.permissions.find(peer);
  return permission != allocation.permissions.end() && permission->second > now_;
}

// RFC 8656 10.2: all addresses or none.
void TurnServer::create_permission(const Request& in, Allocation& allocation) {
  const Authenticated& who = allocation.owner;
  std::vector<core::Ip> peers;
  for (const stun::Attribute& attribute : in.message.attributes()) {
    if (attribute.type != AttributeType::xor_peer_address) continue;
    const auto peer = stun::parse_xor_address(attribute.value, in.message.transaction());
    if (!peer) return fail(in, ErrorCode::bad_request, &who);
    if (relay_of(allocation, peer->family()) == nullptr) {
      return fail(in, ErrorCode::peer_address_family_mismatch, &who);
    }
    if (forbidden(peer->ip)) return fail(in, ErrorCode::forbidden, &who);
    peers.push_back(peer->ip);
  }
  if (peers.empty()) return fail(in, ErrorCode::bad_request, &who);
  for (const core::Ip& peer : peers) allocation.permissions[peer] = in.now + permission_lifetime;
  reply(in,
        {context_.pool, stun::Class::success, Method::create_permission, in.message.transaction()},
        who);
}

// RFC 8656 12.2
void TurnServer::channel_bind(const Request& in, Allocation& allocation) {
  const Authenticated& who = allocation.owner;
  const auto number = in.message.u32(AttributeType::channel_number);
  const auto peer = in.message.address(AttributeType::xor_peer_address);
  const auto channel = static_cast<std::uint16_t>(number.value_or(0) >> 16);
  if (!number || !peer || channel < first_channel || channel > last_channel) {
    return fail(in, ErrorCode::bad_request, &who);
  }
  if (relay_of(allocation, peer->family()) == nullptr) {
    return fail(in, ErrorCode::peer_address_family_mismatch, &who);
  }
  if (forbidden(peer->ip)) return fail(in, ErrorCode::forbidden, &who);
  // One channel a peer, one peer a channel, for as long as the binding lasts.
  std::erase_if(allocation.channels,
                [&](const auto& entry) { return entry.second.expires <= in.now; });
  for (const auto& [known, binding] : allocation.channels) {
    if ((known == channel) != (binding.peer == *peer)) {
      return fail(in, ErrorCode::bad_request, &who);
    }
  }
  allocation.channels[channel] = {*peer, in.now + channel_lifetime};
  allocation.permissions[peer->ip] = in.now + permission_lifetime;
  reply(in, {context_.pool, stun::Class::success, Method::channel_bind, in.message.transaction()},
        who);
}

// RFC 8656 11.2
void TurnServer::send_indication(const stun::Message& message, const core::Path& path) {
  const auto allocation = allocations_.find(path);
  const auto peer = message.address(AttributeType::xor_peer_address);
  const auto data = message.find(AttributeType::data);
  if (allocation == allocations_.end() || !peer || !data) {
    ++stats_.dropped;
    return;
  }
  if (!permits(allocation->second, peer->ip)) {
    ++stats_.without_permission;
    return;
  }
  to_peer(allocation->second, *peer, *data);
}

// RFC 8656 12.6
void TurnServer::channel_data(core::Datagram in) {
  core::ByteReader reader{in.bytes};
  const std::uint16_t channel = reader.u16();
  const std::uint16_t size = reader.u16();
  const core::Bytes data = reader.bytes(size);
  const auto allocation = allocations_.find(in.path);
  if (!reader.ok() || allocation == allocations_.end()) {
    ++stats_.dropped;
    return;
  }
  const auto binding = allocation->second.channels.find(channel);
  if (binding == allocation->second.channels.end() || binding->second.expires <= now_) {
    ++stats_.dropped;
    return;
  }
  to_peer(allocation->second, binding->second.peer, data);
}

void TurnServer::to_peer(const Allocation& allocation, const core::Address& peer,
                         core::Bytes data) {
  const core::Address* relay = relay_of(allocation, peer.family());
  if (relay == nullptr) return;
  ++stats_.to_peers;
  out_.push_back(
      {{core::Transport::udp, *relay, peer}, core::Ecn::not_ect, context_.pool.copy(data)});
}

// RFC 8656 11.3, 12.7
void TurnServer::from_peer(core::Datagram in) {
  Allocation& allocation = allocations_.at(by_relay_.at(in.path.local));
  const core::Address& peer = in.path.remote;
  if (!permits(allocation, peer.ip)) {
    ++stats_.without_permission;
    return;
  }
  ++stats_.to_clients;
  for (const auto& [channel, binding] : allocation.channels) {
    if (binding.peer != peer || binding.expires <= now_) continue;
    const auto size = static_cast<std::uint16_t>(in.bytes.size());
    if (in.bytes.head_room() < 4) in.bytes = context_.pool.copy(in.bytes);
    core::ByteWriter header{in.bytes.prepend(4)};
    header.u16(channel);
    header.u16(size);
    out_.push_back({allocation.client, in.ecn, std::move(in.bytes)});
    return;
  }
  stun::Builder out{context_.pool, stun::Class::indication, Method::data,
                    stun::random_transaction(context_.random), in.bytes.size() + 128};
  out.address(AttributeType::xor_peer_address, peer);
  out.bytes(AttributeType::data, in.bytes);
  out_.push_back({allocation.client, in.ecn, std::move(out).finish()});
}

}  // namespace lucid::sim
