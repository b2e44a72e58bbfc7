#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "tests/media/media_call.hpp"

namespace lucid::media {
namespace {

using namespace std::chrono_literals;

// When flashes began to be seen.
std::vector<core::Time> flashes(const MediaCall& call) {
  std::vector<core::Time> found;
  bool before = false;
  for (const auto& each : call.shown) {
    if (each.flashing && !before) found.push_back(each.at);
    before = each.flashing;
  }
  return found;
}

// Beep against flash, in milliseconds, positive where the picture is late, of those after `from`.
std::vector<double> skews(const MediaCall& call, core::Time from) {
  std::vector<double> found;
  for (const core::Time flash : flashes(call)) {
    if (flash < from) continue;
    const auto nearest = std::ranges::min_element(
        call.beeps, {}, [&](core::Time beep) { return std::abs((flash - beep).count()); });
    if (nearest == call.beeps.end()) break;
    const double skew = static_cast<double>((flash - *nearest).count()) / 1000;
    if (std::abs(skew) < 500) found.push_back(skew);  // otherwise its beep was lost
  }
  return found;
}

// The picture small: it is a matter of time alone.
std::vector<double> skews_of(MediaCall::Options with, core::Duration length) {
  with.width = 160;
  with.height = 120;
  MediaCall call{with};
  call.begin();
  const core::Time begun = call.now();
  call.play(length);
  return skews(call, begun + 5s);
}

void expect_in_step(const MediaCall::Options& with) {
  const auto measured = skews_of(with, 9s);
  ASSERT_GE(measured.size(), 4U);
  for (const double skew : measured) EXPECT_NEAR(skew, 0, 40);
}

TEST(MediaCall, PlaysPictureAndSoundInStep) { expect_in_step({}); }

TEST(MediaCall, HoldsTheSoundForAPictureThatComesLate) { expect_in_step({.picture_late = 120ms}); }

TEST(MediaCall, HoldsThePictureForASoundThatComesLate) { expect_in_step({.sound_late = 150ms}); }

// Each of two links loses so much and swings by 30 ms. What is left of the tenth is flashes that
// were lost twice: the picture itself stands still there.
TEST(MediaCall, StaysInStepOverAnUnevenAndLossyPath) {
  std::vector<double> apart;
  for (const double loss : {0.01, 0.025}) {
    const sim::Link link{.delay = 20ms, .jitter = 30ms, .loss = loss};
    for (const double skew : skews_of({.link = link}, 14s)) apart.push_back(std::abs(skew));
  }
  ASSERT_GE(apart.size(), 12U);
  std::ranges::sort(apart);
  EXPECT_LE(apart[apart.size() / 2], 10);
  EXPECT_LE(apart[apart.size() * 9 / 10], 40);
}

// Of each picture shown: how close to the one that was sent, which it names itself.
struct Quality {
  double worst = 100;
  int unreadable = 0;
  int backwards = 0;
  double framerate = 0;
};
Quality quality_of(const MediaCall& call) {
  Quality quality;
  int last = -1;
  for (const auto& each : call.shown) {
    if (!each.number) {
      ++quality.unreadable;
      continue;
    }
    if (*each.number <= last) ++quality.backwards;
    last = *each.number;
    quality.worst = std::min(quality.worst, each.psnr);
  }
  if (call.shown.size() > 1) {
    const auto length = call.shown.back().at - call.shown.front().at;
    quality.framerate =
        static_cast<double>(call.shown.size() - 1) * 1e6 / static_cast<double>(length.count());
  }
  return quality;
}

// Two links one after the other: each has half of the loss and of the delay.
TEST(MediaCall, ShowsWholePicturesAtTwoPercentLoss) {
  MediaCall call{{.link = {.delay = 20ms, .loss = 0.01}}};
  call.begin();
  call.play(6s);
  const Quality quality = quality_of(call);
  EXPECT_GT(quality.worst, 30);
  EXPECT_EQ(quality.unreadable, 0);
  EXPECT_EQ(quality.backwards, 0);
  EXPECT_EQ(call.broken, 0);
  EXPECT_GT(quality.framerate, 29);
  RecordProperty("worst_psnr", std::to_string(quality.worst));
  RecordProperty("framerate", std::to_string(quality.framerate));
}

TEST(MediaCall, KeepsMovingAtTenPercentLoss) {
  MediaCall call{{.link = {.delay = 20ms, .loss = 0.05}}};
  call.begin();
  call.play(6s);
  const Quality quality = quality_of(call);
  EXPECT_GT(quality.framerate, 20);
  EXPECT_GT(quality.worst, 30);
  EXPECT_EQ(call.broken, 0);
  RecordProperty("worst_psnr", std::to_string(quality.worst));
  RecordProperty("framerate", std::to_string(quality.framerate));
}

TEST(MediaCall, SendsSoundWithRedundancyOnceItsLossIsReported) {
  MediaCall call{{.link = {.delay = 20ms, .loss = 0.03}, .width = 160, .height = 120}};
  call.begin();
  call.play(10s);
  EXPECT_GE(call.expected_loss, 3);
  EXPECT_GT(call.sound.stats().packets_from_redundancy, 0U);
}

TEST(MediaCall, SpendsNothingOnRedundancyWithoutLoss) {
  MediaCall call{{.width = 160, .height = 120}};
  call.begin();
  int redundant = 0;
  const auto decoder = codec::make_audio_decoder(core::Codec::opus).value();
  call.on_frame = [&](const core::EncodedFrame& frame) {
    if (frame.codec != core::Codec::opus) return;
    if (decoder->decode_redundancy(frame, 20ms)) ++redundant;
  };
  call.play(5s);
  EXPECT_EQ(call.expected_loss, 0);
  EXPECT_EQ(redundant, 0);
}

TEST(MediaCall, SendsThreeEncodingsToOurselves) {
  MediaCall call{{.encodings = {{.rid = "q", .scale_resolution_down_by = 4},
                                {.rid = "h", .scale_resolution_down_by = 2},
                                {.rid = "f"}}}};
  call.chain.allocate({{.rid = "q", .bitrate = 100'000, .scale_down = 4},
                       {.rid = "h", .bitrate = 300'000, .scale_down = 2},
                       {.rid = "f", .bitrate = 900'000}});
  call.begin();
  call.play(3s);
  std::map<std::string, std::unique_ptr<codec::VideoDecoder>> decoders;
  std::map<std::string, std::pair<int, std::uint16_t>> seen;  // how many, how wide
  for (const core::EncodedFrame& frame : call.frames) {
    auto& decoder = decoders[frame.rid];
    if (!decoder) decoder = codec::make_decoder(core::Codec::vp8).value();
    const auto pictures = decoder->decode(frame);
    ASSERT_TRUE(pictures) << frame.rid;
    for (const auto& picture : *pictures) {
      ++seen[frame.rid].first;
      seen[frame.rid].second = picture.width;
    }
  }
  EXPECT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen["q"].second, 80);
  EXPECT_EQ(seen["h"].second, 160);
  EXPECT_EQ(seen["f"].second, 320);
  for (const auto& [rid, each] : seen) EXPECT_GE(each.first, 80) << rid;
}

TEST(MediaCall, AnswersAKeyFrameRequestWithinTwoPictures) {
  MediaCall call{{}};
  call.begin();
  std::optional<core::Time> asked, answered;
  call.on_frame = [&](const core::EncodedFrame& frame) {
    const bool picture = core::kind_of(frame.codec) == core::MediaKind::video;
    if (asked && !answered && picture && frame.key) answered = call.now();
  };
  call.world.after(2s, [&] {
    asked = call.now();
    call.right.first<peer::events::Track>()->transceiver.receiver().request_key_frame(call.now());
    call.right->next_timeout();
  });
  call.play(4s);
  ASSERT_TRUE(answered);
  // A round trip, and two pictures.
  EXPECT_LE(*answered - *asked, 80ms + 67ms);
}

}  // namespace
}  // namespace lucid::media
