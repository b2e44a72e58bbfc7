#include "peer/detail/allocation.hpp"

#include <gtest/gtest.h>

namespace lucid::peer::detail {
namespace {

std::vector<RtpEncoding> three() {
  return {{.rid = "q", .scale_resolution_down_by = 4},
          {.rid = "h", .scale_resolution_down_by = 2},
          {.rid = "f", .scale_resolution_down_by = 1}};
}
std::vector<std::uint64_t> allocate_video(std::uint64_t available,
                                          const std::vector<RtpEncoding>& encodings) {
  const std::vector<Bidder> bidders{{core::MediaKind::video, encodings}};
  return allocate(available, bidders).front();
}

TEST(Allocation, LayersShareByTheirSize) {
  const auto bitrates = allocate_video(2'100'000, three());
  EXPECT_EQ(bitrates, (std::vector<std::uint64_t>{100'000, 400'000, 1'600'000}));
}

TEST(Allocation, LargePicturesGoFirstWhenThereIsLittle) {
  const auto little = allocate_video(200'000, three());
  EXPECT_GT(little[0], 0U);
  EXPECT_GT(little[1], 0U);
  EXPECT_EQ(little[2], 0U);
  EXPECT_EQ(allocate_video(10'000, three()), (std::vector<std::uint64_t>{10'000, 0, 0}));
}

TEST(Allocation, WhatALimitLeavesGoesToTheOthers) {
  auto encodings = three();
  encodings[2].max_bitrate = 500'000;
  const auto bitrates = allocate_video(1'000'000, encodings);
  EXPECT_EQ(bitrates, (std::vector<std::uint64_t>{100'000, 400'000, 500'000}));
}

TEST(Allocation, InactiveLayersGetNothing) {
  auto encodings = three();
  encodings[1].active = false;
  const auto bitrates = allocate_video(1'700'000, encodings);
  EXPECT_EQ(bitrates, (std::vector<std::uint64_t>{100'000, 0, 1'600'000}));
}

TEST(Allocation, AudioComesBeforeVideo) {
  const std::vector<RtpEncoding> one(1);
  const std::vector<Bidder> bidders{
      {core::MediaKind::video, one}, {core::MediaKind::audio, one}, {core::MediaKind::video, one}};
  const auto bitrates = allocate(1'064'000, bidders);
  EXPECT_EQ(bitrates[1].front(), 64'000U);
  EXPECT_EQ(bitrates[0].front(), 500'000U);
  EXPECT_EQ(bitrates[2].front(), 500'000U);
}

}  // namespace
}  // namespace lucid::peer::detail
