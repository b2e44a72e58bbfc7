#include <gtest/gtest.h>

#include <unistd.h>
#include <chrono>
#include <filesystem>
#include <sstream>

#include "capture/sink.hpp"
#include "capture/test_picture.hpp"
#include "codec/audio.hpp"
#include "codec/video.hpp"
#include "tests/command.hpp"

// What FFmpeg's own programs say of recordings of calls in which not everything went well.
namespace lucid::capture {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

struct Case {
  std::string extension;
  core::Codec video;
  core::Codec audio;
};

// Nine seconds: pictures pause for three of them and go on in another size; two come at once, one
// before its time, one before the key frame; sound begins after two seconds and pauses, too.
class UnevenRecording : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    if (!output_of("ffprobe -version")) GTEST_SKIP() << "ffprobe is not installed";
    const Case& it = GetParam();
    path_ = fs::temp_directory_path() /
            ("lucid-uneven-" + std::to_string(::getpid()) + "." + it.extension);
    auto opened =
        Recorder::open(path_, {.video = it.video, .width = 160, .height = 120, .audio = it.audio});
    ASSERT_TRUE(opened) << opened.error().message;
    recorder_ = std::move(*opened);
    const std::uint32_t rate = it.audio == core::Codec::opus ? 48'000 : 8'000;
    const auto eyes = codec::make_encoder(
                          codec::VideoEncoderConfig{.codec = it.video, .width = 160, .height = 120})
                          .value();
    const auto ears =
        codec::make_encoder(codec::AudioEncoderConfig{.codec = it.audio, .sample_rate = rate})
            .value();
    const TestPicture large{160, 120, 30}, small{80, 60, 30};
    (void)eyes->encode(large.frame(0), codec::KeyFrame::now);
    for (int tick = 0; tick < 900; ++tick) {
      const core::Duration now = tick * 10ms;
      const bool pause = now >= 2s && now < 5s;
      if (tick % 3 == 0 && !pause) {
        const TestPicture& picture = now < 5s ? large : small;
        const auto key = tick == 3 ? codec::KeyFrame::now : codec::KeyFrame::if_needed;
        const core::Duration at = tick == 30 ? now - 30ms : tick == 60 ? now - 50ms : now;
        const auto frames = eyes->encode(picture.frame(tick), key).value();
        for (const auto& frame : frames) {
          EXPECT_TRUE(recorder_->write(frame, at));
          if (tick > 0) ++pictures_;
        }
      }
      if (tick % 2 == 0 && now >= 2s && !(now >= 6s && now < 7s)) {
        EXPECT_TRUE(recorder_->write(ears->encode(test_tone(tick / 2, rate)).value(), now));
        ++sounds_;
      }
    }
  }
  void TearDown() override { fs::remove(path_); }

  // Of one stream, in the order of the file.
  std::vector<double> times(const char* stream) const {
    const auto text =
        output_of("ffprobe -v error -of csv=p=0 -select_streams " + std::string{stream} +
                  " -show_entries packet=dts_time " + path_.string());
    EXPECT_TRUE(text);
    std::vector<double> all;
    std::istringstream lines{text.value_or("")};
    for (std::string line; std::getline(lines, line);) all.push_back(std::stod(line));
    return all;
  }

  fs::path path_;
  std::unique_ptr<Recorder> recorder_;
  std::size_t pictures_ = 0;
  std::size_t sounds_ = 0;
};

TEST_P(UnevenRecording, PlaysWithoutComplaintAndWithRisingTimes) {
  EXPECT_TRUE(recorder_->close());
  EXPECT_EQ(output_of("ffprobe -v error -show_packets " + path_.string() + " >/dev/null"), "");
  EXPECT_EQ(output_of("ffmpeg -v error -i " + path_.string() +
                      " -map 0 -fps_mode passthrough "
                      "-enc_time_base -1 -f null -"),
            "");
  const auto seen = times("v"), heard = times("a");
  ASSERT_EQ(seen.size(), pictures_);
  ASSERT_EQ(heard.size(), sounds_);
  EXPECT_TRUE(std::ranges::is_sorted(seen, std::less_equal{})) << "two at one time";
  EXPECT_TRUE(std::ranges::is_sorted(heard, std::less_equal{}));
  EXPECT_NEAR(seen.front(), 0.03, 0.002);
  EXPECT_NEAR(heard.at(0), 2, 0.002) << "a track that begins late";
  EXPECT_NEAR(heard.at(1), 2.02, 0.002);
  EXPECT_NEAR(seen.back(), 8.97, 0.002);
  EXPECT_NEAR(heard.back(), 8.98, 0.002);
}

// What a player sees of it first.
TEST_P(UnevenRecording, SaysWhenItsTracksBeginAndHowLongItIs) {
  EXPECT_TRUE(recorder_->close());
  const auto begins =
      output_of("ffprobe -v error -of csv=p=0 -show_entries stream=start_time " + path_.string());
  ASSERT_TRUE(begins);
  EXPECT_NEAR(std::stod(*begins), 0.03, 0.01) << *begins;
  EXPECT_NEAR(std::stod(begins->substr(begins->find('\n') + 1)), 2, 0.01) << *begins;
  const auto length =
      output_of("ffprobe -v error -of csv=p=0 -show_entries format=duration " + path_.string());
  ASSERT_TRUE(length);
  EXPECT_NEAR(std::stod(*length), 9, 0.05);
}

