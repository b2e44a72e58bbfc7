#include "rtp/payload/vp8.hpp"

#include "tests/rtp/payloads.hpp"

namespace lucid::rtp {
namespace {

using testing::assemble;
using testing::noise;
using testing::packetize;

core::EncodedFrame frame_of(std::size_t size, bool key) {
  core::EncodedFrame frame{.codec = core::Codec::vp8, .data = noise(size), .key = key};
  frame.data[0] = key ? 0x10 : 0x11;
  if (key) {
    constexpr std::uint8_t head[] = {0x9D, 0x01, 0x2A, 0x80, 0x02, 0xE0, 0x41};
    std::copy(std::begin(head), std::end(head), frame.data.begin() + 3);
  }
  return frame;
}

std::unique_ptr<Packetizer> packetizer_of(std::uint8_t temporal_layers = 1) {
  core::SeededRandom random{7};
  return make_packetizer({.codec = core::Codec::vp8, .temporal_layers = temporal_layers}, random);
}

Vp8Descriptor descriptor_of(const std::vector<std::uint8_t>& payload) {
  core::ByteReader in{payload};
  return Vp8Descriptor::parse(in).value();
}

std::optional<Vp8Descriptor> parse_hex(std::string_view hex) {
  const auto bytes = core::from_hex(hex);
  core::ByteReader in{*bytes};
  return Vp8Descriptor::parse(in);
}

// RFC 7741 4.2
TEST(Vp8Descriptor, ReadsEveryField) {
  const auto full = parse_hex("b2 f0 9234 56 b9");
  ASSERT_TRUE(full);
  EXPECT_TRUE(full->non_reference);
  EXPECT_TRUE(full->start_of_partition);
  EXPECT_EQ(full->partition, 2);
  EXPECT_EQ(full->picture_id, 0x1234);
  EXPECT_TRUE(full->wide_picture_id);
  EXPECT_EQ(full->tl0_pic_idx, 0x56);
  EXPECT_EQ(full->temporal_layer, 2);
  EXPECT_TRUE(full->layer_sync);
  EXPECT_EQ(full->key_idx, 0x19);
}

TEST(Vp8Descriptor, ReadsTheNarrowPictureId) {
  const auto narrow = parse_hex("90 80 34");
  ASSERT_TRUE(narrow);
  EXPECT_EQ(narrow->picture_id, 0x34);
  EXPECT_FALSE(narrow->wide_picture_id);
}

TEST(Vp8Descriptor, EveryTruncationIsRefused) {
  for (const std::string_view cut : {"", "b2", "b2f0", "b2f092", "b2f09234", "b2f0923456"}) {
    EXPECT_FALSE(parse_hex(cut)) << cut;
  }
}

TEST(Vp8Descriptor, RoundTripsEveryCombination) {
  for (unsigned bits = 0; bits < 64; ++bits) {
    Vp8Descriptor descriptor;
    descriptor.start_of_partition = (bits & 1) != 0;
    if ((bits & 2) != 0) descriptor.picture_id = std::uint16_t{0x55};
    descriptor.wide_picture_id = (bits & 2) == 0 || (bits & 4) != 0;
    if ((bits & 8) != 0) descriptor.tl0_pic_idx = std::uint8_t{200};
    if ((bits & 16) != 0) descriptor.temporal_layer = std::uint8_t{3};
    if ((bits & 32) != 0) descriptor.key_idx = std::uint8_t{31};
    std::array<std::uint8_t, Vp8Descriptor::most_bytes> room{};
    core::ByteWriter out{room};
    descriptor.write(out);
    core::ByteReader in{out.written()};
    EXPECT_EQ(Vp8Descriptor::parse(in), descriptor) << bits;
    EXPECT_EQ(in.remaining(), 0U);
  }
}

// RFC 6386 9.1
TEST(Vp8FrameHeader, ReadsTheSizeOfKeyFrames) {
  const auto header = Vp8FrameHeader::parse(frame_of(20, true).data);
  ASSERT_TRUE(header);
  EXPECT_TRUE(header->key);
  EXPECT_EQ(header->width, 640);
  EXPECT_EQ(header->height, 0x01E0);
  EXPECT_FALSE(Vp8FrameHeader::parse(frame_of(20, false).data)->key);
  EXPECT_FALSE(Vp8FrameHeader::parse(*core::from_hex("1000009d012b80020000")));
}

TEST(Vp8, FramesOfAnySizeRoundTripAtAnyLimit) {
  const auto packetizer = packetizer_of();
  const auto depacketizer = make_depacketizer(core::Codec::vp8);
  for (std::size_t size = 10; size < 6000; size = size * 3 / 2 + 1) {
    for (const std::size_t limit : {64U, 200U, 1160U}) {
      const auto frame = frame_of(size, true);
      const auto back = assemble(*depacketizer, packetize(*packetizer, frame, limit));
      ASSERT_TRUE(back);
      EXPECT_EQ(back->data, frame.data);
      EXPECT_TRUE(back->key);
      EXPECT_EQ(back->width, 640);
    }
  }
}

TEST(Vp8, PiecesAreAboutEquallyLong) {
  const auto payloads = packetize(*packetizer_of(), frame_of(2400, true), 1160);
  ASSERT_EQ(payloads.size(), 3U);
  EXPECT_NEAR(static_cast<double>(payloads[0].bytes.size()),
              static_cast<double>(payloads[2].bytes.size()), 1.0);
}

// RFC 7741 4.3
TEST(Vp8, EveryPayloadTellsItsPlace) {
  const auto depacketizer = make_depacketizer(core::Codec::vp8);
  const auto payloads = packetize(*packetizer_of(), frame_of(2400, true), 1160);
  for (std::size_t i = 0; i < payloads.size(); ++i) {
    const auto info = depacketizer->inspect(payloads[i].bytes, payloads[i].piece.marker);
    ASSERT_TRUE(info);
    EXPECT_EQ(info->starts_frame, i == 0);
    EXPECT_EQ(info->ends_frame, i + 1 == payloads.size());
    EXPECT_EQ(info->key, i == 0);
  }
}

TEST(Vp8, PictureIdsCountFrames) {
  const auto packetizer = packetizer_of();
  const auto first = packetize(*packetizer, frame_of(100, true), 1160);
  const auto second = packetize(*packetizer, frame_of(100, false), 1160);
  EXPECT_EQ((*descriptor_of(first[0].bytes).picture_id + 1) & 0x7FFF,
            *descriptor_of(second[0].bytes).picture_id);
  EXPECT_FALSE(descriptor_of(first[0].bytes).tl0_pic_idx);
}

TEST(Vp8, TemporalLayersCarryTheirIndicesAndSyncPoints) {
  const auto packetizer = packetizer_of(3);
  std::vector<Vp8Descriptor> sent;
  struct Step {
    std::uint8_t layer;
    std::vector<std::int64_t> depends_on;
  };
  std::int64_t id = 0;
  for (const Step& step :
       {Step{0, {}}, Step{2, {0}}, Step{1, {0}}, Step{2, {1, 2}}, Step{0, {0}}}) {
    auto frame = frame_of(100, id == 0);
    frame.id = id++;
    frame.depends_on = step.depends_on;
    frame.temporal_layer = step.layer;
    frame.discardable = step.layer == 2;
    sent.push_back(descriptor_of(packetize(*packetizer, frame, 1160)[0].bytes));
  }
  EXPECT_EQ(sent[1].temporal_layer, 2);
  EXPECT_TRUE(sent[1].non_reference);
  EXPECT_TRUE(sent[1].layer_sync);
  EXPECT_TRUE(sent[2].layer_sync);
  EXPECT_FALSE(sent[3].layer_sync);
  EXPECT_EQ(sent[3].tl0_pic_idx, sent[0].tl0_pic_idx);
  EXPECT_EQ(sent[4].tl0_pic_idx, static_cast<std::uint8_t>(*sent[0].tl0_pic_idx + 1));
}

TEST(Vp8, RefusesWhatMakesNoFrame) {
  const auto depacketizer = make_depacketizer(core::Codec::vp8);
  auto payloads = packetize(*packetizer_of(), frame_of(2400, true), 1160);
  payloads.erase(payloads.begin());
  EXPECT_FALSE(assemble(*depacketizer, payloads));
  EXPECT_FALSE(assemble(*depacketizer, {}));
  EXPECT_FALSE(depacketizer->inspect({}, true));
  EXPECT_FALSE(depacketizer->inspect(*core::from_hex("10"), true));
}

TEST(Vp8, RefusesToSendAnEmptyFrameOrIntoTooLittleRoom) {
  const auto packetizer = packetizer_of();
  EXPECT_FALSE(packetizer->open({}, 1160));
  EXPECT_FALSE(packetizer->open(frame_of(100, true), 10));
}

}  // namespace
}  // namespace lucid::rtp
