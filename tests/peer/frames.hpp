#pragma once
#include <algorithm>
#include <iterator>

#include "core/media.hpp"

namespace lucid::peer {

// RFC 6386 9.1: as much of a VP8 frame as RTP looks at.
inline core::EncodedFrame vp8_frame(bool key, std::size_t size, std::uint32_t timestamp) {
  core::EncodedFrame frame;
  frame.codec = core::Codec::vp8;
  frame.key = key;
  frame.rtp_timestamp = timestamp;
  frame.data.assign(size, static_cast<std::uint8_t>(timestamp / 3000));
  frame.data[0] = key ? 0x10 : 0x11;
  if (key) {
    const std::uint8_t head[] = {0x9D, 0x01, 0x2A, 0x80, 0x02, 0xE0, 0x01};  // 640x480
    std::copy(std::begin(head), std::end(head), frame.data.begin() + 3);
  }
  return frame;
}

}  // namespace lucid::peer