// Nobody has closed it: what is on the disk plays, all but the last second or so.
TEST_P(UnevenRecording, PlaysUpToACrash) {
  const fs::path written = path_;
  path_ = written.string() + ".left." + GetParam().extension;
  fs::copy_file(written, path_, fs::copy_options::overwrite_existing);
  EXPECT_TRUE(output_of("ffmpeg -v error -i " + path_.string() +
                        " -map 0 -fps_mode passthrough "
                        "-enc_time_base -1 -f null -"));
  const auto seen = times("v"), heard = times("a");
  ASSERT_FALSE(seen.empty() || heard.empty());
  EXPECT_GE(seen.back(), 7);
  EXPECT_GE(heard.back(), 7);
  EXPECT_TRUE(std::ranges::is_sorted(seen, std::less_equal{}));
  fs::remove(written);
}

INSTANTIATE_TEST_SUITE_P(Containers, UnevenRecording,
                         testing::Values(Case{"webm", core::Codec::vp8, core::Codec::opus},
                                         Case{"webm", core::Codec::av1, core::Codec::opus},
                                         Case{"mp4", core::Codec::h264, core::Codec::opus},
                                         Case{"mp4", core::Codec::vp9, core::Codec::opus},
                                         Case{"mp4", core::Codec::av1, core::Codec::opus},
                                         Case{"mkv", core::Codec::h264, core::Codec::pcmu}),
                         [](const auto& kind) {
                           return kind.param.extension + std::string{to_string(kind.param.video)};
                         });

// How many packets FFmpeg finds in a file, and how long it takes it for.
std::pair<int, double> packets_and_length(const fs::path& path) {
  const auto text = output_of(
      "ffprobe -v error -count_packets -of csv=p=0 -show_entries "
      "stream=nb_read_packets:format=duration " +
      path.string());
  if (!text || text->find('\n') == std::string::npos) return {};
  const std::string length = text->substr(text->find('\n') + 1);
  return {std::atoi(text->c_str()), std::atof(length.c_str())};
}

// Five seconds of one kind in a container of its own, and the same as a crash would leave it.
class OneTrack : public testing::TestWithParam<std::pair<const char*, core::Codec>> {
 protected:
  void SetUp() override {
    if (!output_of("ffprobe -version")) GTEST_SKIP() << "ffprobe is not installed";
    const auto& [extension, codec] = GetParam();
    const std::string name = "lucid-one-" + std::to_string(::getpid()) + "." + extension;
    path_ = fs::temp_directory_path() / name;
    crashed_ = fs::temp_directory_path() / ("crashed-" + name);
    const bool sound = core::kind_of(codec) == core::MediaKind::audio;
    const Recorder::Tracks tracks =
        sound ? Recorder::Tracks{.audio = codec}
              : Recorder::Tracks{.video = codec, .width = 160, .height = 120};
    const auto recorder = Recorder::open(path_, tracks).value();
    sound ? write_sound(*recorder) : write_pictures(*recorder, codec);
    fs::copy_file(path_, crashed_, fs::copy_options::overwrite_existing);
    EXPECT_TRUE(recorder->close());
  }
  void TearDown() override {
    fs::remove(path_);
    fs::remove(crashed_);
  }

  int packets_ = 0;
  fs::path path_, crashed_;

 private:
  void write_sound(Recorder& to) {
    const auto ears = codec::make_encoder(codec::AudioEncoderConfig{}).value();
    for (; packets_ < 250; ++packets_)
      EXPECT_TRUE(to.write(ears->encode(test_tone(packets_)).value(), packets_ * 20ms));
  }
  void write_pictures(Recorder& to, core::Codec codec) {
    const auto eyes =
        codec::make_encoder(codec::VideoEncoderConfig{.codec = codec, .width = 160, .height = 120})
            .value();
    const TestPicture test{160, 120, 30};
    for (int i = 0; i < 150; ++i) {
      const auto frames = eyes->encode(test.frame(i), codec::KeyFrame::if_needed).value();
      for (const auto& it : frames) {
        EXPECT_TRUE(to.write(it, test.time_of(i)));
        ++packets_;
      }
    }
  }
};

TEST_P(OneTrack, HasItsLengthAndAllItsPackets) {
  const auto [packets, length] = packets_and_length(path_);
  EXPECT_EQ(packets, packets_);
  EXPECT_NEAR(length, 5, 0.05);
  EXPECT_EQ(output_of("ffmpeg -v error -i " + path_.string() + " -f null -"), "");
}

TEST_P(OneTrack, PlaysUpToACrash) {
  EXPECT_GE(packets_and_length(crashed_).first, packets_ * 7 / 10);
  EXPECT_TRUE(output_of("ffmpeg -v error -i " + crashed_.string() + " -f null -"));
}

INSTANTIATE_TEST_SUITE_P(
    Containers, OneTrack,
    testing::Values(std::pair{"ogg", core::Codec::opus}, std::pair{"webm", core::Codec::opus},
                    std::pair{"mp4", core::Codec::opus}, std::pair{"ivf", core::Codec::vp8},
                    std::pair{"ivf", core::Codec::vp9}, std::pair{"ivf", core::Codec::av1},
                    std::pair{"mkv", core::Codec::h264}),
    [](const auto& kind) {
      return std::string{kind.param.first} + "_" + std::string{to_string(kind.param.second)};
    });

}  // namespace
}  // namespace lucid::capture
