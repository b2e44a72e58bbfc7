#pragma once
#include <string>
#include <string_view>

namespace lucid::signaling {

// What may be seen of `wanted`: no markup, no control characters, so many bytes of UTF-8.
std::string clean_name(std::string_view wanted, std::size_t limit);
// `text` without anything between < and >, and without the brackets.
std::string without_markup(std::string_view text);
// 1 to 64 letters, digits and -_.~
bool is_room_name(std::string_view name);

}  // namespace lucid::signaling
