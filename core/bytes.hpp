#pragma once
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lucid::core {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
bool equal(Bytes a, Bytes b);
// Compares without telling by its run time where the first difference lies. For tags and
// fingerprints.
bool equal_constant_time(Bytes a, Bytes b);
std::string to_hex(Bytes bytes);
// Upper or lower case, blanks and colons between bytes allowed; nullopt for anything else.
std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text);

// Reads network byte order from a borrowed span. The first read past the end fails the reader for
// good: that read and all later ones yield zero or nothing, so ok() is asked once a stage.
class ByteReader {
 public:
  explicit ByteReader(Bytes bytes) : bytes_{bytes} {}

  bool ok() const { return ok_; }
  std::size_t remaining() const { return bytes_.size() - position_; }
  std::size_t position() const { return position_; }

  std::uint8_t u8() { return static_cast<std::uint8_t>(number<1>()); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number<2>()); }
  std::uint32_t u24() { return static_cast<std::uint32_t>(number<3>()); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number<4>()); }
  std::uint64_t u48() { return number<6>(); }
  std::uint64_t u64() { return number<8>(); }

  Bytes bytes(std::size_t count) {
    if (!advance(count)) return {};
    return bytes_.subspan(position_ - count, count);
  }
  void skip(std::size_t count) { advance(count); }
  Bytes rest() { return bytes(remaining()); }

 private:
  bool advance(std::size_t count) {
    if (!ok_ || count > remaining()) {
      ok_ = false;
      position_ = bytes_.size();
      return false;
    }
    position_ += count;
    return true;
  }
  template <std::size_t Width>
  std::uint64_t number() {
    if (!advance(Width)) return 0;
    std::uint64_t value = 0;
    for (std::size_t i = position_ - Width; i < position_; ++i) value = value << 8 | bytes_[i];
    return value;
  }

  Bytes bytes_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

// Writes network byte order into a borrowed span. The first write past the end fails the writer for
// good and changes nothing; written() is what fitted.
class ByteWriter {
 public:
  explicit ByteWriter(MutableBytes room) : room_{room} {}

  bool ok() const { return ok_; }
  std::size_t size() const { return position_; }
  std::size_t room() const { return room_.size() - position_; }
  MutableBytes written() const { return room_.first(position_); }

  void u8(std::uint8_t value) { number<1>(value); }
  void u16(std::uint16_t value) { number<2>(value); }
  void u24(std::uint32_t value) { number<3>(value); }
  void u32(std::uint32_t value) { number<4>(value); }
  void u48(std::uint64_t value) { number<6>(value); }
  void u64(std::uint64_t value) { number<8>(value); }
  void bytes(Bytes value) {
    const MutableBytes out = reserve(value.size());
    if (!out.empty()) std::memcpy(out.data(), value.data(), value.size());
  }
  void text(std::string_view value) { bytes(as_bytes(value)); }
  void fill(std::size_t count, std::uint8_t value = 0) {
    const MutableBytes out = reserve(count);
    if (!out.empty()) std::memset(out.data(), value, out.size());
  }
  // Room for bytes that the caller writes itself; empty when it does not fit.
  MutableBytes reserve(std::size_t count) {
    if (!ok_ || count > room()) {
      ok_ = false;
      return {};
    }
    position_ += count;
    return room_.subspan(position_ - count, count);
  }
  // Overwrites a 16-bit number written before, such as a length that is known only afterwards.
  void patch_u16(std::size_t at, std::uint16_t value) {
    if (at + 2 > position_) return;
    room_[at] = static_cast<std::uint8_t>(value >> 8);
    room_[at + 1] = static_cast<std::uint8_t>(value);
  }

 private:
  template <std::size_t Width>
  void number(std::uint64_t value) {
    const MutableBytes out = reserve(Width);
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = static_cast<std::uint8_t>(value >> (8 * (Width - 1 - i)));
    }
  }

  MutableBytes room_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

}  // namespace lucid::core
