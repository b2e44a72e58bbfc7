#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "core/bytes.hpp"

namespace lucid::rtp {

// Redundant audio (RFC 2198): older payloads in front of the one that is due now.
//
//  |1| block PT | timestamp offset, 14 bits | block length, 10 bits |   for each older one
//  |0| block PT |                                                       for the last
//  | data of all blocks, in order ...
struct RedBlock {
  std::uint8_t payload_type = 0;
  std::uint16_t timestamp_offset = 0;  // before the packet's timestamp; 0 for the last
  core::Bytes data;
};

struct RedPayload {
  static constexpr std::size_t most_blocks = 16;
  static constexpr std::size_t most_block_bytes = 1023;
  static constexpr std::uint16_t most_offset = 0x3FFF;

  // Nullopt when the lengths do not fit.
  static std::optional<RedPayload> parse(core::Bytes payload);
  // The last block is the primary one.
  std::span<const RedBlock> blocks() const { return std::span{storage}.first(count); }

  std::array<RedBlock, most_blocks> storage{};
  std::size_t count = 0;
};

// Oldest block first, the primary one last. False, with nothing written, when a block is too long
// or too old, or there is no room.
bool write_red(std::span<const RedBlock> blocks, core::ByteWriter& out);

}  // namespace lucid::rtp
