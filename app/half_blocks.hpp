#pragma once
#include <string>
#include <vector>

#include "core/media.hpp"

namespace lucid::app {

// A picture in a terminal's characters, each the upper half of a block in one colour on the other:
// two pixels a character. Fits into the given room, in the picture's shape; a line each.
std::vector<std::string> half_blocks(const core::VideoFrame& picture, std::size_t columns,
                                     std::size_t rows);

}  // namespace lucid::app
