#include "rtp/payload/h264.hpp"

#include "rtp/payload/detail/nal.hpp"
#include "tests/rtp/payloads.hpp"

namespace lucid::rtp {
namespace {

using testing::assemble;
using testing::noise;
using testing::packetize;
using testing::Payload;

std::unique_ptr<Packetizer> packetizer_of(std::uint8_t mode = 1) {
  core::SeededRandom random{1};
  return make_packetizer({.codec = core::Codec::h264, .h264_packetization_mode = mode}, random);
}

// A unit with this header and no start code inside.
std::vector<std::uint8_t> unit(std::uint8_t header, std::size_t size) {
  auto bytes = noise(size);
  for (auto& byte : bytes) byte |= 4;
  bytes[0] = header;
  return bytes;
}

core::EncodedFrame frame_of(const std::vector<std::vector<std::uint8_t>>& units) {
  core::EncodedFrame frame{.codec = core::Codec::h264};
  for (const auto& bytes : units) {
    detail::append_start_code(frame.data);
    frame.data.insert(frame.data.end(), bytes.begin(), bytes.end());
  }
  return frame;
}

std::vector<unsigned> types_of(const std::vector<Payload>& payloads) {
  std::vector<unsigned> types;
  for (const auto& payload : payloads) types.push_back(payload.bytes[0] & 0x1F);
  return types;
}

std::optional<core::EncodedFrame> assemble_hex(std::initializer_list<std::string_view> payloads) {
  std::vector<Payload> parts;
  for (const std::string_view hex : payloads) parts.push_back({*core::from_hex(hex), {}});
  return assemble(*make_depacketizer(core::Codec::h264), parts);
}

TEST(AnnexB, SplitsAtStartCodesOfThreeBytesAndFour) {
  const auto stream =
      *core::from_hex("00000001 67aa00bb 000001 68cc 0000 00000001 65 000003 01 000000");
  std::vector<core::Bytes> units;
  ASSERT_TRUE(detail::split_annex_b(stream, units));
  ASSERT_EQ(units.size(), 3U);
  EXPECT_EQ(core::to_hex(units[0]), "67aa00bb");
  EXPECT_EQ(core::to_hex(units[1]), "68cc");
  EXPECT_EQ(core::to_hex(units[2]), "6500000301");
  EXPECT_FALSE(detail::split_annex_b(*core::from_hex("67aabb"), units));
  EXPECT_FALSE(detail::split_annex_b(*core::from_hex("ff000001 67"), units));
  EXPECT_FALSE(detail::split_annex_b({}, units));
}

// RFC 6184 5.6, RFC 6184 6.2
TEST(H264, ModeZeroSendsEachUnitByItself) {
  const auto frame = frame_of({unit(0x67, 20), unit(0x68, 8), unit(0x65, 500)});
  EXPECT_EQ(types_of(packetize(*packetizer_of(0), frame, 1000)), (std::vector<unsigned>{7, 8, 5}));
  EXPECT_FALSE(packetizer_of(0)->open(frame, 400));
}

// RFC 6184 5.7.1
TEST(H264, SmallUnitsShareAPacket) {
  const auto frame = frame_of({unit(0x67, 20), unit(0x48, 8), unit(0x06, 10)});
  const auto payloads = packetize(*packetizer_of(), frame, 1000);
  ASSERT_EQ(payloads.size(), 1U);
  EXPECT_EQ(payloads[0].bytes[0], 0x78);  // the highest NRI of all
  EXPECT_EQ(assemble(*make_depacketizer(core::Codec::h264), payloads)->data, frame.data);
}

// RFC 6184 5.8
TEST(H264, LargeUnitsAreFragmented) {
  const auto frame = frame_of({unit(0x67, 20), unit(0x65, 2500)});
  const auto payloads = packetize(*packetizer_of(), frame, 1000);
  EXPECT_EQ(types_of(payloads), (std::vector<unsigned>{7, 28, 28, 28}));
  EXPECT_EQ(payloads[1].bytes[1], 0x85);
  EXPECT_EQ(payloads[2].bytes[1], 0x05);
  EXPECT_EQ(payloads[3].bytes[1], 0x45);
  EXPECT_TRUE(payloads[3].piece.marker);
  const auto back = assemble(*make_depacketizer(core::Codec::h264), payloads);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->data, frame.data);
  EXPECT_TRUE(back->key);
}

TEST(H264, KnowsKeyFramesAndThoseNobodyNeeds) {
  EXPECT_TRUE(assemble_hex({"6588"})->key);
  EXPECT_FALSE(assemble_hex({"4188"})->key);
  EXPECT_FALSE(assemble_hex({"4188"})->discardable);
  EXPECT_TRUE(assemble_hex({"0188"})->discardable);
}

// RFC 6184 5.4
TEST(H264, RefusesOtherModes) {
  const auto depacketizer = make_depacketizer(core::Codec::h264);
  for (const std::string_view hex :
       {"", "00aa", "19aa", "1aaa", "1baa", "1daa", "1eaa", "1faa", "1c"}) {
    EXPECT_FALSE(depacketizer->inspect(*core::from_hex(hex), true)) << hex;
  }
}

TEST(H264, RefusesBrokenAggregatesAndFragments) {
  EXPECT_FALSE(assemble_hex({"78"}));
  EXPECT_FALSE(assemble_hex({"78 0005 6701"}));
  EXPECT_FALSE(assemble_hex({"78 0000"}));
  EXPECT_FALSE(assemble_hex({"7c05aa"}));                    // begins in the middle
  EXPECT_FALSE(assemble_hex({"7c85aa"}));                    // does not end
  EXPECT_FALSE(assemble_hex({"7c85aa", "7c85aa"}));          // begins twice
  EXPECT_FALSE(assemble_hex({"7c85aa", "41aa", "7c45aa"}));  // another in between
  EXPECT_EQ(core::to_hex(assemble_hex({"7c85aa", "7c05bb", "7c45cc"})->data), "0000000165aabbcc");
}

// From an x264 stream of 640 by 360 and from one of 1920 by 1080, which is cropped.
TEST(H264, SequenceParametersTellTheSize) {
  const auto small = h264::SequenceParameters::parse(
      *core::from_hex("67640016acd940a02ff970110000030001000003001e0f162d96"));
  ASSERT_TRUE(small);
  EXPECT_EQ(small->profile, 100);
  EXPECT_EQ(small->width, 640);
  EXPECT_EQ(small->height, 360);
  const auto large = h264::SequenceParameters::parse(
      *core::from_hex("67640028acd940780227e5c044000003000400000300c83c60c658"));
  ASSERT_TRUE(large);
  EXPECT_EQ(large->width, 1920);
  EXPECT_EQ(large->height, 1080);
  EXPECT_FALSE(h264::SequenceParameters::parse(*core::from_hex("676400")));
}

}  // namespace
}  // namespace lucid::rtp
