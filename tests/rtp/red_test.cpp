#include "rtp/payload/red.hpp"

#include <gtest/gtest.h>

namespace lucid::rtp {
namespace {

// RFC 2198 3
TEST(Red, OlderBlocksComeFirst) {
  const auto old = *core::from_hex("aabb");
  const auto fresh = *core::from_hex("ccddee");
  const RedBlock blocks[] = {{111, 960, old}, {111, 0, fresh}};
  std::vector<std::uint8_t> room(64);
  core::ByteWriter out{room};
  ASSERT_TRUE(write_red(blocks, out));
  EXPECT_EQ(core::to_hex(out.written()),
            "ef0f0002"
            "6f"
            "aabb"
            "ccddee");
  const auto red = RedPayload::parse(out.written());
  ASSERT_TRUE(red);
  ASSERT_EQ(red->blocks().size(), 2U);
  EXPECT_EQ(red->blocks()[0].payload_type, 111);
  EXPECT_EQ(red->blocks()[0].timestamp_offset, 960);
  EXPECT_EQ(core::to_hex(red->blocks()[0].data), "aabb");
  EXPECT_EQ(core::to_hex(red->blocks()[1].data), "ccddee");
}

TEST(Red, RefusesLengthsThatDoNotFit) {
  EXPECT_FALSE(RedPayload::parse({}));
  EXPECT_FALSE(RedPayload::parse(*core::from_hex("ef0f00")));
  EXPECT_FALSE(RedPayload::parse(*core::from_hex("ef0f0002")));
  EXPECT_FALSE(RedPayload::parse(*core::from_hex("ef0f00026faa")));
  EXPECT_FALSE(RedPayload::parse(std::vector<std::uint8_t>(100, 0xFF)));
}

TEST(Red, WritesNoBlockThatItCannotDescribe) {
  const std::vector<std::uint8_t> large(1024);
  std::vector<std::uint8_t> room(4096);
  core::ByteWriter out{room};
  const RedBlock too_long[] = {{111, 960, large}, {111, 0, {}}};
  const RedBlock too_old[] = {{111, 0x4000, {}}, {111, 0, {}}};
  EXPECT_FALSE(write_red(too_long, out));
  EXPECT_FALSE(write_red(too_old, out));
  EXPECT_FALSE(write_red({}, out));
  EXPECT_EQ(out.size(), 0U);
}

}  // namespace
}  // namespace lucid::rtp
