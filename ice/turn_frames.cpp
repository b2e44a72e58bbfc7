#include "ice/turn_frames.hpp"

#include <algorithm>

#include "stun/builder.hpp"

namespace lucid::ice {
namespace {

using stun::AttributeType;

constexpr std::size_t channel_header = 4;
constexpr std::size_t attribute_header = 4;

void write_xor_peer_address(core::ByteWriter& out, const core::Address& peer,
                            const stun::TransactionId& id) {
  const core::Bytes ip = peer.ip.bytes();
  out.u16(static_cast<std::uint16_t>(AttributeType::xor_peer_address));
  out.u16(static_cast<std::uint16_t>(attribute_header + ip.size()));
  out.u16(peer.family() == core::Family::v6 ? 2 : 1);
  out.u16(static_cast<std::uint16_t>(peer.port ^ (stun::magic_cookie >> 16)));
  // RFC 8489 14.2: covered by the cookie, and by the transaction where that is too short.
  for (std::size_t i = 0; i < ip.size(); ++i) {
    const std::uint8_t cover =
        i < 4 ? static_cast<std::uint8_t>(stun::magic_cookie >> (24 - 8 * i)) : id[i - 4];
    out.u8(ip[i] ^ cover);
  }
}

}  // namespace

core::Buffer wrap_in_channel(core::Pool& pool, std::uint16_t channel, core::Buffer data) {
  if (data.head_room() < channel_header) data = pool.copy(data);
  const auto size = static_cast<std::uint16_t>(data.size());
  core::ByteWriter out{data.prepend(channel_header)};
  out.u16(channel);
  out.u16(size);
  return data;
}

core::Buffer wrap_in_indication(core::Pool& pool, core::Random& random, const core::Address& peer,
                                core::Buffer data) {
  const std::size_t address = attribute_header + attribute_header + peer.ip.bytes().size();
  const std::size_t head = stun::header_size + address + attribute_header;
  const std::size_t size = data.size();
  const std::size_t padding = stun::padding(size);
  if (data.head_room() < head || data.tail_room() < padding) data = pool.copy(data);
  std::ranges::fill(data.append(padding), std::uint8_t{0});
  const std::size_t length = data.size() + head - stun::header_size;
  const stun::TransactionId id = stun::random_transaction(random);
  core::ByteWriter out{data.prepend(head)};
  out.u16(static_cast<std::uint16_t>(static_cast<unsigned>(stun::Method::send) |
                                     static_cast<unsigned>(stun::Class::indication)));
  out.u16(static_cast<std::uint16_t>(length));
  out.u32(stun::magic_cookie);
  out.bytes(id);
  write_xor_peer_address(out, peer, id);
  out.u16(static_cast<std::uint16_t>(AttributeType::data));
  out.u16(static_cast<std::uint16_t>(size));
  return data;
}

std::optional<std::uint16_t> unwrap_from_channel(core::Buffer& data) {
  core::ByteReader in{data};
  const std::uint16_t channel = in.u16();
  const std::size_t size = in.u16();
  if (!in.ok() || channel > last_channel || in.remaining() < size) return std::nullopt;
  data.drop_front(channel_header);
  // RFC 8656 12.5: over UDP too there may be padding.
  data.resize(size);
  return channel;
}

std::optional<core::PathError> icmp_error(const stun::Message& indication) {
  const auto value = indication.find(AttributeType::icmp);
  const auto peer = indication.address(AttributeType::xor_peer_address);
  if (!value || value->size() < 4 || !peer) return std::nullopt;
  core::ByteReader in{*value};
  in.skip(2);
  const std::uint16_t both = in.u16();  // RFC 8656 18.13: seven bits of type, nine of code
  const unsigned type = both >> 9;
  const unsigned code = both & 0x1FFU;
  const bool v6 = peer->family() == core::Family::v6;
  // RFC 792, RFC 4443: destination unreachable is 3 or 1, its port 3 or 4, its size 3/4 or 2.
  if (v6 ? type == 2 : type == 3 && code == 4) return core::PathError::too_big;
  if (type != (v6 ? 1U : 3U)) return std::nullopt;
  return code == (v6 ? 4U : 3U) ? core::PathError::refused : core::PathError::unreachable;
}

}  // namespace lucid::ice
