#include "core/bytes.hpp"

#include <gtest/gtest.h>

#include <array>

namespace lucid::core {
namespace {

TEST(ByteReader, ReadsNetworkByteOrder) {
  const std::array<std::uint8_t, 10> bytes{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  ByteReader in{bytes};
  EXPECT_EQ(in.u8(), 1);
  EXPECT_EQ(in.u16(), 0x0203);
  EXPECT_EQ(in.u24(), 0x040506U);
  EXPECT_EQ(in.u32(), 0x0708090AU);
  EXPECT_TRUE(in.ok());
  EXPECT_EQ(in.remaining(), 0U);
}

TEST(ByteReader, StaysFailedAfterTheFirstShortRead) {
  const std::array<std::uint8_t, 3> bytes{1, 2, 3};
  ByteReader in{bytes};
  EXPECT_EQ(in.u32(), 0U);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.u8(), 0);
  EXPECT_TRUE(in.bytes(1).empty());
  EXPECT_EQ(in.remaining(), 0U);
}

TEST(ByteWriter, WritesWhatTheReaderReads) {
  std::array<std::uint8_t, 32> room{};
  ByteWriter out{room};
  out.u8(1);
  out.u16(2);
  out.u24(3);
  out.u32(4);
  out.u48(5);
  out.u64(6);
  out.text("hi");
  ASSERT_TRUE(out.ok());
  ByteReader in{out.written()};
  EXPECT_EQ(in.u8(), 1);
  EXPECT_EQ(in.u16(), 2);
  EXPECT_EQ(in.u24(), 3U);
  EXPECT_EQ(in.u32(), 4U);
  EXPECT_EQ(in.u48(), 5U);
  EXPECT_EQ(in.u64(), 6U);
  EXPECT_EQ(as_text(in.rest()), "hi");
}

TEST(ByteWriter, StaysFailedAndUnchangedAfterTheFirstOverflow) {
  std::array<std::uint8_t, 3> room{};
  ByteWriter out{room};
  out.u16(0x0102);
  out.u16(0x0304);
  out.u8(5);
  EXPECT_FALSE(out.ok());
  EXPECT_EQ(out.size(), 2U);
  EXPECT_EQ(room[2], 0);
}

TEST(ByteWriter, PatchesALengthWrittenBefore) {
  std::array<std::uint8_t, 4> room{};
  ByteWriter out{room};
  out.u16(0);
  out.u16(7);
  out.patch_u16(0, 0xBEEF);
  EXPECT_EQ(to_hex(out.written()), "beef0007");
}

TEST(Hex, RoundTripsAndRefusesHalfBytes) {
  const auto bytes = from_hex("DE:ad be\nef");
  ASSERT_TRUE(bytes);
  EXPECT_EQ(to_hex(*bytes), "deadbeef");
  EXPECT_FALSE(from_hex("abc"));
  EXPECT_FALSE(from_hex("zz"));
}

TEST(EqualConstantTime, ComparesContentAndLength) {
  EXPECT_TRUE(equal_constant_time(as_bytes("abc"), as_bytes("abc")));
  EXPECT_FALSE(equal_constant_time(as_bytes("abc"), as_bytes("abd")));
  EXPECT_FALSE(equal_constant_time(as_bytes("abc"), as_bytes("ab")));
}

}  // namespace
}  // namespace lucid::core
