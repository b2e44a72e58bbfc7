#include "rtp/payload/av1.hpp"

#include "tests/rtp/payloads.hpp"

namespace lucid::rtp {
namespace {

using testing::assemble;
using testing::Payload;

std::vector<Payload> send(const std::vector<std::uint8_t>& stream, std::size_t limit) {
  core::SeededRandom random{1};
  const auto packetizer = make_packetizer({.codec = core::Codec::av1}, random);
  const core::EncodedFrame frame{.codec = core::Codec::av1, .data = stream};
  return testing::packetize(*packetizer, frame, limit);
}

std::optional<core::EncodedFrame> assemble_hex(std::initializer_list<std::string_view> payloads) {
  std::vector<Payload> parts;
  for (const std::string_view hex : payloads) parts.push_back({*core::from_hex(hex), {}});
  return assemble(*make_depacketizer(core::Codec::av1), parts);
}

std::vector<std::uint8_t> obu(std::uint8_t header, std::size_t size, std::uint64_t seed = 1) {
  std::vector<std::uint8_t> bytes(12 + size);
  core::ByteWriter out{bytes};
  out.u8(header);
  av1::write_leb128(size, out);
  out.bytes(testing::noise(size, seed));
  bytes.resize(out.size());
  return bytes;
}

std::vector<std::uint8_t> join(const std::vector<std::vector<std::uint8_t>>& units) {
  std::vector<std::uint8_t> stream;
  for (const auto& unit : units) stream.insert(stream.end(), unit.begin(), unit.end());
  return stream;
}

TEST(Leb128, RoundTripsAndRefusesWhatHasNoEnd) {
  for (const std::uint64_t value : {0ULL, 127ULL, 128ULL, 300ULL, 0xFFFFFFFFULL}) {
    std::array<std::uint8_t, 10> room{};
    core::ByteWriter out{room};
    av1::write_leb128(value, out);
    EXPECT_EQ(out.size(), av1::leb128_size(value));
    core::ByteReader in{out.written()};
    EXPECT_EQ(av1::read_leb128(in), value);
  }
  const std::vector<std::uint8_t> endless(20, 0xFF);
  core::ByteReader in{endless};
  av1::read_leb128(in);
  EXPECT_FALSE(in.ok());
}

TEST(Obu, ReadsLayersAndSizes) {
  const auto bytes = *core::from_hex("36 48 02 aabb 30 cc");
  core::ByteReader in{bytes};
  const auto first = av1::Obu::parse(in);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->type, av1::ObuType::frame);
  EXPECT_EQ(first->temporal_layer(), 2);
  EXPECT_EQ(first->spatial_layer(), 1);
  EXPECT_EQ(core::to_hex(first->payload), "aabb");
  const auto second = av1::Obu::parse(in);
  ASSERT_TRUE(second);
  EXPECT_EQ(core::to_hex(second->payload), "cc");
  EXPECT_FALSE(av1::Obu::parse(in));
  const auto bad = *core::from_hex("b2 00");
  core::ByteReader forbidden{bad};
  EXPECT_FALSE(av1::Obu::parse(forbidden));
}

TEST(Av1, UnitsTravelWithoutTheirSizeAndWithoutDelimiter) {
  const auto payloads = send(*core::from_hex("1200 2a02aabb 3203ccddee"), 200);
  ASSERT_EQ(payloads.size(), 1U);
  EXPECT_EQ(core::to_hex(payloads[0].bytes),
            "20"
            "0328aabb"
            "30ccddee");
  const auto back = assemble(*make_depacketizer(core::Codec::av1), payloads);
  ASSERT_TRUE(back);
  EXPECT_EQ(core::to_hex(back->data), "2a02aabb3203ccddee");
}

TEST(Av1, LargeUnitsAreContinued) {
  const auto stream = obu(0x32, 1000);
  const auto payloads = send(stream, 400);
  ASSERT_EQ(payloads.size(), 3U);
  EXPECT_EQ(payloads[0].bytes[0], 0x50);
  EXPECT_EQ(payloads[1].bytes[0], 0xD0);
  EXPECT_EQ(payloads[2].bytes[0], 0x90);
  EXPECT_EQ(assemble(*make_depacketizer(core::Codec::av1), payloads)->data, stream);
}

TEST(Av1, ManySmallUnitsRoundTripAtAnyLimit) {
  std::vector<std::vector<std::uint8_t>> units;
  for (std::size_t i = 1; i < 30; ++i) units.push_back(obu(0x22, i * i % 150, i));
  const auto stream = join(units);
  for (std::size_t limit = least_payload_limit; limit < 700; ++limit) {
    const auto back = assemble(*make_depacketizer(core::Codec::av1), send(stream, limit));
    ASSERT_TRUE(back) << limit;
    ASSERT_EQ(back->data, stream) << limit;
  }
}

TEST(Av1, TakesElementsWithAndWithoutCount) {
  EXPECT_EQ(core::to_hex(assemble_hex({"00 02 30aa 03 20bbcc"})->data), "3201aa2202bbcc");
  EXPECT_EQ(core::to_hex(assemble_hex({"20 02 30aa 20bbcc"})->data), "3201aa2202bbcc");
  EXPECT_EQ(core::to_hex(assemble_hex({"10 32 01 aa"})->data), "3201aa");  // kept its size
  EXPECT_EQ(core::to_hex(assemble_hex({"50 30aa", "c0 01bb", "80 01cc"})->data), "3203aabbcc");
}

TEST(Av1, RefusesLengthsAndContinuationsThatDoNotFit) {
  const auto depacketizer = make_depacketizer(core::Codec::av1);
  for (const std::string_view hex :
       {"", "00", "00 05 30aa", "20 05 30", "30 01 30 01 30", "88 0130"}) {
    EXPECT_FALSE(depacketizer->inspect(*core::from_hex(hex), true)) << hex;
  }
  EXPECT_FALSE(assemble_hex({"50 30aa"}));
  EXPECT_FALSE(assemble_hex({"90 30aa"}));
  EXPECT_FALSE(assemble_hex({"50 30aa", "10 30bb"}));
}

TEST(Av1, LengthsBeyondAnyPayloadAreRefusedHoweverTheyAreWritten) {
  const auto depacketizer = make_depacketizer(core::Codec::av1);
  for (const std::string_view hex :
       {"00 ffffffff0f 30", "00 ffffffffffffffff7f 30", "00 ffffffffffffffffffff01 30",
        "00 8080808080808080808080 30", "20 ffffffffffffff7f 30 aa", "00 80", "30 80 80"}) {
    EXPECT_FALSE(depacketizer->inspect(*core::from_hex(hex), true)) << hex;
    EXPECT_FALSE(assemble_hex({hex})) << hex;
  }
  // Units that say of themselves that they are longer than they came.
  for (const std::string_view hex :
       {"10 32 05 aa", "10 32 ffffffff0f aa", "10 32 00 aa", "10 36"}) {
    EXPECT_FALSE(assemble_hex({hex})) << hex;
  }
}

TEST(Av1, AThousandElementsInAPayloadAreReadAndEmptyOnesAreNothing) {
  std::vector<std::uint8_t> payload{0x00};
  for (int i = 0; i < 700; ++i) payload.insert(payload.end(), {0x00, 0x01, 0x30});
  const auto frame = assemble(*make_depacketizer(core::Codec::av1), {{payload, {}}});
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->data.size(), 700U * 2);
  const std::vector<std::uint8_t> empty(1200, 0x00);
  EXPECT_FALSE(assemble(*make_depacketizer(core::Codec::av1), {{empty, {}}}));
}

