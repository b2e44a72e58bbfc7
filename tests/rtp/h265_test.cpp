#include "rtp/payload/h265.hpp"

#include "rtp/payload/detail/nal.hpp"
#include "tests/rtp/payloads.hpp"

namespace lucid::rtp {
namespace {

using testing::assemble;
using testing::Payload;

std::vector<Payload> send(std::string_view annex_b, std::size_t limit) {
  core::SeededRandom random{1};
  const auto packetizer = make_packetizer({.codec = core::Codec::h265}, random);
  const core::EncodedFrame frame{.codec = core::Codec::h265, .data = *core::from_hex(annex_b)};
  return testing::packetize(*packetizer, frame, limit);
}

std::optional<core::EncodedFrame> assemble_hex(std::initializer_list<std::string_view> payloads) {
  std::vector<Payload> parts;
  for (const std::string_view hex : payloads) parts.push_back({*core::from_hex(hex), {}});
  return assemble(*make_depacketizer(core::Codec::h265), parts);
}

// RFC 7798 4.4.2
TEST(H265, SmallUnitsShareAPacketOfTheLowestLayer) {
  const auto payloads = send("00000001 4002aa 00000001 4201bb 00000001 4403cc", 200);
  ASSERT_EQ(payloads.size(), 1U);
  EXPECT_EQ(core::to_hex(payloads[0].bytes),
            "6001"
            "00034002aa"
            "00034201bb"
            "00034403cc");
}

// RFC 7798 4.4.3
TEST(H265, LargeUnitsAreFragmented) {
  std::string hex = "00000001 2601";
  for (int i = 0; i < 100; ++i) hex += "ab";
  const auto payloads = send(hex, 64);
  ASSERT_EQ(payloads.size(), 2U);
  EXPECT_EQ(core::to_hex(core::Bytes{payloads[0].bytes}.first(4)), "620193ab");
  EXPECT_EQ(core::to_hex(core::Bytes{payloads[1].bytes}.first(4)), "620153ab");
  const auto back = assemble(*make_depacketizer(core::Codec::h265), payloads);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->data, *core::from_hex(hex));
  EXPECT_TRUE(back->key);
}

TEST(H265, KnowsKeyFramesAndTemporalLayers) {
  const auto trailing = assemble_hex({"0203aa"});
  ASSERT_TRUE(trailing);
  EXPECT_FALSE(trailing->key);
  EXPECT_EQ(trailing->temporal_layer, 2);
  EXPECT_TRUE(assemble_hex({"2a01aa"})->key);  // CRA
}

// RFC 7798 4.4.4
TEST(H265, RefusesWhatWasNotAgreedUpon) {
  const auto depacketizer = make_depacketizer(core::Codec::h265);
  for (const std::string_view hex : {"", "26", "6401aa", "6001", "60010005aa", "6201"}) {
    EXPECT_FALSE(depacketizer->inspect(*core::from_hex(hex), true)) << hex;
  }
  EXPECT_FALSE(assemble_hex({"620113aa"}));
  EXPECT_FALSE(assemble_hex({"620193aa"}));
  EXPECT_FALSE(assemble_hex({"620193aa", "0201aa", "620153aa"}));
}

// From an x265 stream of 1920 by 1080, which is cropped.
TEST(H265, SequenceParametersTellTheSize) {
  const auto parameters = h265::SequenceParameters::parse(
      *core::from_hex("420101016000000300900000030000030078a003c08010e596566924caf0"
                      "1680800000030080000007 84"));
  ASSERT_TRUE(parameters);
  EXPECT_EQ(parameters->width, 1920);
  EXPECT_EQ(parameters->height, 1080);
  EXPECT_FALSE(h265::SequenceParameters::parse(*core::from_hex("42010101")));
}

}  // namespace
}  // namespace lucid::rtp
