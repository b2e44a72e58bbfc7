#include "rtp/dependency_descriptor.hpp"

#include <gtest/gtest.h>

namespace lucid::rtp {
namespace {

std::vector<std::uint8_t> written(const DependencyDescriptor& descriptor,
                                  const DependencyStructure& structure) {
  std::vector<std::uint8_t> room(255);
  room.resize(write_descriptor(descriptor, structure, room));
  return room;
}

DependencyStructure three_temporal_layers() {
  const DependencyWriter writer{1, 3};
  DependencyStructure structure = writer.structure();
  structure.template_id_offset = 60;  // so that template ids wrap
  structure.chains = 1;
  structure.templates[0].differences[0] = 4;
  structure.templates[0].difference_count = 1;
  structure.templates[0].chain_differences[0] = 4;
  structure.sizes = {{640, 360}};
  return structure;
}

TEST(DependencyDescriptor, StructureTravelsWithTheFirstFrame) {
  const DependencyStructure structure = three_temporal_layers();
  DependencyDescriptor key{.first_packet = true, .has_structure = true, .frame_number = 0xABCD};
  key.dependencies = structure.templates[0];
  key.dependencies.difference_count = 0;
  key.dependencies.differences = {};
  key.active_targets = 5;
  DependencyReader reader;
  EXPECT_EQ(reader.read(written(key, structure)), key);
  EXPECT_EQ(reader.structure(), structure);
}

TEST(DependencyDescriptor, TemplatesMakeTheOthersShort) {
  const DependencyStructure structure = three_temporal_layers();
  DependencyDescriptor key{.has_structure = true};
  key.dependencies = structure.templates[0];
  DependencyReader reader;
  ASSERT_TRUE(reader.read(written(key, structure)));
  for (const FrameDependencies& entry : structure.templates) {
    DependencyDescriptor descriptor{.last_packet = true, .frame_number = 7};
    descriptor.dependencies = entry;
    const auto bytes = written(descriptor, structure);
    EXPECT_EQ(bytes.size(), 3U);
    EXPECT_EQ(reader.read(bytes), descriptor);
  }
}

TEST(DependencyDescriptor, FramesMaySayTheirOwn) {
  const DependencyStructure structure = three_temporal_layers();
  DependencyReader reader;
  DependencyDescriptor key{.has_structure = true};
  key.dependencies = structure.templates[0];
  ASSERT_TRUE(reader.read(written(key, structure)));
  DependencyDescriptor own{.frame_number = 9};
  own.dependencies = structure.templates[1];
  own.dependencies.targets[1] = DecodeTargetIndication::switching;
  own.dependencies.differences = {1, 20, 4096};
  own.dependencies.difference_count = 3;
  own.dependencies.chain_differences[0] = 200;
  EXPECT_EQ(reader.read(written(own, structure)), own);
}

TEST(DependencyDescriptor, NeedsAStructureAndKnownTemplates) {
  DependencyReader reader;
  EXPECT_FALSE(reader.read(*core::from_hex("c00001")));
  DependencyDescriptor key{.has_structure = true};
  const DependencyStructure structure = three_temporal_layers();
  key.dependencies = structure.templates[0];
  ASSERT_TRUE(reader.read(written(key, structure)));
  EXPECT_FALSE(reader.read(*core::from_hex("c00001")));  // template 0, before the offset of 60
  EXPECT_TRUE(reader.read(*core::from_hex("fc0001")));
}

TEST(DependencyDescriptor, EveryTruncationIsHarmless) {
  const DependencyStructure structure = three_temporal_layers();
  DependencyDescriptor key{.has_structure = true};
  key.dependencies = structure.templates[0];
  const auto bytes = written(key, structure);
  for (std::size_t size = 0; size + 1 < bytes.size(); ++size) {
    DependencyReader reader;
    EXPECT_FALSE(reader.read(core::Bytes{bytes}.first(size))) << size;
  }
}

TEST(DependencyWriter, DescribesTheFramesOfAnEncoder) {
  const DependencyWriter writer{2, 2};
  DependencyReader reader;
  core::EncodedFrame key{.key = true, .id = 0x1FFFE};
  const auto first = writer.describe(key);
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->has_structure);
  EXPECT_EQ(first->frame_number, 0xFFFE);
  ASSERT_TRUE(reader.read(written(*first, writer.structure())));
  core::EncodedFrame upper{
      .id = 0x1FFFF, .depends_on = {0x1FFFE}, .spatial_layer = 1, .temporal_layer = 1};
  const auto second = writer.describe(upper);
  ASSERT_TRUE(second);
  EXPECT_EQ(reader.read(written(*second, writer.structure())), second);
  EXPECT_EQ(second->dependencies.targets[0], DecodeTargetIndication::not_present);
  EXPECT_EQ(second->dependencies.targets[3], DecodeTargetIndication::discardable);
  upper.depends_on = {0};
  EXPECT_FALSE(writer.describe(upper));
}

}  // namespace
}  // namespace lucid::rtp
