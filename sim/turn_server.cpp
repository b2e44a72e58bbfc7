#include "sim/turn_server.hpp"

#include <algorithm>
#include <array>

namespace lucid::sim {

namespace {

using namespace std::chrono_literals;
using stun::AttributeType;
using stun::Builder;
using stun::ErrorCode;
using stun::Message;
using stun::Method;

constexpr core::Duration default_lifetime = 10min;  // RFC 8656 3.2
constexpr std::uint32_t protocol_udp = 17;
constexpr std::uint16_t first_relay_port = 49152;  // RFC 8656 7.2: the dynamic ports

constexpr std::array turn_understood{AttributeType::username,
                                     AttributeType::userhash,
                                     AttributeType::realm,
                                     AttributeType::nonce,
                                     AttributeType::message_integrity,
                                     AttributeType::message_integrity_sha256,
                                     AttributeType::password_algorithm,
                                     AttributeType::lifetime,
                                     AttributeType::requested_transport,
                                     AttributeType::requested_address_family,
                                     AttributeType::dont_fragment,
                                     AttributeType::even_port,
                                     AttributeType::reservation_token,
                                     AttributeType::xor_peer_address,
                                     AttributeType::channel_number,
                                     AttributeType::data};

// RFC 8656 18.6: one byte, 1 or 2, and three of nothing.
std::optional<core::Family> family_in(const Message& message, AttributeType type) {
  const auto value = message.u32(type);
  if (!value) return std::nullopt;
  return *value >> 24 == 2 ? core::Family::v6 : core::Family::v4;
}

}  // namespace

TurnServer::TurnServer(Config config, core::Context context)
    : config_{std::move(config)},
      context_{context},
      credentials_{config_.credentials, context.random} {
  const auto listen = [&](const core::Address& address) {
    const core::StreamId id{++ids_};
    events_.push_back(core::Effect{core::Listen{id, core::Framing::stun, address}});
  };
  for (const core::Address& address : config_.addresses) {
    events_.push_back(core::Effect{core::BindUdp{core::SocketId{++ids_}, address}});
    listen(address);
  }
  for (const core::Address& address : config_.tls_addresses) listen(address);
}

void TurnServer::handle_datagram(core::Datagram in, core::Time now) {
  now_ = now;
  if (by_relay_.contains(in.path.local)) return from_peer(std::move(in));
  if (in.bytes.empty()) return;
  // RFC 8656 12: channel numbers tell themselves from STUN by the first two bits.
  if ((in.bytes.data()[0] & 0xC0) == 0x40) return channel_data(std::move(in));
  const auto message = Message::parse(in.bytes);
  if (message && message->message_class() == stun::Class::request) {
    request({*message, in.path, now});
  } else if (message && message->message_class() == stun::Class::indication &&
             message->method() == Method::send) {
    send_indication(*message, in.path);
  } else {
    ++stats_.dropped;
  }
}

void TurnServer::request(const Request& in) {
  std::array<AttributeType, 16> room;
  if (const auto unknown = in.message.unknown_required(turn_understood, room); !unknown.empty()) {
    Builder out{context_.pool, stun::Class::error, in.message.method(), in.message.transaction()};
    out.error(ErrorCode::unknown_attribute);
    out.unknown_attributes(unknown);
    out_.push_back({in.path, core::Ecn::not_ect, std::move(out).finish()});
    ++stats_.refused;
    return;
  }
  if (in.message.method() == Method::binding) return binding(in);
  const auto who = credentials_.check(in.message, in.now);
  if (!who) return fail(in, who.error());
  if (in.message.method() == Method::allocate) return allocate(in, *who);
  // RFC 8656 5: all other requests are about an allocation that is there, and whose user it is.
  const auto found = allocations_.find(in.path);
  if (found == allocations_.end() || !found->second.answered) {
    return fail(in, ErrorCode::allocation_mismatch, &*who);
  }
  if (found->second.owner.username != who->username) {
    return fail(in, ErrorCode::wrong_credentials, &*who);
  }
  switch (in.message.method()) {
    case Method::refresh:
      return refresh(in, *who, found->second);
    case Method::create_permission:
      return create_permission(in, found->second);
    case Method::channel_bind:
      return channel_bind(in, found->second);
    case Method::binding:
    case Method::allocate:
    case Method::send:
    case Method::data:
      break;
  }
  fail(in, ErrorCode::bad_request, &*who);
}

void TurnServer::binding(const Request& in) {
  Builder out{context_.pool, stun::Class::success, Method::binding, in.message.transaction()};
  out.address(AttributeType::xor_mapped_address, in.path.remote);
  if (in.message.has(AttributeType::fingerprint)) out.fingerprint();
  out_.push_back({in.path, core::Ecn::not_ect, std::move(out).finish()});
}

void TurnServer::allocate(const Request& in, const Authenticated& who) {
  if (const auto known = allocations_.find(in.path); known != allocations_.end()) {
    // RFC 8656 7.2: the same request again is answered again; another one is a mistake.
    if (known->second.transaction != in.message.transaction()) {
      return fail(in, ErrorCode::allocation_mismatch, &who);
    }
    if (known->second.answered) answer_allocate(known->second, in.now);
    return;
  }
  if (const auto code = refuse_allocation(in, who)) return fail(in, *code, &who);
  const auto families = families_for(in.message);
  if (!families) return fail(in, families.error(), &who);

  const auto asked = in.message.u32(AttributeType::lifetime);
  // RFC 8656 7.2: not less than the default, not more than the server's longest.
  const core::Duration lifetime =
      std::clamp<core::Duration>(asked ? std::chrono::seconds{*asked} : 0s,
                                 std::min(default_lifetime, config_.longest), config_.longest);
  Allocation& allocation = allocations_
                               .emplace(in.path, Allocation{in.path,
                                                            who,
                                                            in.message.transaction(),
                                                            in.now + lifetime,
                                                            lifetime,
                                                            false,
                                                            {},
                                                            families->missing,
                                                            {},
                                                            {}})
                               .first->second;
  const bool even = in.message.has(AttributeType::even_port);
  for (const core::Family family : families->wanted) bind_relay(allocation, family, even);
}

// RFC 8656 7.2, the checks in its order.
std::optional<ErrorCode> TurnServer::refuse_allocation(const Request& in,
                                                       const Authenticated& who) const {
  const auto transport = in.message.u32(AttributeType::requested_transport);
  if (!transport) return ErrorCode::bad_request;
  if (*transport >> 24 != protocol_udp) return ErrorCode::unsupported_transport;
  // Deviation from RFC 8656 7.2: no port is reserved; a request for that is beyond the capacity.
  const auto even_port = in.message.find(AttributeType::even_port);
  if (in.message.has(AttributeType::reservation_token) ||
      (even_port && !even_port->empty() && (even_port->front() & 0x80) != 0)) {
    return ErrorCode::insufficient_capacity;
  }
  const auto of_user = std::ranges::count_if(
      allocations_, [&](const auto& entry) { return entry.second.owner.username == who.username; });
  if (static_cast<std::size_t>(of_user) >= config_.quota) {
    return ErrorCode::allocation_quota_reached;
  }
  if (config_.alternate) return ErrorCode::try_alternate;
  if (allocations_.size() >= config_.capacity) return ErrorCode::insufficient_capacity;
  return std::nullopt;
}

std::expected<TurnServer::Families, ErrorCode> TurnServer::families_for(
    const Message& request) const {
  const auto has = [&](core::Family family) {
    return std::ranges::any_of(config_.relays,
                               [&](const core::Ip& ip) { return ip.family() == family; });
  };
  const auto requested = family_in(request, AttributeType::requested_address_family);
  const auto additional = family_in(request, AttributeType::additional_address_family);
  if (requested && additional) return std::unexpected(ErrorCode::bad_request);
  const core::Family first = requested.value_or(core::Family::v4);
  Families families;
  if (has(first)) families.wanted.push_back(first);
  if (additional) {
    // RFC 8656 7.2: one of the two suffices; the other is reported as missing.
    if (has(core::Family::v6)) {
      families.wanted.push_back(core::Family::v6);
    } else {
      families.missing = core::Family::v6;
    }
    if (!has(first)) families.missing = first;
  }
  if (families.wanted.empty()) return std::unexpected(ErrorCode::address_family_not_supported);
  return families;
}

void TurnServer::bind_relay(Allocation& allocation, core::Family family, bool even) {
  const auto ip = std::ranges::find_if(
      config_.relays, [&](const core::Ip& relay) { return relay.family() == family; });
  auto port = static_cast<std::uint16_t>(first_relay_port +
                                         context_.random.below(65536 - first_relay_port));
  if (even) port = static_cast<std::uint16_t>(port & ~1U);
  const core::SocketId id{++ids_};
  allocation.relays.emplace(id, Relay{family, std::nullopt});
  events_.push_back(core::Effect{core::BindUdp{id, {*ip, port}}});
}

void TurnServer::bound(core::SocketId id, core::Address local, core::Time now) {
  for (auto& [client, allocation] : allocations_) {
    const auto relay = allocation.relays.find(id);
    if (relay == allocation.relays.end()) continue;
    relay->second.address = local;
    by_relay_.emplace(local, client);
    const bool complete = std::ranges::all_of(
        allocation.relays, [](const auto& entry) { return entry.second.address.has_value(); });
    if (complete && !allocation.answered) answer_allocate(allocation, now);
    return;
  }
}

// The port was taken: another one.
void TurnServer::bind_failed(core::SocketId id, core::PathError, core::Time) {
  for (auto& [client, allocation] : allocations_) {
    const auto relay = allocation.relays.find(id);
    if (relay == allocation.relays.end()) continue;
    const core::Family family = relay->second.family;
    allocation.relays.erase(relay);
    return bind_relay(allocation, family, false);
  }
}

void TurnServer::answer_allocate(Allocation& allocation, core::Time now) {
  if (!allocation.answered) {
    allocation.answered = true;
    ++stats_.allocated;
  }
  Builder out{context_.pool, stun::Class::success, Method::allocate, allocation.transaction};
  for (const auto& [id, relay] : allocation.relays) {
    out.address(AttributeType::xor_relayed_address, *relay.address);
  }
  if (allocation.missing) {
    core::Buffer error = context_.pool.take(4);
    core::ByteWriter{error.bytes()}.u32(*allocation.missing == core::Family::v6 ? 0x0200'0428
                                                                                : 0x0100'0428);
    out.bytes(AttributeType::address_error_code, error);
  }
  const auto left = std::chrono::duration_cast<std::chrono::seconds>(allocation.expires - now);
  out.u32(AttributeType::lifetime, static_cast<std::uint32_t>(left.count()));
  out.address(AttributeType::xor_mapped_address, allocation.client.remote);
  allocation.owner.protect(out);
  out_.push_back({allocation.client, core::Ecn::not_ect, std::move(out).finish()});
}

// RFC 8656 8
void TurnServer::refresh(const Request& in, const Authenticated& who, Allocation& allocation) {
  const auto family = family_in(in.message, AttributeType::requested_address_family);
  if (family && relay_of(allocation, *family) == nullptr) {
    return fail(in, ErrorCode::peer_address_family_mismatch, &who);
  }
  const auto asked = in.message.u32(AttributeType::lifetime);
  core::Duration lifetime = asked ? std::chrono::seconds{*asked} : default_lifetime;
  if (lifetime > 0s) {
    lifetime = std::clamp<core::Duration>(lifetime, std::min(default_lifetime, config_.longest),
                                          config_.longest);
  }
  Builder out{context_.pool, stun::Class::success, Method::refresh, in.message.transaction()};
  out.u32(AttributeType::lifetime,
          static_cast<std::uint32_t>(
              std::chrono::duration_cast<std::chrono::seconds>(lifetime).count()));
  reply(in, std::move(out), who);
  if (lifetime == 0s) return remove(core::Path{in.path});
  allocation.lifetime = lifetime;
  allocation.expires = in.now + lifetime;
}

void TurnServer::reply(const Request& in, Builder out, const Authenticated& who) {
  who.protect(out);
  if (in.message.has(AttributeType::fingerprint)) out.fingerprint();
  out_.push_back({in.path, core::Ecn::not_ect, std::move(out).finish()});
}

void TurnServer::fail(const Request& in, ErrorCode code, const Authenticated* who) {
  ++stats_.refused;
  ++stats_.errors[code];
  Builder out{context_.pool, stun::Class::error, in.message.method(), in.message.transaction()};
  out.error(code);
  if (code == ErrorCode::unauthenticated || code == ErrorCode::stale_nonce) {
    credentials_.challenge(out, in.now);
  }
  if (code == ErrorCode::try_alternate)
    out.address(AttributeType::alternate_server, *config_.alternate);
  if (who != nullptr) who->protect(out);
  out_.push_back({in.path, core::Ecn::not_ect, std::move(out).finish()});
}

void TurnServer::remove(const core::Path& client) {
  const auto found = allocations_.find(client);
  if (found == allocations_.end()) return;
  for (const auto& [id, relay] : found->second.relays) {
    if (relay.address) by_relay_.erase(*relay.address);
    events_.push_back(core::Effect{core::CloseUdp{id}});
  }
  allocations_.erase(found);
}

void TurnServer::handle_timeout(core::Time now) {
  now_ = now;
  for (auto it = allocations_.begin(); it != allocations_.end();) {
    const auto current = it++;
    if (current->second.expires <= now) remove(core::Path{current->first});
  }
}

std::optional<core::Time> TurnServer::next_timeout() const {
  std::optional<core::Time> next;
  for (const auto& [client, allocation] : allocations_) {
    next = core::earliest(next, allocation.expires);
  }
  return next;
}

// RFC 8656 7.2: an allocation goes with its connection.
void TurnServer::path_error(core::Path path, core::PathError, core::Time) {
  if (path.transport != core::Transport::udp) remove(path);
}

std::optional<core::Datagram> TurnServer::poll_transmit() { return out_.pop(); }
std::optional<TurnServer::Event> TurnServer::poll_event() { return events_.pop(); }

}  // namespace lucid::sim
