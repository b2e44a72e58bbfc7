#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "media/allocation.hpp"
#include "media/lip_sync.hpp"
#include "media/outbox.hpp"
#include "media/pace.hpp"
#include "media/recording_clock.hpp"

namespace lucid::media {
namespace {

using namespace std::chrono_literals;

// W3C webrtc-pc, addTransceiver: 4:1, 2:1, 1:1 where no scale is given.
TEST(Allocate, ScalesAndDividesFromTheSmallestUp) {
  const std::vector<peer::RtpEncoding> three{{.rid = "q"}, {.rid = "h"}, {.rid = "f"}};
  const SourceFormat hd{1280, 720, 30};
  const auto rich = allocate(three, 10'000'000, hd);
  EXPECT_EQ(rich[0].scale_down, 4);
  EXPECT_EQ(rich[2].scale_down, 1);
  EXPECT_LT(rich[0].bitrate, rich[1].bitrate);
  EXPECT_LT(rich[1].bitrate, rich[2].bitrate);
  const auto poor = allocate(three, 500'000, hd);
  EXPECT_EQ(poor[0].bitrate, rich[0].bitrate) << "the smallest is served first";
  EXPECT_GT(poor[1].bitrate, 0U);
  EXPECT_EQ(poor[2].bitrate, 0U) << "paused until there is more";
  EXPECT_LE(poor[0].bitrate + poor[1].bitrate, 500'000U);
}

TEST(Allocate, ObeysTheParametersOfTheSender) {
  const std::vector<peer::RtpEncoding> encodings{{.rid = "off", .active = false},
                                                 {.rid = "on",
                                                  .max_bitrate = 120'000,
                                                  .max_framerate = 15,
                                                  .scale_resolution_down_by = 2.5,
                                                  .scalability_mode = "L2T3_KEY"}};
  const auto made = allocate(encodings, 2'000'000, {});
  EXPECT_FALSE(made[0].active);
  EXPECT_EQ(made[1].bitrate, 120'000U);
  EXPECT_EQ(made[1].framerate, 15);
  EXPECT_EQ(made[1].scale_down, 2.5);
  EXPECT_EQ(made[1].temporal_layers, 3);
  EXPECT_EQ(made[1].spatial_layers, 2);
}

TEST(Allocate, TakesWhatTheConnectionSays) {
  const std::vector<peer::EncodingTarget> targets{
      {.rid = "h", .bitrate = 250'000, .scale_resolution_down_by = 2, .scalability_mode = "L1T2"},
      {.rid = "f", .active = false, .max_framerate = 60}};
  const auto made = allocate(targets, {640, 480, 30});
  EXPECT_EQ(made[0].bitrate, 250'000U);
  EXPECT_EQ(made[0].temporal_layers, 2);
  EXPECT_FALSE(made[1].active);
  EXPECT_EQ(made[1].framerate, 30);
}

core::EncodedFrame boxed(core::Codec codec, bool key, std::int64_t id) {
  core::EncodedFrame frame;
  frame.codec = codec;
  frame.key = key;
  frame.id = id;
  return frame;
}

TEST(Outbox, DropsPicturesUpToAKeyFrameWhenNobodyComes) {
  int woken = 0;
  Outbox box{[&] { ++woken; }};
  for (int i = 0; i < 60; ++i) EXPECT_TRUE(box.push(boxed(core::Codec::vp8, i == 0, i)));
  EXPECT_EQ(woken, 1);
  EXPECT_FALSE(box.push(boxed(core::Codec::vp8, false, 60)));
  int drained = 0;
  box.drain([&](const core::EncodedFrame&) { ++drained; });
  EXPECT_EQ(drained, 60);
  EXPECT_FALSE(box.push(boxed(core::Codec::vp8, false, 61))) << "it refers to what was dropped";
  EXPECT_TRUE(box.push(boxed(core::Codec::vp8, true, 62)));
  EXPECT_TRUE(box.push(boxed(core::Codec::vp8, false, 63)));
  EXPECT_EQ(box.dropped(), 2U);
}

TEST(Outbox, DropsTheOldestSound) {
  Outbox box{[] {}};
  for (int i = 0; i < 70; ++i) EXPECT_TRUE(box.push(boxed(core::Codec::opus, true, i)));
  std::vector<std::int64_t> ids;
  box.drain([&](const core::EncodedFrame& frame) { ids.push_back(frame.id); });
  EXPECT_EQ(ids.size(), 60U);
  EXPECT_EQ(ids.front(), 10);
}

TEST(SourceClock, TiesADeviceToTheFramesThatCameSoonest) {
  SourceClock clock{capture::Pace::live, core::Time{}};
  const core::Time start{100s};
  EXPECT_EQ(clock.captured(core::Time{0ms}, start + 7ms), start + 7ms);
  EXPECT_EQ(clock.captured(core::Time{20ms}, start + 22ms), start + 22ms);
  // Woken late: the time stays within what a clock may drift.
  const core::Time late = clock.captured(core::Time{40ms}, start + 90ms);
  EXPECT_LE(late - start, 43ms);
  // The device was still for a while and goes on.
  EXPECT_EQ(clock.captured(core::Time{60ms}, start + 10s), start + 10s);
}

TEST(SourceClock, LeavesOutWholeSecondsAfterASleep) {
  SourceClock clock{capture::Pace::fast, core::Time{100s}};
  EXPECT_EQ(clock.captured(core::Time{1s}, core::Time{100s}), core::Time{101s});
  EXPECT_EQ(clock.captured(core::Time{2s}, core::Time{160s + 300ms}), core::Time{160s});
}

// Fifty pictures a second, and an encoder that takes three times as long for each.
TEST(Punctuality, KeepsDelayUnderTwoPicturesHoweverSlowTheEncoder) {
  Punctuality punctuality;
  int skipped = 0;
  core::Time now{};
  for (int i = 0; i < 500; ++i) {
    const core::Time captured{i * 20ms};
    now = std::max(now, captured);
    if (!punctuality.worth_it(now - captured, 50)) {
      ++skipped;
      continue;
    }
    EXPECT_LE(now - captured, 40ms);
    now += 60ms;
  }
  EXPECT_NEAR(skipped, 333, 10);
}

TEST(Punctuality, LetsOneInSixThroughFromASourceThatIsAlwaysLate) {
  Punctuality punctuality;
  EXPECT_TRUE(punctuality.worth_it(0ms, 30));
  for (int i = 0; i < 60; ++i) {
    EXPECT_EQ(punctuality.worth_it(500ms, 30), i % 6 == 5);
  }
}

TEST(LipSync, ShowsAtOnceWithoutSoundOrWithoutReports) {
  LipSync sync;
  EXPECT_EQ(sync.show_at(core::Time{}, core::Time{5s}), core::Time{5s});
  EXPECT_EQ(sync.show_at(core::Time{4s}, core::Time{5s}), core::Time{5s});
  EXPECT_EQ(sync.hold_sound({}, core::Time{5s}), 0ms);
}

TEST(LipSync, ForgetsASoundThatHasEnded) {
  LipSync sync;
  for (core::Time now{1s}; now < core::Time{3s}; now += 33ms) {
    (void)sync.hold_sound({.captured = now - 200ms, .delay = 50ms, .needed = 50ms}, now);
    (void)sync.show_at(now - 80ms, now);
  }
  EXPECT_EQ(sync.show_at(core::Time{3s - 80ms}, core::Time{3s}), core::Time{3s + 120ms});
  EXPECT_EQ(sync.show_at(core::Time{5s - 80ms}, core::Time{5s}), core::Time{5s});
}

// Half of the difference each would be as good; the limit is what the queues hold.
TEST(LipSync, HoldsNothingBackForLongerThanItsLimit) {
  LipSync sync;
  core::Duration most{};
  for (core::Time now{1s}; now < core::Time{9s}; now += 33ms) {
    (void)sync.hold_sound({.captured = now - 3s, .delay = 50ms, .needed = 50ms}, now);
    most = std::max(most, sync.show_at(now - 80ms, now) - now);
  }
  EXPECT_EQ(most, LipSync::most_hold);
}

// Reports that were an hour off, for a while, must not be paid for with hours out of step.
TEST(LipSync, ComesBackSoonFromReportsThatWereWrong) {
  for (const core::Duration wrong : {-3600s, 3600s}) {
    for (const bool sound_too : {false, true}) {
      LipSync sync;
      for (core::Time now{5000s}; now < core::Time{5030s}; now += 33ms) {
        const core::Duration off = now < core::Time{5015s} ? wrong : 0s;
        const core::Duration off_sound = sound_too ? off : 0s;
        (void)sync.hold_sound({.captured = now - 200ms - off_sound, .delay = 50ms, .needed = 50ms},
                              now);
        (void)sync.show_at(now - 80ms - off, now);
      }
      EXPECT_NEAR(static_cast<double>(sync.skew().count()), 0, 10'000) << sound_too;
      const core::Time end{5030s};
      EXPECT_LE(sync.hold_sound({.captured = end - 200ms, .delay = 50ms, .needed = 50ms}, end),
                100ms);
    }
  }
}

TEST(RecordingClock, StepsEvenlyAndComesToTheTimesOfCapture) {
  RecordingClock clock{core::Time{10s}};
  core::EncodedFrame frame;
  core::Duration last{};
  for (int i = 0; i < 300; ++i) {
    frame.rtp_timestamp = 90'000U * 100 + static_cast<std::uint32_t>(i) * 3000;
    const core::Time captured = core::Time{10s} + i * 33'333us;
    if (i > 60) frame.capture_time = captured;
    const auto at = clock.at(frame, captured + 60ms + (i * 7 % 20) * 1ms);
    if (i > 0) {
      EXPECT_NEAR(static_cast<double>((at - last).count()), 33'333, 2'100) << i;
    }
    last = at;
  }
  EXPECT_NEAR(static_cast<double>(last.count()), 299 * 33'333.0, 2'000);
}

}  // namespace
}  // namespace lucid::media
