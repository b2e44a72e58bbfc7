#include "rtp/payload/references.hpp"

#include "tests/rtp/payloads.hpp"

namespace lucid::rtp {
namespace {

using Ids = std::vector<std::int64_t>;

core::EncodedFrame annotate(ReferenceFinder& finder, bool key, const PayloadInfo& info,
                            std::int64_t sequence = 0) {
  core::EncodedFrame frame{.key = key};
  finder.annotate(frame, info, {sequence, sequence});
  return frame;
}

PayloadInfo vp8(std::uint16_t picture, std::uint8_t layer, bool sync = false) {
  PayloadInfo info;
  Vp8Descriptor descriptor{
      .picture_id = picture, .tl0_pic_idx = std::uint8_t{0}, .temporal_layer = layer};
  descriptor.layer_sync = sync;
  info.descriptor = descriptor;
  return info;
}

PayloadInfo vp9(std::uint16_t picture, std::uint8_t spatial,
                std::vector<std::uint8_t> differences) {
  PayloadInfo info;
  Vp9Descriptor descriptor{.flexible = true, .picture_id = picture};
  descriptor.layer = Vp9Descriptor::Layer{.spatial = spatial, .depends_below = spatial > 0};
  descriptor.inter_picture_predicted = !differences.empty();
  for (const std::uint8_t difference : differences) {
    descriptor.references.differences[descriptor.references.count++] = difference;
  }
  info.descriptor = descriptor;
  return info;
}

TEST(ReferenceFinder, WithoutDescriptorsEachFrameFollowsTheLast) {
  ReferenceFinder finder;
  EXPECT_TRUE(annotate(finder, true, {}, 10).depends_on.empty());
  const auto next = annotate(finder, false, {}, 13);
  EXPECT_EQ(next.id, 13);
  EXPECT_EQ(next.depends_on, Ids{10});
  EXPECT_TRUE(annotate(finder, true, {}, 20).depends_on.empty());
}

// RFC 7741 4.2
TEST(ReferenceFinder, Vp8LayersReferToThoseBelowAndPictureIdsWrap) {
  ReferenceFinder finder;
  EXPECT_TRUE(annotate(finder, true, vp8(0x7FFE, 0)).depends_on.empty());
  EXPECT_EQ(annotate(finder, false, vp8(0x7FFF, 2, true)).depends_on, Ids{0x7FFE});
  EXPECT_EQ(annotate(finder, false, vp8(0, 1, true)).depends_on, Ids{0x7FFE});
  EXPECT_EQ(annotate(finder, false, vp8(1, 2)).depends_on, (Ids{0x7FFE, 0x8000, 0x7FFF}));
  EXPECT_EQ(annotate(finder, false, vp8(2, 0)).depends_on, Ids{0x7FFE});
  const auto after = annotate(finder, false, vp8(3, 1));
  EXPECT_EQ(after.id, 0x8003);
  EXPECT_EQ(after.depends_on, Ids{0x8002});
}

// RFC 9628 4.2
TEST(ReferenceFinder, Vp9FlexibleModeCountsPicturesBack) {
  ReferenceFinder finder;
  EXPECT_TRUE(annotate(finder, true, vp9(100, 0, {})).depends_on.empty());
  EXPECT_EQ(annotate(finder, false, vp9(100, 1, {})).depends_on, Ids{800});
  EXPECT_EQ(annotate(finder, false, vp9(101, 0, {1})).depends_on, Ids{800});
  EXPECT_EQ(annotate(finder, false, vp9(101, 1, {1})).depends_on, (Ids{808, 801}));
}

// RFC 9628 4.2.1
TEST(ReferenceFinder, Vp9PictureGroupsSayWhatFollows) {
  Vp9ScalabilityStructure structure;
  structure.has_group = true;
  structure.group_size = 2;
  structure.group[0].references = {{2}, 1};
  structure.group[1].references = {{1}, 1};
  std::vector<std::uint8_t> room(64);
  core::ByteWriter out{room};
  structure.write(out);
  ReferenceFinder finder;
  const auto picture = [&](std::uint16_t id) {
    Vp9Descriptor descriptor{.inter_picture_predicted = id != 50, .picture_id = id};
    descriptor.layer = Vp9Descriptor::Layer{};
    if (id == 50) descriptor.scalability_structure = out.written();
    PayloadInfo info;
    info.descriptor = descriptor;
    return annotate(finder, id == 50, info).depends_on;
  };
  EXPECT_TRUE(picture(50).empty());
  EXPECT_EQ(picture(51), Ids{50 * 8});
  EXPECT_EQ(picture(52), Ids{50 * 8});
  EXPECT_EQ(picture(53), Ids{52 * 8});
}

TEST(ReferenceFinder, DependencyDescriptorsNameTheirReferences) {
  ReferenceFinder finder;
  core::EncodedFrame frame;
  DependencyDescriptor descriptor{.frame_number = 0xFFFF};
  finder.annotate(frame, descriptor);
  EXPECT_TRUE(frame.depends_on.empty());
  descriptor.frame_number = 2;
  descriptor.dependencies.temporal_layer = 1;
  descriptor.dependencies.differences = {3};
  descriptor.dependencies.difference_count = 1;
  finder.annotate(frame, descriptor);
  EXPECT_EQ(frame.id, 0x10002);
  EXPECT_EQ(frame.depends_on, Ids{0xFFFF});
  EXPECT_EQ(frame.temporal_layer, 1);
}

}  // namespace
}  // namespace lucid::rtp
