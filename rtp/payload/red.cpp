#include "rtp/payload/red.hpp"

#include <algorithm>

namespace lucid::rtp {

std::optional<RedPayload> RedPayload::parse(core::Bytes payload) {
  core::ByteReader in{payload};
  RedPayload red;
  std::array<std::size_t, most_blocks> lengths{};
  // RFC 2198 3: F is set while another block header follows.
  for (bool follows = true; follows;) {
    if (red.count == most_blocks) return std::nullopt;
    const std::uint8_t first = in.u8();
    follows = (first & 0x80) != 0;
    RedBlock& block = red.storage[red.count];
    block.payload_type = first & 0x7F;
    if (follows) {
      const std::uint32_t rest = in.u24();
      block.timestamp_offset = static_cast<std::uint16_t>(rest >> 10);
      lengths[red.count] = rest & 0x3FF;
    }
    ++red.count;
    if (!in.ok()) return std::nullopt;
  }
  for (std::size_t i = 0; i + 1 < red.count; ++i) red.storage[i].data = in.bytes(lengths[i]);
  red.storage[red.count - 1].data = in.rest();
  if (!in.ok()) return std::nullopt;
  return red;
}

bool write_red(std::span<const RedBlock> blocks, core::ByteWriter& out) {
  if (blocks.empty() || blocks.size() > RedPayload::most_blocks) return false;
  const auto older = blocks.first(blocks.size() - 1);
  std::size_t size = 1 + blocks.back().data.size();
  for (const RedBlock& block : older) size += 4 + block.data.size();
  const bool fits = std::ranges::all_of(older, [](const RedBlock& block) {
    return block.data.size() <= RedPayload::most_block_bytes &&
           block.timestamp_offset <= RedPayload::most_offset;
  });
  if (!fits || !out.ok() || size > out.room()) return false;
  for (const RedBlock& block : older) {
    out.u8(block.payload_type | 0x80);
    out.u24(std::uint32_t{block.timestamp_offset} << 10 |
            static_cast<std::uint32_t>(block.data.size()));
  }
  out.u8(blocks.back().payload_type & 0x7F);
  for (const RedBlock& block : blocks) out.bytes(block.data);
  return true;
}

}  // namespace lucid::rtp
