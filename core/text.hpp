#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

// Text as protocols compare it, whatever the locale, and as JSON has it.
namespace lucid::core {

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
std::string to_lower(std::string_view text);
constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return to_lower(x) == to_lower(y); });
}

// Of the UTF-8 character at the head of the text (RFC 3629 4); 0 when there is none.
std::size_t utf8_length(std::string_view text);
// In its quotes (RFC 8259 7). Bytes that are no UTF-8 become U+FFFD.
void append_json(std::string& out, std::string_view text);
std::string json(std::string_view text);

}  // namespace lucid::core
