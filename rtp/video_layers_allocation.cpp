#include "rtp/video_layers_allocation.hpp"

#include <algorithm>
#include <array>

#include "rtp/payload/av1.hpp"

namespace lucid::rtp {
namespace {

using Masks = std::array<std::uint8_t, 4>;  // active spatial layers of each stream

std::size_t halves_to_bytes(std::size_t count) { return (count + 1) / 2; }
std::size_t quarters_to_bytes(std::size_t count) { return (count + 3) / 4; }

Masks masks_of(const VideoLayersAllocation& allocation) {
  Masks masks{};
  for (const auto& layer : allocation.layers) {
    masks[layer.stream & 3] |= static_cast<std::uint8_t>(1U << (layer.spatial & 3));
  }
  return masks;
}

bool alike(const Masks& masks, std::uint8_t streams) {
  return std::all_of(masks.begin(), masks.begin() + streams,
                     [&](std::uint8_t mask) { return mask == masks[0]; });
}

void read_layers(core::ByteReader& in, const Masks& masks, VideoLayersAllocation& allocation) {
  for (std::uint8_t stream = 0; stream < allocation.streams; ++stream) {
    for (std::uint8_t spatial = 0; spatial < 4; ++spatial) {
      if ((masks[stream] >> spatial & 1) == 0) continue;
      allocation.layers.push_back({.stream = stream, .spatial = spatial, .kilobits = {}});
    }
  }
  std::uint8_t byte = 0;
  for (std::size_t i = 0; i < allocation.layers.size(); ++i) {
    if (i % 4 == 0) byte = in.u8();
    allocation.layers[i].kilobits.resize((byte >> (6 - 2 * (i % 4)) & 3U) + 1);
  }
  for (auto& layer : allocation.layers) {
    for (std::uint32_t& rate : layer.kilobits) {
      rate = static_cast<std::uint32_t>(av1::read_leb128(in));
    }
  }
}

}  // namespace

std::optional<VideoLayersAllocation> VideoLayersAllocation::parse(core::Bytes value) {
  core::ByteReader in{value};
  const std::uint8_t head = in.u8();
  VideoLayersAllocation allocation;
  allocation.stream = head >> 6;
  allocation.streams = static_cast<std::uint8_t>((head >> 4 & 3) + 1);
  // A single zero: nothing is sent at all.
  if (value.size() == 1 && head == 0) return allocation;
  Masks masks{};
  masks.fill(head & 0x0F);
  for (std::size_t i = 0; (head & 0x0F) == 0 && i < halves_to_bytes(allocation.streams); ++i) {
    const std::uint8_t both = in.u8();
    masks[2 * i] = both >> 4;
    masks[2 * i + 1] = both & 0x0F;
  }
  read_layers(in, masks, allocation);
  if (!in.ok() || allocation.stream >= allocation.streams) return std::nullopt;
  if (in.remaining() == 0) return allocation;
  for (Layer& layer : allocation.layers) {
    layer.width = in.u16() + 1U;
    layer.height = in.u16() + 1U;
    layer.frame_rate = in.u8();
  }
  if (!in.ok() || in.remaining() != 0) return std::nullopt;
  return allocation;
}

std::size_t VideoLayersAllocation::size() const {
  if (layers.empty()) return 1;
  const Masks masks = masks_of(*this);
  std::size_t size = 1 + (alike(masks, streams) ? 0 : halves_to_bytes(streams));
  size += quarters_to_bytes(layers.size());
  for (const Layer& layer : layers) {
    for (const std::uint32_t rate : layer.kilobits) size += av1::leb128_size(rate);
    size += layer.width != 0 ? 5 : 0;
  }
  return size;
}

void VideoLayersAllocation::write(core::ByteWriter& out) const {
  if (layers.empty()) {
    out.u8(0);
    return;
  }
  const Masks masks = masks_of(*this);
  const bool shared = alike(masks, streams);
  out.u8(static_cast<std::uint8_t>(stream << 6 | (streams - 1) << 4 | (shared ? masks[0] : 0)));
  for (std::size_t i = 0; !shared && i < halves_to_bytes(streams); ++i) {
    out.u8(static_cast<std::uint8_t>(masks[2 * i] << 4 | masks[2 * i + 1]));
  }
  for (std::size_t i = 0; i < layers.size(); i += 4) {
    unsigned byte = 0;
    for (std::size_t j = i; j < std::min(i + 4, layers.size()); ++j) {
      const std::size_t count = std::max<std::size_t>(layers[j].kilobits.size(), 1);
      byte |= static_cast<unsigned>(count - 1) << (6 - 2 * (j - i));
    }
    out.u8(static_cast<std::uint8_t>(byte));
  }
  for (const Layer& layer : layers) {
    for (const std::uint32_t rate : layer.kilobits) av1::write_leb128(rate, out);
  }
  for (const Layer& layer : layers) {
    if (layer.width == 0) continue;
    out.u16(static_cast<std::uint16_t>(layer.width - 1));
    out.u16(static_cast<std::uint16_t>(layer.height - 1));
    out.u8(layer.frame_rate);
  }
}

}  // namespace lucid::rtp
