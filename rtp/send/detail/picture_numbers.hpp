#pragma once
#include <cstdint>
#include <optional>

#include "core/bytes.hpp"
#include "core/media.hpp"

namespace lucid::rtp::detail {

// The numbers that VP8 and VP9 payloads give their pictures (RFC 7741 4.2, RFC 9628 4.2), changed
// where they lie.
struct PictureNumbers {
  std::optional<std::uint16_t> picture;  // 7 or 15 bits
  std::optional<std::uint8_t> base;      // TL0PICIDX

  static PictureNumbers read(core::Codec codec, core::Bytes payload);
  // Writes those that are there already, in the width they have.
  void write(core::Codec codec, core::MutableBytes payload) const;
};

}  // namespace lucid::rtp::detail
