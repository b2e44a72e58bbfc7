#pragma once
#include <optional>

#include "sdp/section.hpp"

namespace lucid::sdp::detail {

// A letter, '=' and whatever follows.
bool is_line(const Line& line);
// Reads the line by the type for its key, if there is one; nullopt when it can be read.
std::optional<SyntaxError> check_syntax(const Line& line);

}  // namespace lucid::sdp::detail
