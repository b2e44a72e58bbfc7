#pragma once
#include <cstdint>

#include "core/bytes.hpp"

namespace lucid::rtp::detail {

// Reads bits, the highest first. Reading past the end yields zeros and fails the reader for good.
class BitReader {
 public:
  explicit BitReader(core::Bytes bytes) : bytes_{bytes} {}

  bool ok() const { return ok_; }
  std::size_t position() const { return position_; }
  std::size_t remaining() const { return bytes_.size() * 8 - position_; }

  bool bit() { return bits(1) != 0; }
  std::uint32_t bits(unsigned count) {
    if (count > remaining()) {
      ok_ = false;
      position_ = bytes_.size() * 8;
      return 0;
    }
    std::uint64_t value = 0;
    for (unsigned i = 0; i < count; ++i, ++position_) {
      value = value << 1 | (bytes_[position_ / 8] >> (7 - position_ % 8) & 1U);
    }
    return static_cast<std::uint32_t>(value);
  }
  void skip(unsigned count) {
    while (count > 32) {
      bits(32);
      count -= 32;
    }
    bits(count);
  }
  // Exp-Golomb codes of H.264 and H.265, unsigned and signed.
  std::uint32_t ue() {
    unsigned zeros = 0;
    while (ok_ && !bit()) {
      if (++zeros > 31) ok_ = false;
    }
    return ok_ ? (std::uint32_t{1} << zeros) - 1 + bits(zeros) : 0;
  }
  std::int32_t se() {
    const std::uint32_t code = ue();
    const auto half = static_cast<std::int32_t>((code + 1) / 2);
    return code % 2 == 1 ? half : -half;
  }
  // A number below `bound` in as few bits as it takes: ns(n) of AV1.
  std::uint32_t non_symmetric(std::uint32_t bound) {
    unsigned width = 0;
    while (width < 32 && bound >> width != 0) ++width;
    const std::uint32_t short_codes = (std::uint32_t{1} << width) - bound;
    const std::uint32_t value = bits(width - 1);
    return value < short_codes ? value : (value << 1) - short_codes + bits(1);
  }

 private:
  core::Bytes bytes_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

// Writes bits, the highest first, into zeroed room. Writing past the end fails the writer for good.
class BitWriter {
 public:
  explicit BitWriter(core::MutableBytes room) : room_{room} {}

  bool ok() const { return ok_; }
  std::size_t position() const { return position_; }
  std::size_t size() const { return (position_ + 7) / 8; }

  void bit(bool value) { bits(value ? 1 : 0, 1); }
  void bits(std::uint32_t value, unsigned count) {
    if (!ok_ || position_ + count > room_.size() * 8) {
      ok_ = false;
      return;
    }
    for (unsigned i = count; i > 0; --i, ++position_) {
      if ((value >> (i - 1) & 1) != 0) {
        room_[position_ / 8] |= static_cast<std::uint8_t>(0x80U >> position_ % 8);
      }
    }
  }
  void non_symmetric(std::uint32_t value, std::uint32_t bound) {
    unsigned width = 0;
    while (width < 32 && bound >> width != 0) ++width;
    const std::uint32_t short_codes = (std::uint32_t{1} << width) - bound;
    if (value < short_codes) {
      bits(value, width - 1);
    } else {
      bits(value + short_codes, width);
    }
  }

 private:
  core::MutableBytes room_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

}  // namespace lucid::rtp::detail
