#include "core/media.hpp"

#include <gtest/gtest.h>

#include "core/effects.hpp"

namespace lucid::core {
namespace {

TEST(Codec, EveryNameLeadsBackToItsCodec) {
  for (int i = 0; i <= static_cast<int>(Codec::telephone_event); ++i) {
    const Codec codec{static_cast<std::uint8_t>(i)};
    EXPECT_EQ(codec_from_name(to_string(codec)), codec) << to_string(codec);
  }
}

// RFC 4855 3
TEST(Codec, NamesAreComparedWithoutRegardToCase) {
  EXPECT_EQ(codec_from_name("vp8"), Codec::vp8);
  EXPECT_EQ(codec_from_name("OPUS"), Codec::opus);
  EXPECT_EQ(codec_from_name("Telephone-Event"), Codec::telephone_event);
  EXPECT_FALSE(codec_from_name("vp"));
  EXPECT_FALSE(codec_from_name("rtx"));
  EXPECT_FALSE(codec_from_name(""));
}

TEST(Codec, HasAKind) {
  EXPECT_EQ(kind_of(Codec::h264), MediaKind::video);
  EXPECT_EQ(kind_of(Codec::av1), MediaKind::video);
  EXPECT_EQ(kind_of(Codec::opus), MediaKind::audio);
  EXPECT_EQ(kind_of(Codec::telephone_event), MediaKind::audio);
}

TEST(VideoFrame, ChromaPlanesOfOddSizesAreRoundedUp) {
  EXPECT_EQ(VideoFrame::luma_size(5, 3), 15U);
  EXPECT_EQ(VideoFrame::chroma_size(5, 3), 6U);
  EXPECT_EQ(VideoFrame::chroma_size(640, 480), 76'800U);
}

TEST(PathError, EveryOneHasAName) {
  for (int i = 0; i <= static_cast<int>(PathError::closed); ++i) {
    EXPECT_NE(to_string(PathError{static_cast<std::uint8_t>(i)}), "unknown");
  }
}

}  // namespace
}  // namespace lucid::core
