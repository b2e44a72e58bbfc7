#pragma once
#include <charconv>
#include <concepts>
#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdp/section.hpp"

// Words and numbers in lines of text.
namespace lucid::sdp::detail {

constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
// RFC 8839 5.1: ALPHA / DIGIT / "+" / "/"
constexpr bool is_ice_char(char c) { return is_alpha(c) || is_digit(c) || c == '+' || c == '/'; }

std::string_view trim(std::string_view text);
// For people to read on one line: control characters are told by their number.
std::string printable(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);

// Digits only, and all of the text.
template <std::unsigned_integral N>
std::optional<N> number(std::string_view text) {
  N value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}
// A number too large for 64 bits counts as the largest.
std::optional<std::uint64_t> saturated_number(std::string_view text);

// Takes a value apart at its blanks. Several blanks count as one, those at either end as none.
class Words {
 public:
  explicit Words(std::string_view text) : text_{text} {}

  std::string_view next();        // empty at the end
  std::string_view peek() const;  // what next() will yield
  std::string_view rest();        // all that is left, trimmed
  bool at_end() const { return peek().empty(); }
  std::size_t offset() const { return offset_; }  // of what was taken last
  std::unexpected<SyntaxError> fail(Rule rule) const {
    return std::unexpected(SyntaxError{rule, offset_});
  }

 private:
  std::string_view text_;
  std::size_t position_ = 0;
  std::size_t offset_ = 0;
};

}  // namespace lucid::sdp::detail
