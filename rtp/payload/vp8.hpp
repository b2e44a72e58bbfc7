#pragma once
#include <cstdint>
#include <optional>

#include "core/bytes.hpp"

namespace lucid::rtp {

// The payload descriptor in front of each VP8 payload (RFC 7741 4.2).
//
//       0 1 2 3 4 5 6 7
//      +-+-+-+-+-+-+-+-+
//      |X|R|N|S|R| PID |  N: non-reference   S: start of a partition
//      +-+-+-+-+-+-+-+-+
//   X: |I|L|T|K| RSV   |
//      +-+-+-+-+-+-+-+-+
//   I: |M| PictureID   |  7 bits, or 15 with M
//      +-+-+-+-+-+-+-+-+
//   L: |   TL0PICIDX   |
//      +-+-+-+-+-+-+-+-+
// T/K: |TID|Y| KEYIDX  |  Y: depends on the base layer only
//      +-+-+-+-+-+-+-+-+
struct Vp8Descriptor {
  bool non_reference = false;
  bool start_of_partition = false;
  std::uint8_t partition = 0;
  std::optional<std::uint16_t> picture_id;
  bool wide_picture_id = true;  // 15 bits
  std::optional<std::uint8_t> tl0_pic_idx;
  std::optional<std::uint8_t> temporal_layer;
  bool layer_sync = false;
  std::optional<std::uint8_t> key_idx;

  static constexpr std::size_t most_bytes = 6;
  // Reads a descriptor and leaves `in` at the bytes of the frame; nullopt when it is cut short.
  static std::optional<Vp8Descriptor> parse(core::ByteReader& in);
  void write(core::ByteWriter& out) const;
  friend bool operator==(const Vp8Descriptor&, const Vp8Descriptor&) = default;
};

// The head of a VP8 frame (RFC 6386 9.1): whether it is a key frame, and then its size.
struct Vp8FrameHeader {
  bool key = false;
  std::uint16_t width = 0;
  std::uint16_t height = 0;
  static std::optional<Vp8FrameHeader> parse(core::Bytes frame);
};

}  // namespace lucid::rtp
