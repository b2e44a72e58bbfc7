#include "rtp/file/media.hpp"

#include <gtest/gtest.h>

namespace lucid::rtp::file {
namespace {

std::vector<std::uint8_t> bytes_of(std::string_view hex) { return *core::from_hex(hex); }

TEST(MediaFile, IvfRoundTrips) {
  const auto one = bytes_of("10aabb");
  const auto two = bytes_of("11cc");
  const MediaFile media{.codec = core::Codec::vp9,
                        .width = 640,
                        .height = 360,
                        .frames = {{one, 0}, {two, 3003}},
                        .joined = {}};
  const auto file = write_media(media);
  ASSERT_TRUE(file);
  const auto back = read_media(*file);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->codec, core::Codec::vp9);
  EXPECT_EQ(back->width, 640);
  ASSERT_EQ(back->frames.size(), 2U);
  EXPECT_EQ(back->frames[1].timestamp, 3003U);
  EXPECT_TRUE(core::equal(back->frames[1].data, two));
}

TEST(MediaFile, Av1GetsItsDelimiterBack) {
  const auto unit = bytes_of("3201aa");
  const auto file = write_media({.codec = core::Codec::av1, .frames = {{unit, 0}}, .joined = {}});
  EXPECT_EQ(core::to_hex(read_media(*file)->frames[0].data), "12003201aa");
}

// RFC 3533 5, RFC 3533 6, RFC 7845 5.1
TEST(MediaFile, OggRoundTripsPacketsOfAnySize) {
  std::vector<std::vector<std::uint8_t>> packets;
  for (const std::size_t size : {1U, 254U, 255U, 256U, 510U, 1200U}) {
    packets.emplace_back(size, 0xAA);
    packets.back()[0] = 0xFC;
  }
  MediaFile media{.codec = core::Codec::opus};
  for (const auto& packet : packets) media.frames.push_back({packet, 0});
  const auto back = read_media(*write_media(media));
  ASSERT_TRUE(back);
  ASSERT_EQ(back->frames.size(), packets.size());
  for (std::size_t i = 0; i < packets.size(); ++i) {
    EXPECT_TRUE(core::equal(back->frames[i].data, packets[i]));
    EXPECT_EQ(back->frames[i].timestamp, i * 960);
  }
}

TEST(MediaFile, AnnexBIsCutIntoPictures) {
  // Delimiter, parameters and two slices; then a picture of one slice.
  const auto stream = bytes_of(
      "00000001 09f0 00000001 6701 00000001 6801 000001 6588 000001 6508 00000001 09f0 000001 "
      "4188");
  const auto pictures = access_units(stream, core::Codec::h264);
  ASSERT_EQ(pictures.size(), 2U);
  EXPECT_EQ(core::to_hex(pictures[1]), "0000000109f00000014188");
  const auto media = read_media(stream, 25);
  ASSERT_TRUE(media);
  EXPECT_EQ(media->codec, core::Codec::h264);
  EXPECT_EQ(media->frames[1].timestamp, 3600U);
}

TEST(MediaFile, TellsH265ByItsFirstUnit) {
  EXPECT_EQ(read_media(bytes_of("00000001 4001aa 00000001 2601af"))->codec, core::Codec::h265);
}

TEST(MediaFile, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(read_media(bytes_of("0102030405")).error(), Error::not_recognised);
  EXPECT_EQ(read_media({}).error(), Error::not_recognised);
  EXPECT_EQ(read_media(core::as_bytes("DKIF")).error(), Error::truncated);
  EXPECT_EQ(read_media(core::as_bytes("OggS")).error(), Error::truncated);
}

}  // namespace
}  // namespace lucid::rtp::file
