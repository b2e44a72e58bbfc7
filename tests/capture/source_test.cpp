#include "capture/source.hpp"

#include <gtest/gtest.h>

#include <unistd.h>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "capture/detail/devices.hpp"
#include "capture/sink.hpp"
#include "capture/test_picture.hpp"
#include "codec/audio.hpp"
#include "codec/video.hpp"

namespace lucid::capture {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

fs::path scratch(const std::string& name) {
  const fs::path folder =
      fs::temp_directory_path() / ("lucid-capture-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  return folder / name;
}

TEST(OpenVideo, MakesTheTestPictureInTheSizeAndRateAskedFor) {
  const auto source = open_video("test?size=320x180&fps=25").value();
  EXPECT_EQ(source->width(), 320);
  EXPECT_EQ(source->framerate(), 25);
  (void)source->read();
  const auto second = source->read().value();
  EXPECT_EQ(second.capture_time, core::Time{40ms});
  EXPECT_EQ(read_frame_number(second), 1);
}

TEST(OpenVideo, TellsItsErrorsApart) {
  EXPECT_EQ(open_video("nonsense").error().error, OpenError::bad_specification);
  EXPECT_EQ(open_video("test?size=1x1").error().error, OpenError::bad_specification);
  EXPECT_EQ(open_video("test?colour=red").error().error, OpenError::bad_specification);
  EXPECT_NE(open_video("camera?size=9999x10").error().message.find("8192x4352"), std::string::npos);
  EXPECT_EQ(open_video("camera:/dev/no-such-camera").error().error, OpenError::not_found);
  const std::string sentence = open_video("camera:/dev/no-such-camera").error().message;
  EXPECT_NE(sentence.find("/dev/no-such-camera"), std::string::npos);
  EXPECT_NE(sentence.find("test"), std::string::npos) << "what can be had in its place";
  EXPECT_EQ(open_video("file:/no/such/file").error().error, OpenError::not_found);
  EXPECT_EQ(open_audio("file:/no/such/file").error().error, OpenError::not_found);
  EXPECT_EQ(open_video("screen::4711").error().error, OpenError::not_found);
  EXPECT_NE(open_video("file:/no/such/file").error().message.find("/no/such/file"),
            std::string::npos);
}

TEST(OpenVideo, SaysWhatIsNoCameraAndNoGraph) {
  EXPECT_EQ(open_video("camera:/dev/null").error().error, OpenError::not_found);
  EXPECT_EQ(open_video("camera:/tmp").error().error, OpenError::not_found);
  EXPECT_EQ(open_video("lavfi:nonsense").error().error, OpenError::bad_specification);
  EXPECT_EQ(open_audio("lavfi:testsrc").error().error, OpenError::not_found);
}

// A root that has dropped its rights is refused like anybody else.
TEST(OpenVideo, SaysWhenADeviceMayNotBeOpened) {
  const fs::path node = scratch("locked");
  std::ofstream{node} << "nothing";
  fs::permissions(node, fs::perms::none);
  const uid_t we = ::geteuid();
  if (we == 0) {
    ASSERT_EQ(::seteuid(65'534), 0);
  }
  const auto camera = open_video("camera:" + node.string());
  const auto file = open_audio("file:" + node.string());
  ASSERT_EQ(::seteuid(we), 0);
  EXPECT_EQ(camera.error().error, OpenError::permission_denied) << camera.error().message;
  EXPECT_EQ(file.error().error, OpenError::permission_denied) << file.error().message;
}

// The test picture stands for a camera that took what it could do.
TEST(OpenVideo, SaysWhatACameraCannotDo) {
  const auto does = [](const char* asked, const char* given) {
    return detail::unmet(detail::Specification::parse(asked), **open_video(given), "the camera");
  };
  EXPECT_FALSE(does("camera", "test?size=640x480&fps=15"));
  EXPECT_FALSE(does("camera?size=640x480&fps=30", "test?size=640x480&fps=29.97"));
  const auto size = does("camera?size=1920x1080", "test?size=1280x720");
  ASSERT_TRUE(size);
  EXPECT_EQ(size->error, OpenError::constraints_not_possible);
  EXPECT_EQ(size->message, "the camera cannot do 1920x1080; the nearest it does is 1280x720");
  const auto rate = does("camera?fps=60", "test?fps=30");
  ASSERT_TRUE(rate);
  EXPECT_EQ(rate->message, "the camera cannot do 60 pictures a second; the nearest it does is 30");
}

TEST(OpenAudio, SaysWhyAMicrophoneDoesNotOpen) {
  const fs::path root = scratch("system");
  EXPECT_EQ(detail::why_no_microphone("default", root), OpenError::not_found);
  fs::create_directories(root / "proc/asound/card1/pcm0c");
  fs::create_directory_symlink("card1", root / "proc/asound/PCH");
  fs::create_directories(root / "dev/snd");
  const fs::path node = root / "dev/snd/pcmC1D0c";
  EXPECT_EQ(detail::why_no_microphone("default", root), OpenError::not_found);
  std::ofstream{node} << "";
  for (const char* device : {"default", "hw:1", "plughw:PCH,0", "hw:CARD=PCH"}) {
    EXPECT_EQ(detail::why_no_microphone(device, root), OpenError::busy) << device;
  }
  EXPECT_EQ(detail::why_no_microphone("hw:7", root), OpenError::not_found);
  EXPECT_EQ(detail::why_no_microphone("hw:Other", root), OpenError::not_found);
  fs::permissions(node, fs::perms::none);
  if (::geteuid() != 0) {
    EXPECT_EQ(detail::why_no_microphone("hw:1", root), OpenError::permission_denied);
  }
  fs::remove_all(root);
}

TEST(OpenVideo, RunsAFilterGraph) {
  const auto source = open_video("lavfi:testsrc=size=160x120:rate=10");
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_EQ((*source)->width(), 160);
  EXPECT_EQ((*source)->framerate(), 10);
  (void)(*source)->read();
  EXPECT_EQ((*source)->read()->capture_time, core::Time{100ms});
}

TEST(OpenAudio, ConvertsToFramesOfTwentyMilliseconds) {
  const auto source = open_audio("lavfi:sine=frequency=440:sample_rate=44100");
  ASSERT_TRUE(source) << source.error().message;
  for (int i = 0; i < 10; ++i) {
    const auto frame = (*source)->read().value();
    EXPECT_EQ(frame.samples.size(), 960U * (*source)->channels());
    EXPECT_EQ(frame.capture_time, core::Time{i * 20ms});
  }
}

// Records two seconds of picture and tone, encoded as in a call. `left` is what a crash would leave
// of it just before the end.
bool record(const fs::path& path, core::Codec video, Recorder::Tracks tracks,
            const fs::path& left = {}) {
  tracks.video = video;
  tracks.width = 320;
  tracks.height = 240;
  tracks.audio = core::Codec::opus;
  auto recorder = Recorder::open(path, tracks);
  if (!recorder) return false;
  const TestPicture picture{320, 240, 30};
  const auto encoder =
      codec::make_encoder(codec::VideoEncoderConfig{.codec = video, .width = 320, .height = 240})
          .value();
  const auto sound = codec::make_encoder(codec::AudioEncoderConfig{}).value();
  for (int i = 0; i < 60; ++i) {
    const auto frames = encoder->encode(picture.frame(i), codec::KeyFrame::if_needed).value();
    for (const auto& frame : frames) {
      if (!(*recorder)->write(frame, picture.time_of(i))) return false;
    }
    for (int a = i * 100 / 60; a < (i + 1) * 100 / 60; ++a) {
      if (!(*recorder)->write(sound->encode(test_tone(a)).value(), a * 20ms)) return false;
    }
  }
  if (!left.empty()) fs::copy_file(path, left, fs::copy_options::overwrite_existing);
  return (*recorder)->close();
}

class EveryContainer : public testing::TestWithParam<std::pair<const char*, core::Codec>> {};

TEST_P(EveryContainer, PlaysWhatWasRecorded) {
  const auto& [extension, video] = GetParam();
  const fs::path path = scratch(std::string{"recording."} + extension);
  ASSERT_TRUE(record(path, video, {}));
  const auto source = open_video("file:" + path.string());
  ASSERT_TRUE(source) << source.error().message;
  int expected = 0;
  for (; expected < 60; ++expected) {
    const auto frame = (*source)->read();
    ASSERT_TRUE(frame) << expected;
    EXPECT_EQ(read_frame_number(*frame), expected);
    EXPECT_NEAR(static_cast<double>(frame->capture_time.time_since_epoch().count()),
                expected * 33'333.0, 2'000);
  }
  EXPECT_EQ(read_frame_number(*(*source)->read()), 0) << "a file is played again and again";
  const auto audio = open_audio("file:" + path.string());
  ASSERT_TRUE(audio) << audio.error().message;
  for (int i = 0; i < 90; ++i) EXPECT_TRUE((*audio)->read()) << i;
}

INSTANTIATE_TEST_SUITE_P(
    Containers, EveryContainer,
    testing::Values(std::pair{"webm", core::Codec::vp8}, std::pair{"mkv", core::Codec::h264},
                    std::pair{"mp4", core::Codec::h264}, std::pair{"webm", core::Codec::vp9}),
    [](const auto& kind) {
      return std::string{kind.param.first} + "_" + std::string{to_string(kind.param.second)};
    });

TEST(Recorder, LeavesAPlayableFileWhenTheProgramDies) {
  for (const char* extension : {"webm", "mp4"}) {
    const fs::path path = scratch(std::string{"left."} + extension);
    const core::Codec video =
        std::string_view{extension} == "mp4" ? core::Codec::h264 : core::Codec::vp8;
    ASSERT_TRUE(record(scratch(std::string{"crashed."} + extension), video, {}, path));
    // And the last write was not whole.
    fs::resize_file(path, fs::file_size(path) * 9 / 10);
    const auto source = open_video("file:" + path.string());
    ASSERT_TRUE(source) << extension << ": " << source.error().message;
    int frames = 0;
    while (frames < 30 && (*source)->read()) ++frames;
    EXPECT_EQ(frames, 30) << extension;
  }
}

TEST(Recorder, SaysWhatAContainerCannotHold) {
  Recorder::Tracks tracks;
  tracks.audio = core::Codec::pcmu;
  EXPECT_FALSE(Recorder::open(scratch("no.webm"), tracks));
  EXPECT_EQ(Recorder::open("/no/such/folder/x.webm", {.audio = core::Codec::opus}).error().error,
            OpenError::not_found);
}

TEST(WavWriter, WritesSoundThatPlays) {
  const fs::path path = scratch("sound.wav");
  {
    const auto wav = WavWriter::open(path, 48'000, 1).value();
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(wav->write(test_tone(i)));
  }
  const auto source = open_audio("file:" + path.string());
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_TRUE(is_beeping(*(*source)->read()));
  for (int i = 0; i < 20; ++i) (void)(*source)->read();
  EXPECT_FALSE(is_beeping(*(*source)->read()));
}

TEST(WritePng, WritesAPicture) {
  const fs::path path = scratch("picture.png");
  ASSERT_TRUE(write_png(path, TestPicture{320, 240, 30}.frame(4711)));
  const auto source = open_video("file:" + path.string());
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_EQ(read_frame_number(*(*source)->read()), 4711);
  EXPECT_FALSE(write_png("/no/such/folder/x.png", TestPicture{320, 240, 30}.frame(0)));
}

TEST(OpenSink, TakesDecodedMediaToWhereItsNameSays) {
  const fs::path picture = scratch("sink.png");
  const fs::path sound = scratch("sink.wav");
  const auto snapshot = open_sink("snapshot:" + picture.string()).value();
  const auto wav = open_sink("file:" + sound.string()).value();
  const auto nothing = open_sink("null").value();
  for (int i = 0; i < 10; ++i) {
    for (const auto* sink : {&snapshot, &wav, &nothing}) {
      (*sink)->show(TestPicture{320, 240, 30}.frame(i));
      (*sink)->play(test_tone(i));
      EXPECT_TRUE((*sink)->handle_events());
    }
  }
  for (const auto* sink : {&snapshot, &wav, &nothing}) EXPECT_TRUE((*sink)->close());
  EXPECT_EQ(read_frame_number(*open_video("file:" + picture.string()).value()->read()), 9);
  EXPECT_EQ(fs::file_size(sound), 44U + 10 * 960 * 2);
  EXPECT_EQ(open_sink("teapot").error().error, OpenError::bad_specification);
  EXPECT_EQ(open_sink("file:x.webm").error().error, OpenError::bad_specification);
}

// The picture is longer than the sound; both come round together.
TEST(FileSource, KeepsPictureAndSoundTogetherOverItsRepetitions) {
  const fs::path path = scratch("loop.webm");
  {
    auto recorder =
        Recorder::open(
            path,
            {.video = core::Codec::vp8, .width = 320, .height = 240, .audio = core::Codec::opus})
            .value();
    const TestPicture picture{320, 240, 30};
    const auto encoder =
        codec::make_encoder(codec::VideoEncoderConfig{.width = 320, .height = 240}).value();
    const auto sound = codec::make_encoder(codec::AudioEncoderConfig{}).value();
    for (int i = 0; i < 60; ++i) {
      const auto frames = encoder->encode(picture.frame(i), codec::KeyFrame::if_needed).value();
      for (const auto& frame : frames) (void)recorder->write(frame, picture.time_of(i));
      // Sound from 0.9 to 1.8 s only.
      const auto packet = sound->encode(test_tone(45 + i)).value();
      if (i < 45) (void)recorder->write(packet, 900ms + i * 20ms);
    }
  }
  const auto video = open_video("file:" + path.string()).value();
  std::vector<std::int64_t> flashes, beeps;
  for (int i = 0, before = 0; i < 170; ++i) {
    const auto picture = video->read().value();
    const int lit = is_flashing(picture) ? 1 : 0;
    if (lit > before) flashes.push_back(picture.capture_time.time_since_epoch().count() / 1000);
    before = lit;
  }
  const auto audio = open_audio("file:" + path.string()).value();
  for (int i = 0, before = 0; i < 280; ++i) {
    const auto sound = audio->read().value();
    const int beeping = is_beeping(sound) ? 1 : 0;
    if (beeping > before) beeps.push_back(i * 20);
    before = beeping;
  }
  // Flashes at each second, beeps where there is sound: at the second one of each round.
  ASSERT_GE(flashes.size(), 6U);
  ASSERT_GE(beeps.size(), 3U);
  for (std::size_t round = 0; round < 3; ++round) {
    EXPECT_NEAR(static_cast<double>(beeps[round]), static_cast<double>(flashes[2 * round + 1]), 40);
  }
}

// Of a call, where pictures come when they come: WebM says nothing of a rate then.
TEST(FileSource, HasAPlausibleRateWhereTheFileSaysNone) {
  const fs::path path = scratch("rate.webm");
  const auto encoder =
      codec::make_encoder(codec::VideoEncoderConfig{.width = 160, .height = 120}).value();
  const TestPicture picture{160, 120, 30};
  auto recorder =
      Recorder::open(path, {.video = core::Codec::vp8, .width = 160, .height = 120}).value();
  int i = 0;
  for (const int at : {0,   33,  66,  100, 135, 233, 266, 300, 333, 366, 400, 433, 466, 500, 531,
                       562, 594, 625, 656, 688, 719, 750, 782, 813, 844, 876, 907, 938, 970}) {
    const auto frames = encoder->encode(picture.frame(i++), codec::KeyFrame::if_needed).value();
    for (const auto& frame : frames) EXPECT_TRUE(recorder->write(frame, at * 1ms));
  }
  ASSERT_TRUE(recorder->close());
  EXPECT_LE(open_video("file:" + path.string()).value()->framerate(), 60);
}

TEST(Devices, AlwaysListTheTestPicture) {
  const auto all = devices();
  EXPECT_TRUE(std::ranges::any_of(all, [](const Device& d) { return d.specification == "test"; }));
}

}  // namespace
}  // namespace lucid::capture
