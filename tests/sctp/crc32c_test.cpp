#include "sctp/crc32c.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "core/random.hpp"

namespace lucid::sctp {
namespace {

// RFC 3720 B.4, the vectors of CRC32c.
TEST(Crc32c, AgreesWithTheVectors) {
  std::array<std::uint8_t, 32> bytes{};
  EXPECT_EQ(crc32c(bytes), 0x8A9136AAU);
  bytes.fill(0xFF);
  EXPECT_EQ(crc32c(bytes), 0x62A8AB43U);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  EXPECT_EQ(crc32c(bytes), 0x46DD794EU);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(31 - i);
  EXPECT_EQ(crc32c(bytes), 0x113FDB5CU);
  EXPECT_EQ(crc32c(core::as_bytes("123456789")), 0xE3069283U);
}

TEST(Crc32c, InstructionAndTableAgreeOnEveryLengthAndAlignment) {
  core::SeededRandom random{1};
  std::vector<std::uint8_t> bytes(300);
  random.fill(bytes);
  for (std::size_t offset = 0; offset < 8; ++offset) {
    for (std::size_t size = 0; offset + size <= bytes.size(); ++size) {
      const core::Bytes part = core::Bytes{bytes}.subspan(offset, size);
      ASSERT_EQ(crc32c(part), crc32c_portable(part));
    }
  }
}

TEST(Crc32c, GoesOnFromAnEarlierSum) {
  const core::Bytes text = core::as_bytes("123456789");
  EXPECT_EQ(crc32c(text.subspan(4), crc32c(text.first(4))), crc32c(text));
}

}  // namespace
}  // namespace lucid::sctp
