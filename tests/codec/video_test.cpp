#include "codec/video.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "core/random.hpp"

namespace lucid::codec {
namespace {

using namespace std::chrono_literals;
using core::Codec;

// A gradient with a bright square that moves: something for motion search to find.
core::VideoFrame picture(std::uint16_t width, std::uint16_t height, int number) {
  core::VideoFrame frame = black(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const bool square =
          x - number * 3 % width >= 0 && x - number * 3 % width < 40 && y > 20 && y < 60;
      frame.planes[static_cast<std::size_t>(y) * width + static_cast<std::size_t>(x)] =
          static_cast<std::uint8_t>(square ? 230 : 40 + (x + y) % 128);
    }
  }
  frame.capture_time = core::Time{number * 33'333us};
  frame.rtp_timestamp = static_cast<std::uint32_t>(number * 3000);
  return frame;
}

std::vector<core::EncodedFrame> encode(VideoEncoder& encoder, const core::VideoFrame& frame) {
  return encoder.encode(frame, KeyFrame::if_needed).value();
}
std::vector<core::VideoFrame> decode(VideoDecoder& decoder, const core::EncodedFrame& frame) {
  return decoder.decode(frame).value();
}

class EveryVideoCodec : public testing::TestWithParam<Codec> {
 protected:
  void SetUp() override {
    const auto able = encodable_video();
    if (std::ranges::find(able, GetParam()) == able.end())
      GTEST_SKIP() << "no encoder in this build";
  }
  std::unique_ptr<VideoEncoder> encoder(VideoEncoderConfig config = {}) {
    config.codec = GetParam();
    config.width = 320;
    config.height = 240;
    config.bitrate = 800'000;
    return make_encoder(config).value();
  }
};

TEST_P(EveryVideoCodec, PlaysWhatItEncoded) {
  const auto out = encoder();
  const auto in = make_decoder(GetParam()).value();
  int shown = 0;
  for (int i = 0; i < 20; ++i) {
    const core::VideoFrame sent = picture(320, 240, i);
    for (const core::EncodedFrame& frame : encode(*out, sent)) {
      EXPECT_EQ(frame.key, frame.id == 0);
      EXPECT_EQ(frame.rtp_timestamp, sent.rtp_timestamp);
      for (const core::VideoFrame& played : decode(*in, frame)) {
        ++shown;
        EXPECT_GT(psnr(sent, played), 27) << "picture " << i;
      }
    }
  }
  EXPECT_GE(shown, 18);
}

TEST_P(EveryVideoCodec, MakesAKeyFrameOnDemand) {
  const auto out = encoder();
  for (int i = 0; i < 5; ++i) (void)out->encode(picture(320, 240, i), KeyFrame::if_needed);
  const auto frames = out->encode(picture(320, 240, 5), KeyFrame::now).value();
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_TRUE(frames[0].key);
  const auto fresh = make_decoder(GetParam()).value();
  EXPECT_EQ(fresh->decode(frames[0]).value().size(), 1U);
}

TEST_P(EveryVideoCodec, FollowsTheBitRateWhileRunning) {
  const auto out = encoder();
  const auto bytes_of_next = [&](int from, int count) {
    std::size_t bytes = 0;
    core::SeededRandom noise{7};
    for (int i = from; i < from + count; ++i) {
      core::VideoFrame frame = picture(320, 240, i);
      for (std::size_t p = 0; p < frame.planes.size(); p += 3) {
        frame.planes[p] = static_cast<std::uint8_t>(frame.planes[p] + noise.below(30));
      }
      for (const auto& part : encode(*out, frame)) bytes += part.data.size();
    }
    return bytes;
  };
  (void)bytes_of_next(0, 30);
  const std::size_t rich = bytes_of_next(30, 30);
  ASSERT_TRUE(out->set_rates(200'000, 30));
  (void)bytes_of_next(60, 30);
  const std::size_t poor = bytes_of_next(90, 30);
  EXPECT_LT(poor, rich * 6 / 10);
  EXPECT_GT(poor, 0U);
}

TEST_P(EveryVideoCodec, TakesAnyRateItIsTold) {
  const auto out = encoder();
  for (const double framerate : {0.0, 1e9, 30.0}) {
    EXPECT_TRUE(out->set_rates(300'000, framerate)) << framerate;
    EXPECT_TRUE(out->encode(picture(320, 240, 1), KeyFrame::now)) << framerate;
  }
}

TEST_P(EveryVideoCodec, ContinuesAtANewSizeWithAKeyFrame) {
  const auto out = encoder();
  const auto in = make_decoder(GetParam()).value();
  (void)in->decode(out->encode(picture(320, 240, 0), KeyFrame::if_needed).value().at(0));
  for (const auto& [width, height] :
       {std::pair{160, 120}, std::pair{640, 480}, std::pair{322, 242}, std::pair{161, 121}}) {
    const auto w = static_cast<std::uint16_t>(width);
    const auto h = static_cast<std::uint16_t>(height);
    const auto frames = out->encode(picture(w, h, width), KeyFrame::if_needed).value();
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_TRUE(frames[0].key);
    const auto played = in->decode(frames[0]).value();
    ASSERT_EQ(played.size(), 1U);
    // H.264 with chroma of half the size cannot tell of odd sizes (6.2, CropUnitX is 2).
    const int most_even = GetParam() == Codec::h264 ? ~1 : ~0;
    EXPECT_EQ(played[0].width, w & most_even);
    EXPECT_EQ(played[0].height, h & most_even);
  }
}

TEST_P(EveryVideoCodec, HigherTemporalLayersCanBeLeftOut) {
  for (const std::uint8_t layers : {std::uint8_t{2}, std::uint8_t{3}}) {
    const auto out = encoder({.temporal_layers = layers});
    const auto in = make_decoder(GetParam()).value();
    int base = 0;
    for (int i = 0; i < 24; ++i) {
      const core::VideoFrame sent = picture(320, 240, i);
      for (const auto& frame : encode(*out, sent)) {
        if (frame.temporal_layer > 0) continue;
        ++base;
        const auto played = in->decode(frame);
        ASSERT_TRUE(played) << "layers " << int{layers} << " picture " << i;
        if (!played->empty()) {
          EXPECT_GT(psnr(sent, played->back()), 25) << int{layers} << ":" << i;
        }
      }
    }
    EXPECT_GE(base, 24 >> layers);
    EXPECT_LE(base, 13);
  }
}

TEST_P(EveryVideoCodec, RefusesFramesThatLieAboutTheirSize) {
  const auto out = encoder();
  core::VideoFrame lie = picture(320, 240, 0);
  lie.planes.resize(100);
  EXPECT_EQ(out->encode(lie, KeyFrame::if_needed).error(), CodecError::bad_frame);
}

TEST_P(EveryVideoCodec, SurvivesEveryKindOfDamage) {
  const auto out = encoder();
  core::SeededRandom random{42};
  const auto in = make_decoder(GetParam()).value();
  for (int i = 0; i < 60; ++i) {
    for (core::EncodedFrame frame : encode(*out, picture(320, 240, i))) {
      if (i % 3 == 0) frame.data.resize(random.below(frame.data.size()));
      for (int flips = 0; flips < i % 5 && !frame.data.empty(); ++flips) {
        frame.data[random.below(frame.data.size())] ^= static_cast<std::uint8_t>(random.u16());
      }
      (void)in->decode(frame);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Codecs, EveryVideoCodec,
                         testing::Values(Codec::vp8, Codec::vp9, Codec::h264, Codec::av1),
                         [](const auto& codec) { return std::string{to_string(codec.param)}; });

TEST(Vp9Encoder, GivesOneFrameForEachSpatialLayer) {
  const auto out =
      make_encoder(
          VideoEncoderConfig{.codec = Codec::vp9, .width = 640, .height = 480, .spatial_layers = 3})
          .value();
  const auto in = make_decoder(Codec::vp9).value();
  for (int i = 0; i < 6; ++i) {
    const core::VideoFrame sent = picture(640, 480, i);
    const auto frames = out->encode(sent, KeyFrame::if_needed).value();
    ASSERT_EQ(frames.size(), 3U);
    EXPECT_EQ(frames[0].width, 160);
    EXPECT_EQ(frames[2].width, 640);
    EXPECT_FALSE(frames[0].last_of_picture);
    EXPECT_TRUE(frames[2].last_of_picture);
    EXPECT_EQ(frames[1].depends_on.front(), frames[0].id);
    std::vector<core::VideoFrame> played;
    for (const auto& frame : frames) played = in->decode(frame).value();
    ASSERT_FALSE(played.empty());
    EXPECT_EQ(played.back().width, 640);
    EXPECT_GT(psnr(sent, played.back()), 27);
  }
}

// H.264 7.3.2.1.1: profile_idc follows the NAL header of the sequence parameter set.
int h264_profile(const core::EncodedFrame& frame) {
  for (std::size_t i = 0; i + 4 < frame.data.size(); ++i) {
    const auto* at = frame.data.data() + i;
    if (at[0] == 0 && at[1] == 0 && at[2] == 1 && (at[3] & 0x1F) == 7) return at[4];
  }
  return -1;
}

TEST(H264Encoder, MakesAndPlaysBothProfilesWithBothEngines) {
  for (const H264Engine engine : {H264Engine::openh264, H264Engine::x264}) {
    for (const H264Profile profile : {H264Profile::constrained_baseline, H264Profile::high}) {
      const auto out = make_encoder(VideoEncoderConfig{
          .codec = Codec::h264, .width = 320, .height = 240, .profile = profile, .engine = engine});
      if (!out) continue;
      const auto in = make_decoder(Codec::h264).value();
      int shown = 0;
      for (int i = 0; i < 10; ++i) {
        const auto sent = picture(320, 240, i);
        for (const auto& frame : encode(**out, sent)) {
          if (frame.key) {
            EXPECT_EQ(h264_profile(frame), profile == H264Profile::high ? 100 : 66);
          }
          for (const auto& played : decode(*in, frame)) {
            ++shown;
            EXPECT_GT(psnr(sent, played), 27);
          }
        }
      }
      EXPECT_GE(shown, 9);
    }
  }
}

TEST(ScreenContent, KeepsLettersSharp) {
  for (const Codec codec : {Codec::vp8, Codec::vp9, Codec::h264, Codec::av1}) {
    auto out = make_encoder(VideoEncoderConfig{.codec = codec,
                                               .width = 320,
                                               .height = 240,
                                               .bitrate = 300'000,
                                               .content = Content::screen});
    if (!out) continue;
    const auto in = make_decoder(codec).value();
    // Black strokes on white, as text has them; still but for a cursor.
    core::VideoFrame page = black(320, 240);
    for (std::size_t i = 0; i < std::size_t{320} * 240; ++i) {
      page.planes[i] = i % 320 / 3 % 4 == 0 && i / 320 % 12 > 3 ? 16 : 235;
    }
    double last = 0;
    for (int i = 0; i < 30; ++i) {
      page.capture_time = core::Time{i * 33'333us};
      page.planes[1000] = i % 2 == 0 ? 16 : 235;
      for (const auto& frame : encode(**out, page)) {
        for (const auto& played : decode(*in, frame)) last = psnr(page, played);
      }
    }
    EXPECT_GT(last, 32) << to_string(codec);
  }
}

TEST(Vp9Encoder, HigherSpatialLayersCanBeLeftOut) {
  const auto out = make_encoder(VideoEncoderConfig{.codec = Codec::vp9,
                                                   .width = 640,
                                                   .height = 480,
                                                   .temporal_layers = 3,
                                                   .spatial_layers = 3})
                       .value();
  const auto in = make_decoder(Codec::vp9).value();
  int shown = 0;
  for (int i = 0; i < 24; ++i) {
    const core::VideoFrame sent = picture(640, 480, i);
    for (const auto& frame : encode(*out, sent)) {
      if (frame.spatial_layer > 1 || frame.temporal_layer > 1) continue;
      const auto played = in->decode(frame);
      ASSERT_TRUE(played) << i;
      if (frame.spatial_layer == 1 && !played->empty()) {
        ++shown;
        EXPECT_EQ(played->back().width, 320);
        EXPECT_GT(psnr(scale(sent, 320, 240), played->back()), 25);
      }
    }
  }
  EXPECT_EQ(shown, 12);
}

TEST(X264Encoder, IsThereByChoice) {
  auto out = make_encoder(VideoEncoderConfig{
      .codec = Codec::h264, .width = 320, .height = 240, .engine = H264Engine::x264});
  if (!out) GTEST_SKIP() << "libavcodec has no libx264";
  const auto in = make_decoder(Codec::h264).value();
  const auto sent = picture(320, 240, 0);
  const auto frames = (*out)->encode(sent, KeyFrame::if_needed).value();
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_TRUE(frames[0].key);
  EXPECT_FALSE(abilities({.codec = Codec::h264, .engine = H264Engine::x264}).rate_while_running);
}

TEST(MakeEncoder, RefusesNonsense) {
  EXPECT_EQ(make_encoder(VideoEncoderConfig{.width = 0}).error(), SetupError::bad_configuration);
  EXPECT_EQ(make_encoder(VideoEncoderConfig{.temporal_layers = 4}).error(),
            SetupError::bad_configuration);
  EXPECT_EQ(make_encoder(VideoEncoderConfig{.codec = Codec::vp8, .spatial_layers = 2}).error(),
            SetupError::bad_configuration);
  EXPECT_EQ(make_encoder(VideoEncoderConfig{.codec = Codec::h265}).error(),
            SetupError::not_available);
}

// What browsers do well comes first, and nothing is named that cannot be made.
TEST(Codecs, AreInTheOrderOfOffersAndAllThere) {
  const std::vector order{Codec::vp8, Codec::vp9, Codec::h264, Codec::av1};
  std::size_t place = 0;
  for (const Codec codec : encodable_video()) {
    while (place < order.size() && order[place] != codec) ++place;
    ASSERT_LT(place, order.size()) << to_string(codec) << " is out of order";
    EXPECT_TRUE(make_encoder(VideoEncoderConfig{.codec = codec})) << to_string(codec);
  }
  for (const Codec codec : decodable_video()) EXPECT_TRUE(make_decoder(codec)) << to_string(codec);
}

TEST(ErrorResilience, GoesOnAfterALostPicture) {
  for (const Codec codec : {Codec::vp8, Codec::vp9}) {
    const auto out = make_encoder(
        VideoEncoderConfig{.codec = codec, .width = 320, .height = 240, .error_resilient = true});
    if (!out) continue;
    const auto in = make_decoder(codec).value();
    double last = 0;
    for (int i = 0; i < 20; ++i) {
      const auto sent = picture(320, 240, i);
      for (const auto& frame : encode(**out, sent)) {
        if (i == 8) continue;
        for (const auto& played : decode(*in, frame)) last = psnr(sent, played);
      }
    }
    EXPECT_GT(last, 22) << to_string(codec);
  }
}

TEST(Scale, KeepsThePictureAcrossSizes) {
  const core::VideoFrame original = picture(640, 480, 3);
  const core::VideoFrame small = scale(original, 160, 120);
  EXPECT_EQ(small.width, 160);
  EXPECT_EQ(small.rtp_timestamp, original.rtp_timestamp);
  EXPECT_GT(psnr(picture(320, 240, 0), scale(scale(picture(320, 240, 0), 640, 480), 320, 240)), 30);
  EXPECT_EQ(psnr(original, scale(original, 640, 480)), 100);
  EXPECT_EQ(scale(original, 333, 77).planes.size(),
            core::VideoFrame::luma_size(333, 77) + 2 * core::VideoFrame::chroma_size(333, 77));
}

}  // namespace
}  // namespace lucid::codec