TEST(Av1, AUnitOfAMegabyteRoundTripsInTheSmallestPackets) {
  const auto stream = obu(0x32, 1 << 20);
  const auto payloads = send(stream, 200);
  EXPECT_LT(payloads.size(), (1U << 20) / 190);
  const auto back = assemble(*make_depacketizer(core::Codec::av1), payloads);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->data, stream);
}

TEST(Av1, TheHighestLayersAreTold) {
  const auto info =
      make_depacketizer(core::Codec::av1)->inspect(*core::from_hex("10 34 f8 aa"), true);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->temporal_layer, 7);
  EXPECT_EQ(info->spatial_layer, 3);
}

TEST(Av1, PayloadsTellTheirPlaceAndLayers) {
  const auto depacketizer = make_depacketizer(core::Codec::av1);
  const auto first = depacketizer->inspect(*core::from_hex("18 34 48 aa"), false);
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->starts_frame);
  EXPECT_TRUE(first->key);
  EXPECT_FALSE(first->ends_frame);
  EXPECT_EQ(first->temporal_layer, 2);
  EXPECT_EQ(first->spatial_layer, 1);
  const auto rest = depacketizer->inspect(*core::from_hex("90 aabb"), true);
  ASSERT_TRUE(rest);
  EXPECT_FALSE(rest->starts_frame);
  EXPECT_TRUE(rest->ends_frame);
}

}  // namespace
}  // namespace lucid::rtp
