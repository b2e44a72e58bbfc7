#include "codec/detail/vp9_frames.hpp"

#include <gtest/gtest.h>

#include "codec/video.hpp"

namespace lucid::codec {
namespace {

using detail::vp9_chunk;
using detail::vp9_frames;
using detail::vp9_size;

std::vector<std::uint8_t> key_frame(std::uint16_t width, std::uint16_t height) {
  const auto out =
      make_encoder(VideoEncoderConfig{.codec = core::Codec::vp9, .width = width, .height = height})
          .value();
  return out->encode(black(width, height), KeyFrame::now).value().front().data;
}

std::vector<core::VideoFrame> decode(VideoDecoder& decoder, std::vector<std::uint8_t> data) {
  core::EncodedFrame frame;
  frame.codec = core::Codec::vp9;
  frame.key = true;
  frame.data = std::move(data);
  return decoder.decode(frame).value_or(std::vector<core::VideoFrame>{});
}

TEST(Vp9Frames, AKeyFrameTellsItsSize) {
  const auto data = key_frame(320, 240);
  const auto size = vp9_size(data);
  ASSERT_TRUE(size);
  EXPECT_EQ(size->width, 320U);
  EXPECT_EQ(size->height, 240U);
  for (std::size_t length = 0; length < 9; ++length) {
    EXPECT_FALSE(vp9_size(core::Bytes{data}.first(length))) << length;
  }
}

// A frame that refers to others may be sixteen times as wide and as high as they are.
TEST(Vp9Frames, AnyFrameMayTellASize) {
  // Marker, profile 0, inter frame, shown, not resilient, no reset, refreshes all, three
  // references, none of which has the size: 16,384 x 12,288.
  const auto inter = vp9_size(*core::from_hex("86 3f c0 00 1f ff 97 ff 80 00"));
  ASSERT_TRUE(inter);
  EXPECT_EQ(inter->width, 16'384U);
  EXPECT_EQ(inter->height, 12'288U);
  const auto same = vp9_size(*core::from_hex("86 3f c0 02 00 00"));
  ASSERT_TRUE(same);
  EXPECT_EQ(same->width, 0U);
}

TEST(Vp9Frames, ChunksAreTakenApartAndPutTogether) {
  const std::vector<std::uint8_t> one(300, 0x82);
  const std::vector<std::uint8_t> two(5, 0x86);
  const auto chunk = vp9_chunk({one, two});
  const auto frames = vp9_frames(chunk);
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_TRUE(std::ranges::equal(frames[0], one));
  EXPECT_TRUE(std::ranges::equal(frames[1], two));
  EXPECT_EQ(vp9_frames(one).size(), 1U) << "no index";
  EXPECT_EQ(vp9_frames(core::Bytes{chunk}.last(11)).size(), 1U) << "sizes beyond the chunk";
}

TEST(Vp9Decoder, NoFrameHidesBehindAnother) {
  const auto in = make_decoder(core::Codec::vp9).value();
  auto data = key_frame(320, 240);
  const auto hidden = key_frame(640, 480);
  data.insert(data.end(), hidden.begin(), hidden.end());
  const auto pictures = decode(*in, data);
  ASSERT_EQ(pictures.size(), 1U);
  EXPECT_EQ(pictures[0].width, 320);
}

TEST(Vp9Decoder, RefusesAFrameTooLargeAnywhereInAChunk) {
  const auto in = make_decoder(core::Codec::vp9).value();
  const auto small = key_frame(320, 240);
  EXPECT_EQ(decode(*in, vp9_chunk({small, small})).size(), 1U);
  const auto bomb = *core::from_hex("86 3f c0 00 1f ff 97 ff 80 00");
  EXPECT_TRUE(decode(*in, vp9_chunk({small, bomb})).empty());
}

}  // namespace
}  // namespace lucid::codec
