#pragma once
#include <cstdint>

#include "core/bytes.hpp"

namespace lucid::stun::detail {

// RFC 8489 14.7: "STUN", so that a protocol that ends in the same CRC is not taken for STUN.
constexpr std::uint32_t fingerprint_mask = 0x5354554E;

// ITU V.42's CRC-32, that of Ethernet and zip.
std::uint32_t crc32(core::Bytes bytes);

}  // namespace lucid::stun::detail
