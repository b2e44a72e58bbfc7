#include "sctp/crc32c.hpp"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

namespace lucid::sctp {

namespace {

constexpr std::size_t checksum_offset = 8;  // RFC 9260 3.1

// Slicing by four: table[k][b] is what byte b does to the sum from k bytes further on.
using Table = std::array<std::array<std::uint32_t, 256>, 4>;

constexpr Table make_table() {
  constexpr std::uint32_t polynomial = 0x82F63B78;  // 0x1EDC6F41 with its bits in reverse order
  Table table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t sum = byte;
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1) ^ ((sum & 1) != 0 ? polynomial : 0);
    table[0][byte] = sum;
  }
  for (std::size_t k = 1; k < 4; ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = table[k - 1][byte];
      table[k][byte] = (before >> 8) ^ table[0][before & 0xFF];
    }
  }
  return table;
}

constexpr Table table = make_table();

#if defined(__x86_64__)

__attribute__((target("sse4.2"))) std::uint32_t by_instruction(core::Bytes bytes,
                                                               std::uint32_t before) {
  std::uint64_t sum = static_cast<std::uint32_t>(~before);
  const std::uint8_t* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    sum = _mm_crc32_u64(sum, word);
  }
  auto rest = static_cast<std::uint32_t>(sum);
  for (; left > 0; --left, ++at) rest = _mm_crc32_u8(rest, *at);
  return ~rest;
}

bool has_instruction() { return __builtin_cpu_supports("sse4.2") != 0; }

#elif defined(__ARM_FEATURE_CRC32)

std::uint32_t by_instruction(core::Bytes bytes, std::uint32_t before) {
  std::uint32_t sum = ~before;
  const std::uint8_t* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    sum = __crc32cd(sum, word);
  }
  for (; left > 0; --left, ++at) sum = __crc32cb(sum, *at);
  return ~sum;
}

bool has_instruction() { return true; }

#else

std::uint32_t by_instruction(core::Bytes bytes, std::uint32_t before) {
  return crc32c_portable(bytes, before);
}

bool has_instruction() { return false; }

#endif

}  // namespace

std::uint32_t crc32c_portable(core::Bytes bytes, std::uint32_t before) {
  std::uint32_t sum = ~before;
  while (bytes.size() >= 4) {
    sum ^= static_cast<std::uint32_t>(bytes[0]) | static_cast<std::uint32_t>(bytes[1]) << 8 |
           static_cast<std::uint32_t>(bytes[2]) << 16 | static_cast<std::uint32_t>(bytes[3]) << 24;
    sum = table[3][sum & 0xFF] ^ table[2][sum >> 8 & 0xFF] ^ table[1][sum >> 16 & 0xFF] ^
          table[0][sum >> 24];
    bytes = bytes.subspan(4);
  }
  for (const std::uint8_t byte : bytes) sum = (sum >> 8) ^ table[0][(sum ^ byte) & 0xFF];
  return ~sum;
}

std::uint32_t crc32c(core::Bytes bytes, std::uint32_t before) {
  return has_instruction() ? by_instruction(bytes, before) : crc32c_portable(bytes, before);
}

std::uint32_t packet_checksum(core::Bytes packet) {
  constexpr std::array<std::uint8_t, 4> zero{};
  return crc32c(packet.subspan(checksum_offset + zero.size()),
                crc32c(zero, crc32c(packet.first(checksum_offset))));
}

std::uint32_t read_checksum(core::Bytes packet) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < 4; ++i) sum |= std::uint32_t{packet[checksum_offset + i]} << (8 * i);
  return sum;
}

void write_checksum(core::MutableBytes packet) {
  const std::uint32_t sum = packet_checksum(packet);
  for (std::size_t i = 0; i < 4; ++i) {
    packet[checksum_offset + i] = static_cast<std::uint8_t>(sum >> (8 * i));
  }
}

}  // namespace lucid::sctp
