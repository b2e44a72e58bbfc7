#include "capture/test_picture.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "codec/video.hpp"

namespace lucid::capture {
namespace {

using namespace std::chrono_literals;

TEST(TestPicture, CarriesItsNumberInAnySize) {
  for (const auto& [width, height] :
       {std::pair{160, 120}, std::pair{320, 180}, std::pair{640, 480}, std::pair{1281, 721}}) {
    const TestPicture picture{static_cast<std::uint16_t>(width), static_cast<std::uint16_t>(height),
                              30};
    for (const std::int64_t number : {0, 1, 2, 1000, 43690, 65535, 65536 + 77}) {
      EXPECT_EQ(read_frame_number(picture.frame(number)), static_cast<std::uint16_t>(number))
          << width << " " << number;
    }
  }
}

TEST(TestPicture, CanBeReadAfterStrongCompressionAndScaling) {
  const TestPicture picture{640, 480, 30};
  const auto encoder = codec::make_encoder(codec::VideoEncoderConfig{.bitrate = 150'000}).value();
  const auto decoder = codec::make_decoder(core::Codec::vp8).value();
  int read = 0;
  for (int i = 0; i < 60; ++i) {
    const auto frames = encoder->encode(picture.frame(i), codec::KeyFrame::if_needed).value();
    for (const auto& frame : frames) {
      const auto pictures = decoder->decode(frame).value();
      for (const auto& shown : pictures) {
        EXPECT_EQ(read_frame_number(codec::scale(shown, 320, 240)), i);
        ++read;
      }
    }
  }
  EXPECT_GT(read, 20);
}

TEST(TestPicture, FlashesWhenTheToneBeeps) {
  const TestPicture picture{320, 240, 50};
  for (int i = 0; i < 150; ++i) {
    EXPECT_EQ(is_flashing(picture.frame(i)), is_beeping(test_tone(i))) << i;
    EXPECT_EQ(is_flashing(picture.frame(i)), i % 50 < 5) << i;
  }
}

TEST(TestPicture, IsNotFoundInOtherPictures) {
  EXPECT_FALSE(read_frame_number(codec::black(640, 480)));
  EXPECT_FALSE(read_frame_number(codec::black(16, 16)));
}

}  // namespace
}  // namespace lucid::capture
