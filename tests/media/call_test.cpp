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
    const bool lit = capture::is_flashing(each.picture);
    if (lit && !before) found.push_back(each.at);
    before = lit;
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
    found.push_back(static_cast<double>((flash - *nearest).count()) / 1000);
  }
  return found;
}

void expect_in_step(MediaCall& call) {
  call.begin();
  const core::Time begun = call.now();
  call.play(16s);
  const auto measured = skews(call, begun + 6s);
  ASSERT_GE(measured.size(), 8U);
  for (const double skew : measured) EXPECT_NEAR(skew, 0, 40);
}

TEST(MediaCall, PlaysPictureAndSoundInStep) {
  MediaCall call{{}};
  expect_in_step(call);
}

TEST(MediaCall, HoldsTheSoundForAPictureThatComesLate) {
  MediaCall call{{.picture_late = 120ms}};
  expect_in_step(call);
}

TEST(MediaCall, HoldsThePictureForASoundThatComesLate) {
  MediaCall call{{.sound_late = 150ms}};
  expect_in_step(call);
}

TEST(MediaCall, StaysInStepOverAnUnevenAndLossyPath) {
  MediaCall call{{.link = {.delay = 20ms, .jitter = 10ms, .loss = 0.01}, .picture_late = 120ms}};
  expect_in_step(call);
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
    const auto number = capture::read_frame_number(each.picture);
    if (!number) {
      ++quality.unreadable;
      continue;
    }
    if (*number <= last) ++quality.backwards;
    last = *number;
    quality.worst =
        std::min(quality.worst, codec::psnr(call.pictures.frame(*number), each.picture));
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
  call.play(10s);
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
  call.play(10s);
  const Quality quality = quality_of(call);
  EXPECT_GT(quality.framerate, 20);
  EXPECT_GT(quality.worst, 30);
  EXPECT_EQ(call.broken, 0);
  RecordProperty("worst_psnr", std::to_string(quality.worst));
  RecordProperty("framerate", std::to_string(quality.framerate));
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
