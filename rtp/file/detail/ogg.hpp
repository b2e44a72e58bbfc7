#pragma once
#include <cstdint>
#include <expected>
#include <span>
#include <vector>

#include "core/bytes.hpp"
#include "rtp/file/media.hpp"

// Ogg pages (RFC 3533 6), one logical stream.
namespace lucid::rtp::file::detail {

struct OggPacket {
  core::Bytes data;
  std::uint64_t granule = 0;
};

std::expected<std::vector<std::vector<std::uint8_t>>, Error> read_ogg(core::Bytes file);
// One packet a page.
std::vector<std::uint8_t> write_ogg(std::span<const OggPacket> packets);

}  // namespace lucid::rtp::file::detail
