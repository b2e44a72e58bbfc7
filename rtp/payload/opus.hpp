#pragma once
#include <cstdint>
#include <optional>

#include "core/bytes.hpp"
#include "core/time.hpp"

namespace lucid::rtp {

// What an Opus packet tells without decoding (RFC 6716 3.1). Its RTP payload is the packet as it is
// (RFC 7587 4.2).
//
//   0 1 2 3 4 5 6 7
//  +-+-+-+-+-+-+-+-+
//  | config  |s| c |   config: mode, bandwidth, frame length   s: stereo   c: how frames are
//  counted
//  +-+-+-+-+-+-+-+-+
struct OpusPacket {
  core::Duration duration{};
  std::uint8_t frames = 0;
  bool stereo = false;
  bool has_fec = false;  // carries a coarse copy of the sound before it (RFC 6716 2.1.7)
  // Nullopt when this is no Opus packet (RFC 6716 3.4).
  static std::optional<OpusPacket> parse(core::Bytes packet);
};

}  // namespace lucid::rtp
