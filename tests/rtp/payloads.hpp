#pragma once
#include <gtest/gtest.h>

#include <vector>

#include "core/random.hpp"
#include "rtp/payload/depacketizer.hpp"
#include "rtp/payload/packetizer.hpp"

// What the tests of payload formats share.
namespace lucid::rtp::testing {

struct Payload {
  std::vector<std::uint8_t> bytes;
  Piece piece;
};

inline std::vector<Payload> packetize(Packetizer& packetizer, const core::EncodedFrame& frame,
                                      std::size_t limit) {
  std::vector<Payload> payloads;
  if (!packetizer.open(frame, limit)) return payloads;
  std::vector<std::uint8_t> room(limit);
  while (const auto piece = packetizer.next(room)) {
    EXPECT_GT(piece->size, 0U);
    EXPECT_LE(piece->size, limit);
    payloads.push_back(
        {{room.begin(), room.begin() + static_cast<std::ptrdiff_t>(piece->size)}, *piece});
  }
  EXPECT_FALSE(payloads.empty());
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    EXPECT_EQ(payloads[i].piece.first, i == 0);
    EXPECT_EQ(payloads[i].piece.last, i + 1 == payloads.size());
  }
  return payloads;
}

inline std::optional<core::EncodedFrame> assemble(const Depacketizer& depacketizer,
                                                  const std::vector<Payload>& payloads) {
  std::vector<core::Bytes> parts;
  for (const Payload& payload : payloads) parts.emplace_back(payload.bytes);
  core::EncodedFrame frame;
  if (!depacketizer.assemble(parts, frame)) return std::nullopt;
  return frame;
}

// Bytes that look like nothing in particular, the same each time.
inline std::vector<std::uint8_t> noise(std::size_t size, std::uint64_t seed = 1) {
  core::SeededRandom random{seed};
  std::vector<std::uint8_t> bytes(size);
  random.fill(bytes);
  return bytes;
}

}  // namespace lucid::rtp::testing
