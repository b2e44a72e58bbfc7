#pragma once
#include <cstdint>
#include <optional>

#include "core/bytes.hpp"

// H.264 in RTP (RFC 6184), packetization modes 0 and 1.
//
//   single NAL unit     |F|NRI|type 1..23| ...
//   STAP-A              |F|NRI|    24    | size, 16 bits | NAL unit | size | NAL unit ...
//   FU-A                |F|NRI|    28    |S|E|R|  type   | fragment of a NAL unit without its
//   header
namespace lucid::rtp::h264 {

enum class NalType : std::uint8_t {
  slice = 1,
  idr = 5,
  sei = 6,
  sps = 7,
  pps = 8,
  access_unit_delimiter = 9,
  stap_a = 24,
  fu_a = 28,
};

// What a sequence parameter set tells of the picture (H.264 7.3.2.1.1).
struct SequenceParameters {
  std::uint8_t profile = 0;
  std::uint8_t constraints = 0;
  std::uint8_t level = 0;
  std::uint16_t width = 0;
  std::uint16_t height = 0;
  static std::optional<SequenceParameters> parse(core::Bytes unit);
};

}  // namespace lucid::rtp::h264
