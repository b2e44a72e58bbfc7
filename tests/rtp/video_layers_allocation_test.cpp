#include "rtp/video_layers_allocation.hpp"

#include <gtest/gtest.h>

namespace lucid::rtp {
namespace {

std::vector<std::uint8_t> written(const VideoLayersAllocation& allocation) {
  std::vector<std::uint8_t> room(255);
  core::ByteWriter out{room};
  allocation.write(out);
  EXPECT_EQ(out.size(), allocation.size());
  room.resize(out.size());
  return room;
}

TEST(VideoLayersAllocation, NothingSentIsOneZero) {
  EXPECT_EQ(core::to_hex(written({})), "00");
  EXPECT_EQ(VideoLayersAllocation::parse(*core::from_hex("00")), VideoLayersAllocation{});
}

TEST(VideoLayersAllocation, SimulcastWithSizesRoundTrips) {
  VideoLayersAllocation allocation{.stream = 1, .streams = 3};
  allocation.layers = {{0, 0, {100, 150}, 320, 180, 15},
                       {1, 0, {500, 700}, 640, 360, 30},
                       {2, 0, {1500, 2500}, 1280, 720, 30}};
  const auto bytes = written(allocation);
  EXPECT_EQ(bytes[0], 0x61);
  EXPECT_EQ(VideoLayersAllocation::parse(bytes), allocation);
}

TEST(VideoLayersAllocation, StreamsThatDifferSayTheirLayers) {
  VideoLayersAllocation allocation{.stream = 0, .streams = 2};
  allocation.layers = {{0, 0, {100}}, {1, 0, {200, 300, 400}}, {1, 1, {800}}};
  const auto bytes = written(allocation);
  EXPECT_EQ(bytes[0], 0x10);
  EXPECT_EQ(bytes[1], 0x13);
  EXPECT_EQ(VideoLayersAllocation::parse(bytes), allocation);
}

TEST(VideoLayersAllocation, RefusesWhatIsCutShort) {
  VideoLayersAllocation allocation{.streams = 1, .layers = {{0, 0, {100}, 320, 180, 15}}};
  const auto bytes = written(allocation);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    if (size == 3) continue;  // without sizes, which is allowed
    EXPECT_FALSE(VideoLayersAllocation::parse(core::Bytes{bytes}.first(size))) << size;
  }
}

}  // namespace
}  // namespace lucid::rtp
