#pragma once
#include <cstdint>
#include <optional>

#include "core/bytes.hpp"

// H.265 in RTP (RFC 7798), without the decoding order numbers of interleaving.
//
//   single NAL unit     |F| type |  layer id  | TID | ...
//   aggregation packet  |F|  48  |  layer id  | TID | size, 16 bits | NAL unit | size | NAL unit
//   ... fragmentation unit  |F|  49  |  layer id  | TID |S|E| type | fragment of a NAL unit
namespace lucid::rtp::h265 {

enum class NalType : std::uint8_t {
  first_irap = 16,
  last_irap = 23,
  vps = 32,
  sps = 33,
  pps = 34,
  access_unit_delimiter = 35,
  aggregation = 48,
  fragmentation = 49,
  paci = 50,
};

// What a sequence parameter set tells of the picture (H.265 7.3.2.2).
struct SequenceParameters {
  std::uint16_t width = 0;
  std::uint16_t height = 0;
  static std::optional<SequenceParameters> parse(core::Bytes unit);
};

}  // namespace lucid::rtp::h265
