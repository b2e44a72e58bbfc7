#include "signaling/names.hpp"

#include <algorithm>

namespace lucid::signaling {

std::string without_markup(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t open = text.find('<');
    out += text.substr(0, open);
    if (open == std::string_view::npos) break;
    const std::size_t close = text.find('>', open);
    // A bracket that is never closed is dropped; so is one that is never opened.
    text.remove_prefix(close == std::string_view::npos ? open + 1 : close + 1);
  }
  std::erase(out, '>');
  return out;
}

std::string clean_name(std::string_view wanted, std::size_t limit) {
  std::string name = without_markup(wanted);
  std::erase_if(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (name.size() > limit) {
    // Not in the middle of a character: its further bytes begin with 10.
    while (limit > 0 && (static_cast<unsigned char>(name[limit]) & 0xC0) == 0x80) --limit;
    name.resize(limit);
  }
  const auto from = name.find_first_not_of(' ');
  const auto to = name.find_last_not_of(' ');
  return from == std::string::npos ? std::string{} : name.substr(from, to - from + 1);
}

bool is_room_name(std::string_view name) {
  constexpr std::size_t longest = 64;
  return !name.empty() && name.size() <= longest && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '~';
  });
}

}  // namespace lucid::signaling
