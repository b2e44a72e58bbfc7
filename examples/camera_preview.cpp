// Shows a camera, or any other source, in a window, as it will look to a peer: through an encoder
// and a decoder at a bit rate. Lists devices, and takes a snapshot. The nearest to a call that one
// program comes without a network.
#include <iostream>
#include <mutex>
#include <string>

#include "capture/sink.hpp"
#include "capture/source.hpp"
#include "glass/options.hpp"
#include "media/player.hpp"
#include "media/send_pipeline.hpp"

using namespace lucid;
using namespace std::chrono_literals;

constexpr auto usage =
    R"(camera_preview [PICTURE [SOUND]] [--bitrate=BITS] [--seconds=N] [--png=FILE]
Shows a source (default: camera) in a window until that is closed; --list prints the devices.
  camera_preview --list
  camera_preview camera?size=1280x720 mic --bitrate=300000
  camera_preview test tone --seconds=3 --png=picture.png
)";

int main(int argc, char** argv) {
  auto options = glass::Options::parse(argc, argv);
  if (!options || options->help) return glass::usage(options, usage);
  if (options->flag("--list")) {
    for (const auto& it : capture::devices())
      std::cout << it.specification << "\t" << it.name << "\n";
    return 0;
  }
  const auto bitrate = static_cast<std::uint32_t>(options->number("--bitrate", 1'000'000));
  const double seconds = options->number("--seconds", 1e6);
  const std::string png = options->value("--png").value_or("");
  const auto& rest = options->rest;
  auto source = capture::open_video(rest.empty() ? "camera" : rest[0]);
  if (!source) return glass::complain(source.error().message);
  auto opened = capture::Window::open("camera_preview");
  if (!opened) return glass::complain(opened.error().message);
  capture::Window& window = **opened;

  // The window belongs to this thread; the player's threads leave here what they have.
  std::mutex mutex;
  std::optional<core::VideoFrame> picture;
  std::vector<core::AudioFrame> sounds;
  media::Player player{[&](const core::VideoFrame& it) {
                         const std::lock_guard lock{mutex};
                         picture = it;
                       },
                       [&](const core::AudioFrame& it) {
                         const std::lock_guard lock{mutex};
                         sounds.push_back(it);
                       },
                       [] {}};
  std::mutex feeding;  // the two pipelines below are two threads
  const auto play = [&](core::EncodedFrame frame) {
    const std::lock_guard lock{feeding};
    player.push(std::move(frame), media::real_now());
  };
  const double rate = (*source)->framerate();
  const media::VideoSendPipeline video{
      std::move(*source), {}, {{.bitrate = bitrate, .framerate = rate}}, play};
  std::optional<media::AudioSendPipeline> audio;
  if (rest.size() > 1) {
    auto sound = capture::open_audio(rest[1]);
    if (!sound) return glass::complain(sound.error().message);
    const codec::AudioEncoderConfig opus{.channels = (*sound)->channels()};
    audio.emplace(std::move(*sound), opus, play);
  }

  std::optional<core::VideoFrame> last;
  const core::Time end =
      media::real_now() + core::Duration{static_cast<std::int64_t>(seconds * 1e6)};
  media::Sleeper sleeper;
  while (window.handle_events() && media::real_now() < end) {
    {
      const std::lock_guard lock{mutex};
      for (const auto& it : std::exchange(sounds, {})) window.play(it);
      if (picture) last = std::exchange(picture, {});
    }
    if (last) window.show(*last);
    player.sound_output_delay(window.queued_sound());
    sleeper.sleep_until(media::real_now() + 10ms, {});
  }
  if (png.empty() || !last) return 0;
  const auto written = capture::write_png(png, *last);
  return written ? 0 : glass::complain(written.error().message);
}
