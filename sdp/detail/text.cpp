#include "sdp/detail/text.hpp"

#include <algorithm>

namespace lucid::sdp::detail {

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (byte >= 0x20 && byte != 0x7F) {
      out.push_back(c);
    } else {
      out.append("\\x").append({digits[byte >> 4], digits[byte & 0x0F]});
    }
  }
  return out;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::optional<std::uint64_t> saturated_number(std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  return number<std::uint64_t>(text).value_or(std::numeric_limits<std::uint64_t>::max());
}

std::string_view Words::next() {
  while (position_ < text_.size() && is_blank(text_[position_])) ++position_;
  offset_ = position_;
  while (position_ < text_.size() && !is_blank(text_[position_])) ++position_;
  return text_.substr(offset_, position_ - offset_);
}

std::string_view Words::peek() const {
  Words copy = *this;
  return copy.next();
}

std::string_view Words::rest() {
  while (position_ < text_.size() && is_blank(text_[position_])) ++position_;
  offset_ = position_;
  position_ = text_.size();
  return trim(text_.substr(offset_));
}

}  // namespace lucid::sdp::detail
