#include "codec/detail/vp9_frames.hpp"

#include <array>

namespace lucid::codec::detail {

namespace {

constexpr std::uint32_t sync_code = 0x498342;
constexpr std::uint32_t srgb = 7;
constexpr std::uint8_t index_mask = 0xE0;
constexpr std::uint8_t index_marker = 0xC0;

// The highest bit first; zeros past the end, and no good from there on.
class Bits {
 public:
  explicit Bits(core::Bytes bytes) : bytes_{bytes} {}
  bool ok() const { return at_ <= bytes_.size() * 8; }
  std::uint32_t read(unsigned count) {
    std::uint32_t value = 0;
    for (; count > 0; --count, ++at_) {
      const bool there = at_ / 8 < bytes_.size();
      value = value << 1 | (there ? bytes_[at_ / 8] >> (7 - at_ % 8) & 1U : 0U);
    }
    return value;
  }
  bool bit() { return read(1) != 0; }

 private:
  core::Bytes bytes_;
  std::size_t at_ = 0;
};

// VP9 bitstream 6.2.2
void skip_color(Bits& in, std::uint32_t profile) {
  if (profile >= 2) in.read(1);
  const bool sampled = in.read(3) != srgb;
  if (sampled) in.read(1);
  if (profile % 2 == 1) in.read(sampled ? 3 : 1);
}

// VP9 bitstream 6.2.5: of a frame that refers to others, whether one of them has its size.
bool has_size_of_reference(Bits& in) {
  in.read(8 + 3 * 4);
  for (int reference = 0; reference < 3; ++reference) {
    if (in.bit()) return true;
  }
  return false;
}

}  // namespace

// VP9 bitstream annex B: marker, sizes in little-endian order, marker once more.
std::vector<core::Bytes> vp9_frames(core::Bytes chunk) {
  if (chunk.empty() || (chunk.back() & index_mask) != index_marker) return {chunk};
  const std::size_t count = (chunk.back() & 7U) + 1;
  const std::size_t width = (chunk.back() >> 3 & 3U) + 1;
  const std::size_t index = 2 + count * width;
  if (chunk.size() < index || chunk[chunk.size() - index] != chunk.back()) return {chunk};
  core::Bytes rest = chunk.first(chunk.size() - index);
  core::ByteReader in{chunk.subspan(chunk.size() - index + 1)};
  std::vector<core::Bytes> frames;
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t size = 0;
    for (std::size_t byte = 0; byte < width; ++byte) size |= std::size_t{in.u8()} << 8 * byte;
    if (size > rest.size()) return {chunk};
    if (size > 0) frames.push_back(rest.first(size));
    rest = rest.subspan(size);
  }
  return frames;
}

std::optional<Vp9Size> vp9_size(core::Bytes frame) {
  Bits in{frame};
  if (in.read(2) != 2) return std::nullopt;
  const std::uint32_t low = in.read(1);
  const std::uint32_t profile = in.read(1) << 1 | low;
  if (profile == 3) in.read(1);
  if (in.bit()) return in.ok() ? std::optional{Vp9Size{}} : std::nullopt;  // shows one it has
  const bool key = !in.bit();
  const bool shown = in.bit();
  const bool resilient = in.bit();
  const bool intra = !key && !shown && in.bit();
  if (!key && !resilient) in.read(2);
  if (key || intra) {
    if (in.read(24) != sync_code) return std::nullopt;
    if (key || profile > 0) skip_color(in, profile);
    if (intra) in.read(8);
  } else if (has_size_of_reference(in)) {
    return in.ok() ? std::optional{Vp9Size{}} : std::nullopt;
  }
  const std::uint32_t width = in.read(16) + 1;
  const std::uint32_t height = in.read(16) + 1;
  return in.ok() ? std::optional{Vp9Size{width, height}} : std::nullopt;
}

std::vector<std::uint8_t> vp9_chunk(const std::vector<core::Bytes>& frames) {
  std::vector<std::uint8_t> chunk;
  constexpr std::size_t width = 4;
  const auto marker =
      static_cast<std::uint8_t>(index_marker | (width - 1) << 3 | (frames.size() - 1));
  for (const core::Bytes frame : frames) chunk.insert(chunk.end(), frame.begin(), frame.end());
  chunk.push_back(marker);
  for (const core::Bytes frame : frames) {
    for (std::size_t byte = 0; byte < width; ++byte) {
      chunk.push_back(static_cast<std::uint8_t>(frame.size() >> 8 * byte));
    }
  }
  chunk.push_back(marker);
  return chunk;
}

}  // namespace lucid::codec::detail
