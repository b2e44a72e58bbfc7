#pragma once
#include <cstdint>
#include <optional>

#include "core/bytes.hpp"

namespace lucid::srtp::detail {

// As much of RTP as its protection needs: the header stays readable, all behind it is encrypted.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+  ---
//   |V=2|P|X|  CC   |M|     PT      |       sequence number         |   ^
//   |                           timestamp                           |   |
//   |                             SSRC                              |   authenticated
//   |                    CSRCs, header extension                    |   |
//   +---------------------------------------------------------------+   |  ---
//   |                    payload, padding                           |   v   ^ encrypted
//   +---------------------------------------------------------------+  ---  v
//   |                    authentication tag                         |
//   +---------------------------------------------------------------+
struct RtpHeader {
  std::uint32_t ssrc;
  std::uint16_t sequence;
  std::size_t size;  // where the payload begins
};
std::optional<RtpHeader> parse_rtp(core::Bytes packet);

// SRTCP encrypts all behind the first eight bytes, and adds a word with the E flag and the index
// (RFC 3711 3.4): before the tag, or with AEAD behind it (RFC 7714 9.2).
constexpr std::size_t rtcp_header_size = 8;
constexpr std::size_t rtcp_word_size = 4;
constexpr std::uint32_t encrypted_flag = 0x80000000;
std::optional<std::uint32_t> parse_rtcp_ssrc(core::Bytes packet);
// That word of a protected packet; nullopt when the packet is too short to have one.
std::optional<std::uint32_t> parse_rtcp_word(core::Bytes packet, std::size_t tag_size, bool aead);

}  // namespace lucid::srtp::detail
