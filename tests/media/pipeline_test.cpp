#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <latch>
#include <mutex>

#include "capture/test_picture.hpp"
#include "media/player.hpp"
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

// However many ask, and however often: one key frame a picture at most, and none after that.
TEST(VideoChain, AnswersAStormOfKeyFrameRequestsOnceForEachPicture) {
  VideoChain chain{vp8(), {{.bitrate = 300'000}}};
  std::size_t bytes = 0;
  int late_keys = 0;
  for (int i = 0; i < 60; ++i) {
    for (int asked = 0; asked < 100; ++asked) chain.request_key_frame();
    const auto frames = chain.encode(picture(i));
    ASSERT_LE(frames.size(), 1U);
    for (const auto& frame : frames) bytes += frame.data.size();
  }
  for (int i = 60; i < 120; ++i) {
    for (const auto& frame : chain.encode(picture(i))) late_keys += frame.key && i > 90 ? 1 : 0;
  }
  EXPECT_EQ(late_keys, 0);
  // Two seconds at 300 kbit/s are 75,000 bytes: dropped pictures keep the rate.
  EXPECT_LT(bytes, 150'000U);
}

TEST(VideoChain, EncodesOddSizesAndChangesOfSizeAsEvenOnes) {
  VideoChain chain{vp8(), {{.rid = "h", .scale_down = 2}, {.rid = "f"}}};
  int number = 0;
  const auto decoder = codec::make_decoder(core::Codec::vp8).value();
  for (const auto& [width, height] :
       {std::pair{321, 241}, std::pair{163, 99}, std::pair{641, 361}}) {
    const capture::TestPicture odd{static_cast<std::uint16_t>(width),
                                   static_cast<std::uint16_t>(height), 30};
    const auto frames = chain.encode(odd.frame(number += 30));
    ASSERT_EQ(frames.size(), 2U);
    const auto shown = decoder->decode(frames[1]).value();
    EXPECT_EQ(shown.at(0).width, width - 1);
    EXPECT_EQ(shown.at(0).height, height - 1);
    EXPECT_EQ(capture::read_frame_number(shown.at(0)), number);
  }
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

TEST(VideoSendPipeline, SkipsPicturesRatherThanFallBehind) {
  std::promise<void> first;
  bool seen = false;
  // As if its thread had not run for a second.
  VideoSendPipeline pipeline{capture::open_video("test?size=160x120&fps=50").value(),
                             vp8(),
                             {{.framerate = 50}},
                             [&](const core::EncodedFrame&) {
                               if (!std::exchange(seen, true)) first.set_value();
                             },
                             [] {},
                             real_now() - 1s};
  first.get_future().wait();
  EXPECT_GE(pipeline.stats().skipped, 40U);
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

// Small pictures, so that it does not take long: 3 kbit/s are as few for them as 50 for large ones.
TEST(VideoChain, GivesUpSizeWhereBitsAreTooFewAndTakesItBack) {
  VideoChain chain{vp8(), {{.bitrate = 3'000}}};
  const capture::TestPicture small{160, 120, 30};
  for (int i = 0; i < 250; ++i) (void)chain.encode(small.frame(i * 7));
  EXPECT_LT(chain.stats().encodings.at(0).width, 160);
  EXPECT_EQ(chain.stats().encodings.at(0).limitation, Limitation::bandwidth);
  chain.allocate({{.bitrate = 1'000'000}});
  for (int i = 2800; i < 3300; ++i) (void)chain.encode(small.frame(i));
  EXPECT_EQ(chain.stats().encodings.at(0).width, 160);
  EXPECT_EQ(chain.stats().encodings.at(0).limitation, Limitation::none);
}

TEST(VideoChain, KeepsTheSizeOfAScreen) {
  codec::VideoEncoderConfig screen = vp8();
  screen.content = codec::Content::screen;
  VideoChain chain{screen, {{.bitrate = 3'000}}};
  const capture::TestPicture small{160, 120, 30};
  for (int i = 0; i < 250; ++i) (void)chain.encode(small.frame(i * 7));
  EXPECT_EQ(chain.stats().encodings.at(0).width, 160);
}

TEST(VideoChain, EndsAnEncodingThatIsNotAllocatedAnyMore) {
  VideoChain chain{vp8(), {{.rid = "a"}, {.rid = "b"}}};
  EXPECT_EQ(chain.encode(picture(0)).size(), 2U);
  chain.allocate({{.rid = "b"}});
  const auto frames = chain.encode(picture(1));
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].rid, "b");
  EXPECT_FALSE(frames[0].key) << "what goes on is not disturbed";
}

TEST(VideoChain, FollowsTheBitRateOfItsAllocation) {
  VideoChain chain{vp8(), {{.bitrate = 600'000}}};
  const auto bytes_of = [&](int from) {
    std::size_t bytes = 0;
    for (int i = from; i < from + 60; ++i) {
      core::VideoFrame busy = picture(i * 31);
      busy.capture_time = core::Time{i * 33'333us};
      for (const auto& frame : chain.encode(busy)) bytes += frame.data.size();
    }
    return bytes;
  };
  (void)bytes_of(0);
  const std::size_t rich = bytes_of(60);
  chain.allocate({{.bitrate = 80'000}});
  (void)bytes_of(120);
  EXPECT_LT(bytes_of(180), rich / 2);
}

// The tick of the sound goes on across a change of source, and so does the picture's.
TEST(AudioSendPipeline, KeepsItsTimestampsAcrossSources) {
  std::mutex mutex;
  std::vector<core::EncodedFrame> frames;
  std::promise<void> begun, enough;
  AudioSendPipeline pipeline{
      capture::open_audio("tone").value(), {}, [&](core::EncodedFrame frame) {
        const std::lock_guard lock{mutex};
        frames.push_back(std::move(frame));
        if (frames.size() == 15) begun.set_value();
        if (frames.size() == 40) enough.set_value();
      }};
  ASSERT_EQ(begun.get_future().wait_for(10s), std::future_status::ready);
  pipeline.mute(true);
  // It says that it began before the other one ended.
  pipeline.replace(capture::open_audio("tone").value(), real_now() - 150ms);
  ASSERT_EQ(enough.get_future().wait_for(10s), std::future_status::ready);
  const std::lock_guard lock{mutex};
  for (std::size_t i = 1; i < 40; ++i) {
    const auto step =
        static_cast<std::int32_t>(frames[i].rtp_timestamp - frames[i - 1].rtp_timestamp);
    EXPECT_GT(step, 0) << i;
    EXPECT_NEAR(
        static_cast<double>(step) / 48,
        static_cast<double>((frames[i].capture_time - frames[i - 1].capture_time).count()) / 1000,
        61);
  }
  EXPECT_EQ(frames[39].audio_level, 127) << "muted";
}

TEST(Player, PlaysWhatItIsGivenAndStops) {
  std::promise<void> seen, heard;
  bool saw = false, hear = false;
  std::mutex feeding;
  Player player{[&](const core::VideoFrame& picture) {
                  if (capture::read_frame_number(picture) && !std::exchange(saw, true))
                    seen.set_value();
                },
                [&](const core::AudioFrame& sound) {
                  if (level_of(sound) < 60 && !std::exchange(hear, true)) heard.set_value();
                },
                [] {}};
  const auto play = [&](core::EncodedFrame frame) {
    const std::lock_guard lock{feeding};
    player.push(std::move(frame), real_now());
  };
  const VideoSendPipeline video{
      capture::open_video("test?size=320x240&fps=30").value(), vp8(), {{}}, play};
  const AudioSendPipeline audio{capture::open_audio("tone").value(), {}, play};
  EXPECT_EQ(seen.get_future().wait_for(10s), std::future_status::ready);
  EXPECT_EQ(heard.get_future().wait_for(10s), std::future_status::ready);
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
