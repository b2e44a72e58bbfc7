#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "core/bytes.hpp"

// Enough of VP9's headers to know how large its frames are before the library makes room for them.
namespace lucid::codec::detail {

// The frames of a chunk, at most eight: those that its index tells, or the chunk itself.
std::vector<core::Bytes> vp9_frames(core::Bytes chunk);

struct Vp9Size {
  std::uint32_t width = 0;  // 0: that of a frame before it
  std::uint32_t height = 0;
};
// Nullopt when it is no frame. Every frame may come in a size of its own, key frame or not.
std::optional<Vp9Size> vp9_size(core::Bytes frame);

// One to eight frames with an index behind them, and so without anything hidden between them.
std::vector<std::uint8_t> vp9_chunk(const std::vector<core::Bytes>& frames);

}  // namespace lucid::codec::detail
