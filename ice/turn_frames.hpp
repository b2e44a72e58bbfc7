#pragma once
#include <cstdint>
#include <optional>

#include "core/address.hpp"
#include "core/buffer.hpp"
#include "core/effects.hpp"
#include "core/random.hpp"
#include "stun/message.hpp"

// How data travels between a TURN client and its server (RFC 8656 11, 12).
namespace lucid::ice {

// RFC 8656 12: channel numbers, four in a thousand of what 16 bits hold.
constexpr std::uint16_t first_channel = 0x4000;
constexpr std::uint16_t last_channel = 0x4FFF;

// RFC 8656 12.4, in place where the buffer has room:
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |     0x4000 to 0x4FFF          |            Length             |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |                       Application Data                        |
core::Buffer wrap_in_channel(core::Pool& pool, std::uint16_t channel, core::Buffer data);

// RFC 8656 11.1: a Send indication, in place where the buffer has room.
core::Buffer wrap_in_indication(core::Pool& pool, core::Random& random, const core::Address& peer,
                                core::Buffer data);

// RFC 8656 12: the first two bits of a ChannelData message are 0 and 1.
constexpr bool looks_like_channel_data(core::Bytes bytes) {
  return !bytes.empty() && (bytes[0] & 0xC0) == 0x40;
}
// The channel, with what it carries left in `data`; none when the message is cut short.
std::optional<std::uint16_t> unwrap_from_channel(core::Buffer& data);

// RFC 8656 18.13: what became of a packet to a peer. None where it means nothing to us.
std::optional<core::PathError> icmp_error(const stun::Message& indication);

}  // namespace lucid::ice
