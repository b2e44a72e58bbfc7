#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <latch>

#include "capture/test_picture.hpp"
#include "media/receive_pipeline.hpp"
#include "media/send_pipeline.hpp"

namespace lucid::media {
namespace {

using namespace std::chrono_literals;

codec::VideoEncoderConfig vp8() { return {.codec = core::Codec::vp8}; }

core::VideoFrame picture(int number) { return capture::TestPicture{320, 240, 30}.frame(number); }

TEST(VideoChain, GivesEachEncodingItsSizeAndRid) {
  VideoChain chain{vp8(),
                   {{.rid = "q", .bitrate = 100'000, .scale_down = 4},
                    {.rid = "h", .bitrate = 300'000, .scale_down = 2},
                    {.rid = "f", .bitrate = 900'000}}};
  const auto frames = chain.encode(picture(0));
  ASSERT_EQ(frames.size(), 3U);
  EXPECT_EQ(frames[0].rid, "q");
  EXPECT_EQ(frames[0].width, 80);
  EXPECT_EQ(frames[1].width, 160);
  EXPECT_EQ(frames[2].width, 320);
}

TEST(VideoChain, AnswersAKeyFrameRequestWithTheNextPicture) {
  VideoChain chain{vp8(), {{.rid = "a"}, {.rid = "b"}}};
  (void)chain.encode(picture(0));
  (void)chain.encode(picture(1));
  chain.request_key_frame("b");
  const auto frames = chain.encode(picture(2));
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_FALSE(frames[0].key);
  EXPECT_TRUE(frames[1].key);
}

TEST(VideoChain, KeepsToTheFrameRateOfTheAllocation) {
  VideoChain chain{vp8(), {{.framerate = 10}}};
  std::size_t encoded = 0;
  for (int i = 0; i < 90; ++i) encoded += chain.encode(picture(i)).size();
  EXPECT_NEAR(static_cast<double>(encoded), 30, 2);
}

TEST(VideoChain, StartsAnEncodingThatWasOffWithAKeyFrame) {
  VideoChain chain{vp8(), {{.rid = "a", .active = false}}};
  EXPECT_TRUE(chain.encode(picture(0)).empty());
  chain.allocate({{.rid = "a"}});
  EXPECT_TRUE(chain.encode(picture(1)).at(0).key);
  chain.allocate({{.rid = "a", .active = false}});
  EXPECT_TRUE(chain.encode(picture(2)).empty());
  chain.allocate({{.rid = "a"}});
  EXPECT_TRUE(chain.encode(picture(3)).at(0).key);
}

TEST(VideoChain, SendsBlackWhileMuted) {
  VideoChain chain{vp8(), {{}}};
  chain.mute(true);
  const auto decoder = codec::make_decoder(core::Codec::vp8).value();
  const auto shown = decoder->decode(chain.encode(picture(0)).at(0)).value();
  EXPECT_LT(shown.at(0).planes.at(320 * 100 + 100), 20);
}

TEST(VideoChain, LowersTheSizeUnderOverloadAndRaisesItAgain) {
  VideoChain chain{vp8(), {{}}};
  for (int i = 0; i < 200; ++i) chain.took(40ms);
  EXPECT_LT(chain.stats().overload_scale, 0.8);
  EXPECT_LT(chain.encode(picture(0)).at(0).width, 320);
  for (int i = 0; i < 5000; ++i) chain.took(2ms);
  EXPECT_EQ(chain.stats().overload_scale, 1);
}

TEST(VideoSendPipeline, DeliversFramesInRealTimeAndStops) {
  std::latch ten{10};
  std::atomic<int> frames = 0;
  const auto begun = std::chrono::steady_clock::now();
  {
    VideoSendPipeline pipeline{capture::open_video("test?size=160x120&fps=50").value(),
                               vp8(),
                               {{.framerate = 50}},
                               [&](core::EncodedFrame frame) {
                                 if (frames++ == 0) {
                                   EXPECT_TRUE(frame.key);
                                 }
                                 if (frames <= 10) ten.count_down();
                               }};
    ten.wait();
  }
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 150ms);
  const int at_end = frames;
  EXPECT_EQ(frames, at_end);
}

TEST(VideoSendPipeline, ReplacesItsSourceWhileRunning) {
  std::promise<void> small;
  bool seen = false;
  VideoSendPipeline pipeline{capture::open_video("test?size=320x240&fps=50").value(),
                             vp8(),
                             {{}},
                             [&](core::EncodedFrame frame) {
                               if (frame.width == 160 && !std::exchange(seen, true))
                                 small.set_value();
                             }};
  pipeline.replace(capture::open_video("test?size=160x120&fps=50").value());
  EXPECT_EQ(small.get_future().wait_for(10s), std::future_status::ready);
}

TEST(VideoReceivePipeline, ShowsWhatWasEncodedAndAsksForAKeyFrameWhenItHasNone) {
  VideoChain chain{vp8(), {{}}};
  std::promise<std::uint16_t> number;
  std::promise<void> asked;
  bool first = true;
  VideoReceivePipeline pipeline{[&](const core::VideoFrame& shown) {
                                  number.set_value(capture::read_frame_number(shown).value_or(0));
                                },
                                [&] {
                                  if (std::exchange(first, false)) asked.set_value();
                                }};
  (void)chain.encode(picture(0));
  pipeline.push(chain.encode(picture(1)).at(0));
  EXPECT_EQ(asked.get_future().wait_for(10s), std::future_status::ready);
  chain.request_key_frame();
  pipeline.push(chain.encode(picture(77)).at(0));
  auto shown = number.get_future();
  ASSERT_EQ(shown.wait_for(10s), std::future_status::ready);
  EXPECT_EQ(shown.get(), 77);
}

// RFC 7587 4.1
TEST(AudioPipelines, CarryTheBeepFromEndToEnd) {
  std::promise<void> beep;
  bool heard = false;
  AudioReceivePipeline receive{[&](const core::AudioFrame& sound) {
    EXPECT_EQ(sound.samples.size(), 480U);
    if (capture::is_beeping(sound) && !std::exchange(heard, true)) beep.set_value();
  }};
  AudioSendPipeline send{capture::open_audio("tone").value(),
                         {},
                         [&, n = std::int64_t{0}](core::EncodedFrame frame) mutable {
                           frame.id = n++;
                           EXPECT_TRUE(frame.audio_level);
                           receive.push(std::move(frame),
                                        core::Time{std::chrono::duration_cast<core::Duration>(
                                            std::chrono::steady_clock::now().time_since_epoch())});
                         }};
  EXPECT_EQ(beep.get_future().wait_for(10s), std::future_status::ready);
}

// RFC 6464 3
TEST(LevelOf, IsMinusDecibelsOfFullScale) {
  core::AudioFrame frame;
  frame.samples.assign(480, 0);
  EXPECT_EQ(level_of(frame), 127);
  frame.samples.assign(480, 32767);
  EXPECT_EQ(level_of(frame), 0);
  frame.samples.assign(480, 3277);
  EXPECT_EQ(level_of(frame), 20);
}

TEST(Resample, KeepsLevelAndLength) {
  const core::AudioFrame tone = capture::test_tone(10);
  const auto narrow = resample(tone, 8000, 1);
  EXPECT_EQ(narrow.samples.size(), 160U);
  EXPECT_NEAR(level_of(narrow), level_of(tone), 1);
  const auto stereo = resample(narrow, 48'000, 2);
  EXPECT_EQ(stereo.samples.size(), 1920U);
  EXPECT_NEAR(level_of(stereo), level_of(tone), 1);
}

}  // namespace
}  // namespace lucid::media
