#include <gtest/gtest.h>

#include <unistd.h>
#include <cmath>
#include <filesystem>
#include <map>

#include "capture/sink.hpp"
#include "capture/source.hpp"
#include "media/recording_clock.hpp"
#include "tests/command.hpp"
#include "tests/media/media_call.hpp"

// A call's frames as they came, in a file, and what FFmpeg's own programs say of it.
namespace lucid::media {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

fs::path scratch(const std::string& name) {
  return fs::temp_directory_path() / (std::to_string(getpid()) + "-" + name);
}

// Records the right side of a call for so long; both parties are the same one.
fs::path record(core::Duration length, MediaCall::Options with, std::uint8_t parties) {
  const fs::path path = scratch("call.webm");
  with.width = 160;
  with.height = 120;
  MediaCall call{with};
  call.begin();
  const auto recorder = capture::Recorder::open(path, {.video = core::Codec::vp8,
                                                       .width = with.width,
                                                       .height = with.height,
                                                       .audio = core::Codec::opus,
                                                       .parties = parties})
                            .value();
  std::map<core::MediaKind, RecordingClock> clocks;
  const core::Time start = call.now();
  call.on_frame = [&](const core::EncodedFrame& frame) {
    auto& clock = clocks.try_emplace(core::kind_of(frame.codec), start).first->second;
    const core::Duration at = clock.at(frame, call.now());
    for (std::size_t party = 0; party < parties; ++party)
      EXPECT_TRUE(recorder->write(frame, at, party));
  };
  call.play(length);
  call.on_frame = {};
  EXPECT_TRUE(recorder->close());
  return path;
}

TEST(Recording, OfACallHasItsLengthAndAllItsFrames) {
  if (!output_of("ffprobe -version")) GTEST_SKIP() << "ffprobe is not installed";
  const fs::path path = record(8s, {.link = {.delay = 20ms, .jitter = 10ms, .loss = 0.01}}, 2);
  const auto counted = output_of(
      "ffprobe -v error -count_frames -of csv=p=0 -show_entries "
      "stream=codec_name,nb_read_frames " +
      path.string());
  ASSERT_TRUE(counted);
  std::vector<std::pair<std::string, int>> streams;
  for (std::size_t at = 0; at < counted->size();) {
    const std::size_t end = counted->find('\n', at);
    const std::string line = counted->substr(at, end - at);
    const std::size_t comma = line.find(',');
    streams.emplace_back(line.substr(0, comma), std::stoi(line.substr(comma + 1)));
    at = end == std::string::npos ? counted->size() : end + 1;
  }
  ASSERT_EQ(streams.size(), 4U) << *counted;
  for (const auto& [codec, frames] : streams) {
    // Sound that was lost on the way is not in the file.
    EXPECT_NEAR(frames, codec == "vp8" ? 240 : 392, codec == "vp8" ? 3 : 12) << codec;
  }
  const auto length =
      output_of("ffprobe -v error -of csv=p=0 -show_entries format=duration " + path.string());
  ASSERT_TRUE(length);
  EXPECT_NEAR(std::stod(*length), 8, 0.15);
  const auto complaints =
      output_of("ffmpeg -v error -i " + path.string() + " -map 0 -enc_time_base -1 -f null -");
  EXPECT_EQ(complaints, "");
  fs::remove(path);
}

TEST(Recording, HasBeepAndFlashTogether) {
  const fs::path path = record(8s, {.picture_late = 120ms}, 1);
  const auto video = capture::open_video("file:" + path.string()).value();
  std::vector<double> flashes, beeps;
  bool before = false;
  core::Time last{};
  while (const auto picture = video->read()) {
    last = picture->capture_time;
    if (last > core::Time{7900ms}) break;  // a file is read again and again
    const bool lit = capture::is_flashing(*picture);
    if (lit && !before)
      flashes.push_back(static_cast<double>(last.time_since_epoch().count()) / 1000);
    before = lit;
  }
  const auto audio = capture::open_audio("file:" + path.string()).value();
  before = false;
  for (int i = 0; i < 390; ++i) {
    const auto sound = audio->read();
    ASSERT_TRUE(sound);
    const bool beeping = capture::is_beeping(*sound);
    if (beeping && !before) beeps.push_back(i * 20);
    before = beeping;
  }
  // The first second is before the reports.
  ASSERT_GE(std::min(flashes.size(), beeps.size()), 7U);
  for (std::size_t i = 3; i < std::min(flashes.size(), beeps.size()); ++i) {
    EXPECT_NEAR(flashes[i], beeps[i], 40) << i;
  }
  fs::remove(path);
}

}  // namespace
}  // namespace lucid::media
