#include "core/bytes.hpp"

#include <algorithm>

namespace lucid::core {

namespace {

std::optional<std::uint8_t> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

bool separates_bytes(char c) { return c == ' ' || c == ':' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

bool equal(Bytes a, Bytes b) { return std::ranges::equal(a, b); }

bool equal_constant_time(Bytes a, Bytes b) {
  if (a.size() != b.size()) return false;
  volatile std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
  }
  return difference == 0;
}

std::string to_hex(Bytes bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text.push_back(digits[byte >> 4]);
    text.push_back(digits[byte & 15]);
  }
  return text;
}

std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  std::uint8_t high = 0;
  bool half = false;
  for (const char c : text) {
    if (separates_bytes(c) && !half) continue;
    const std::optional<std::uint8_t> digit = hex_digit(c);
    if (!digit) return std::nullopt;
    if (half) bytes.push_back(static_cast<std::uint8_t>(high << 4 | *digit));
    high = *digit;
    half = !half;
  }
  if (half) return std::nullopt;
  return bytes;
}

}  // namespace lucid::core
