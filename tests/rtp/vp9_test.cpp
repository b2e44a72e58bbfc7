#include "rtp/payload/vp9.hpp"

#include "tests/rtp/payloads.hpp"

namespace lucid::rtp {
namespace {

using testing::assemble;
using testing::noise;
using testing::packetize;
using testing::Payload;

std::optional<Vp9Descriptor> parse_hex(std::string_view hex) {
  static std::vector<std::uint8_t> kept;  // the structure borrows it
  kept = *core::from_hex(hex);
  core::ByteReader in{kept};
  return Vp9Descriptor::parse(in);
}

Vp9Descriptor descriptor_of(const Payload& payload) {
  core::ByteReader in{payload.bytes};
  return Vp9Descriptor::parse(in).value();
}

// A key frame's header says 352 by 288.
core::EncodedFrame frame_of(std::size_t size, bool key) {
  core::EncodedFrame frame{.codec = core::Codec::vp9, .data = noise(size), .key = key};
  const auto head = *core::from_hex(key ? "824983422015f011f0" : "86");
  std::ranges::copy(head, frame.data.begin());
  return frame;
}

std::unique_ptr<Packetizer> packetizer_of(std::uint8_t spatial, std::uint8_t temporal) {
  core::SeededRandom random{3};
  return make_packetizer(
      {.codec = core::Codec::vp9, .spatial_layers = spatial, .temporal_layers = temporal}, random);
}

// RFC 9628 4.2
TEST(Vp9Descriptor, ReadsNonFlexibleMode) {
  const auto descriptor = parse_hex("ac 9234 35 56");
  ASSERT_TRUE(descriptor);
  EXPECT_TRUE(descriptor->begins_frame);
  EXPECT_TRUE(descriptor->ends_frame);
  EXPECT_FALSE(descriptor->inter_picture_predicted);
  EXPECT_EQ(descriptor->picture_id, 0x1234);
  ASSERT_TRUE(descriptor->layer);
  EXPECT_EQ(descriptor->layer->temporal, 1);
  EXPECT_TRUE(descriptor->layer->switching_up);
  EXPECT_EQ(descriptor->layer->spatial, 2);
  EXPECT_TRUE(descriptor->layer->depends_below);
  EXPECT_EQ(descriptor->tl0_pic_idx, 0x56);
}

TEST(Vp9Descriptor, ReadsFlexibleMode) {
  const auto descriptor = parse_hex("f8 34 20 03 05 06");
  ASSERT_TRUE(descriptor);
  EXPECT_FALSE(descriptor->wide_picture_id);
  EXPECT_EQ(descriptor->references, (Vp9References{{1, 2, 3}, 3}));
  EXPECT_FALSE(descriptor->tl0_pic_idx);
  EXPECT_FALSE(parse_hex("f8 34 20 03 05 07 08"));  // a fourth reference
  EXPECT_FALSE(parse_hex("50 02"));                 // references without a picture id
}

// RFC 9628 4.2.1
TEST(Vp9Descriptor, ReadsTheScalabilityStructure) {
  const auto descriptor = parse_hex("8a 34 38 0140 00b4 0280 0168 02 04 02 38 01 02 aa");
  ASSERT_TRUE(descriptor);
  const auto structure = Vp9ScalabilityStructure::parse(descriptor->scalability_structure);
  ASSERT_TRUE(structure);
  EXPECT_EQ(structure->spatial_layers, 2);
  EXPECT_EQ(structure->sizes[1], (Vp9ScalabilityStructure::Size{640, 360}));
  ASSERT_EQ(structure->group_size, 2);
  EXPECT_EQ(structure->group[0].references, (Vp9References{{2}, 1}));
  EXPECT_EQ(structure->group[1].temporal, 1);
  EXPECT_TRUE(structure->group[1].switching_up);
  EXPECT_EQ(structure->group[1].references, (Vp9References{{1, 2}, 2}));
  std::vector<std::uint8_t> room(64);
  core::ByteWriter out{room};
  structure->write(out);
  EXPECT_TRUE(core::equal(out.written(), descriptor->scalability_structure));
}

TEST(Vp9Descriptor, EveryTruncationIsRefused) {
  const std::string whole = "fa9234350305063801400 0b402800168020402380102";
  std::string hex;
  for (const char letter : whole) {
    if (letter != ' ') hex += letter;
  }
  ASSERT_TRUE(parse_hex(hex));
  for (std::size_t size = 0; size < hex.size(); size += 2)
    EXPECT_FALSE(parse_hex(hex.substr(0, size)));
}

// RFC 9628 4.2.1: three bits of layers, eight of pictures, two of references.
TEST(Vp9Descriptor, TheLargestScalabilityStructureComesThroughAndEveryCutOfItIsRefused) {
  Vp9ScalabilityStructure most{.spatial_layers = 8, .has_sizes = true, .has_group = true};
  for (std::uint16_t i = 0; i < 8; ++i) most.sizes[i] = {0xFFFF, i};
  most.group_size = 255;
  for (std::uint8_t i = 0; i < 255; ++i) most.group[i] = {7, i % 2 == 0, {{255, i, 1}, 3}};
  std::vector<std::uint8_t> room(2000);
  core::ByteWriter out{room};
  most.write(out);
  ASSERT_TRUE(out.ok());
  const auto back = Vp9ScalabilityStructure::parse(out.written());
  ASSERT_TRUE(back);
  EXPECT_EQ(back->sizes, most.sizes);
  EXPECT_EQ(back->group, most.group);
  for (std::size_t size = 0; size < out.size(); ++size) {
    EXPECT_FALSE(Vp9ScalabilityStructure::parse(out.written().first(size))) << size;
    std::vector<std::uint8_t> payload{0x02};  // V alone
    payload.insert(payload.end(), room.begin(), room.begin() + static_cast<std::ptrdiff_t>(size));
    core::ByteReader in{payload};
    EXPECT_FALSE(Vp9Descriptor::parse(in)) << size;
  }
}

TEST(Vp9Descriptor, TheHighestLayersAndNumbersComeThrough) {
  Vp9Descriptor most{.inter_picture_predicted = true, .flexible = true, .picture_id = 0x7FFF};
  most.layer = {.temporal = 7, .switching_up = true, .spatial = 7, .depends_below = true};
  most.references = {{127, 126, 1}, 3};
  std::vector<std::uint8_t> room(64);
  core::ByteWriter out{room};
  most.write(out);
  core::ByteReader in{out.written()};
  const auto back = Vp9Descriptor::parse(in);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->picture_id, 0x7FFF);
  EXPECT_EQ(back->layer, most.layer);
  EXPECT_EQ(back->references, most.references);
}

TEST(Vp9FrameHeader, ReadsKeyFrames) {
  const auto header = Vp9FrameHeader::parse(frame_of(20, true).data);
  ASSERT_TRUE(header);
  EXPECT_TRUE(header->key);
  EXPECT_EQ(header->width, 352);
  EXPECT_EQ(header->height, 288);
  EXPECT_FALSE(Vp9FrameHeader::parse(frame_of(20, false).data)->key);
  EXPECT_FALSE(Vp9FrameHeader::parse(*core::from_hex("42498342")));
  EXPECT_FALSE(Vp9FrameHeader::parse(*core::from_hex("824983")));
}

TEST(Vp9, OneLayerIsSentWithoutIndices) {
  const auto packetizer = packetizer_of(1, 1);
  auto key = frame_of(2000, true);
  key.width = 352;
  key.height = 288;
  const auto payloads = packetize(*packetizer, key, 1160);
  ASSERT_EQ(payloads.size(), 2U);
  const auto first = descriptor_of(payloads[0]);
  EXPECT_FALSE(first.layer);
  EXPECT_FALSE(first.flexible);
  EXPECT_TRUE(first.begins_frame && !first.ends_frame);
  EXPECT_EQ(Vp9ScalabilityStructure::parse(first.scalability_structure)->sizes[0].width, 352);
  const auto second = descriptor_of(payloads[1]);
  EXPECT_TRUE(!second.begins_frame && second.ends_frame);
  EXPECT_TRUE(second.scalability_structure.empty());
  const auto next = descriptor_of(packetize(*packetizer, frame_of(100, false), 1160)[0]);
  EXPECT_TRUE(next.inter_picture_predicted);
  EXPECT_EQ(next.picture_id, (*first.picture_id + 1) & 0x7FFF);
}

TEST(Vp9, SpatialLayersShareAPictureAndSayWhatTheyNeed) {
  const auto packetizer = packetizer_of(2, 1);
  struct Step {
    std::uint8_t spatial;
    bool key;
    std::vector<std::int64_t> depends_on;
  };
  std::vector<Vp9Descriptor> sent;
  std::vector<bool> markers;
  std::int64_t id = 0;
  for (const Step& step :
       {Step{0, true, {}}, Step{1, false, {0}}, Step{0, false, {0}}, Step{1, false, {2, 1}}}) {
    auto frame = frame_of(100, step.key);
    frame.id = id;
    frame.depends_on = step.depends_on;
    frame.spatial_layer = step.spatial;
    frame.last_of_picture = step.spatial == 1;
    frame.rtp_timestamp = static_cast<std::uint32_t>(id++ / 2 * 3000);
    const auto payloads = packetize(*packetizer, frame, 1160);
    sent.push_back(descriptor_of(payloads[0]));
    markers.push_back(payloads[0].piece.marker);
  }
  EXPECT_EQ(markers, (std::vector<bool>{false, true, false, true}));
  EXPECT_EQ(sent[0].picture_id, sent[1].picture_id);
  EXPECT_FALSE(sent[1].inter_picture_predicted);
  EXPECT_TRUE(sent[1].layer->depends_below);
  EXPECT_EQ(sent[2].references, (Vp9References{{1}, 1}));
  EXPECT_FALSE(sent[2].layer->depends_below);
  EXPECT_EQ(sent[3].references, (Vp9References{{1}, 1}));
  EXPECT_TRUE(sent[3].layer->depends_below);
}

TEST(Vp9, RefusesToSendReferencesThatCannotBeSaid) {
  const auto packetizer = packetizer_of(1, 2);
  auto frame = frame_of(100, false);
  frame.depends_on = {77};
  EXPECT_FALSE(packetizer->open(frame, 1160));
}

TEST(Vp9, RefusesFramesWithoutBeginning) {
  const auto depacketizer = make_depacketizer(core::Codec::vp9);
  auto payloads = packetize(*packetizer_of(1, 1), frame_of(2000, true), 1160);
  payloads.erase(payloads.begin());
  EXPECT_FALSE(assemble(*depacketizer, payloads));
  EXPECT_FALSE(depacketizer->inspect(*core::from_hex("8c34"), true));
}

}  // namespace
}  // namespace lucid::rtp
