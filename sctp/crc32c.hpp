#pragma once
#include <cstdint>

#include "core/bytes.hpp"

namespace lucid::sctp {

// The checksum of SCTP packets (RFC 9260 Appendix A): CRC-32 with the Castagnoli polynomial, by the
// processor's instruction where it has one. Give an earlier result as `before` to go on from there.
std::uint32_t crc32c(core::Bytes bytes, std::uint32_t before = 0);

// The same without the instruction: for other processors, and as the oracle of the test.
std::uint32_t crc32c_portable(core::Bytes bytes, std::uint32_t before = 0);

// The checksum of a whole SCTP packet, of at least 12 bytes: its own field counts as zero. It is
// written low byte first (RFC 9260 Appendix A).
std::uint32_t packet_checksum(core::Bytes packet);
std::uint32_t read_checksum(core::Bytes packet);
void write_checksum(core::MutableBytes packet);

}  // namespace lucid::sctp
