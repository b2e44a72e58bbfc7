#pragma once
#include <cstdint>
#include <optional>

#include "core/bytes.hpp"

// AV1 in RTP (AV1 RTP payload format 1.0, 4.4): an aggregation header, then OBUs or parts of them.
//
//   0 1 2 3 4 5 6 7
//  +-+-+-+-+-+-+-+-+  Z: begins with the rest of an OBU   Y: its last one goes on in the next
//  packet |Z|Y| W |N|-|-|-|  W: number of elements, the last without a length; 0: all have one
//  +-+-+-+-+-+-+-+-+  N: first packet of a coded video sequence
namespace lucid::rtp::av1 {

enum class ObuType : std::uint8_t {
  sequence_header = 1,
  temporal_delimiter = 2,
  frame_header = 3,
  tile_group = 4,
  metadata = 5,
  frame = 6,
  redundant_frame_header = 7,
  tile_list = 8,
  padding = 15,
};

// One open bitstream unit (AV1 5.3), borrowed.
struct Obu {
  ObuType type = ObuType::padding;
  std::uint8_t header = 0;                // the first byte, without its size bit
  std::optional<std::uint8_t> extension;  // temporal_id, 3 bits; spatial_id, 2
  core::Bytes payload;

  std::uint8_t temporal_layer() const {
    return static_cast<std::uint8_t>(extension.value_or(0) >> 5);
  }
  std::uint8_t spatial_layer() const { return extension.value_or(0) >> 3 & 3; }
  std::size_t size_without_length() const { return (extension ? 2U : 1U) + payload.size(); }
  // The next unit; one without a size takes all that is left. Nullopt at the end, or for garbage.
  static std::optional<Obu> parse(core::ByteReader& in);
};

struct SequenceHeader {
  bool reduced_still_picture = false;
  std::uint16_t width = 0;
  std::uint16_t height = 0;
  static std::optional<SequenceHeader> parse(core::Bytes payload);
};

// What the OBUs of a temporal unit say.
struct Summary {
  bool key = false;  // a sequence header and a key frame
  std::uint16_t width = 0;
  std::uint16_t height = 0;
  std::uint8_t temporal_layer = 0;
  std::uint8_t spatial_layer = 0;
  static Summary of(core::Bytes low_overhead_stream);
};

std::uint64_t read_leb128(core::ByteReader& in);
void write_leb128(std::uint64_t value, core::ByteWriter& out);
std::size_t leb128_size(std::uint64_t value);

}  // namespace lucid::rtp::av1
