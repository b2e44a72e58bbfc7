#pragma once
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/media.hpp"

// Where pictures and sound come from, opened by one string:
//
//   test[?size=WxH&fps=N]          a moving test picture with a clock and its frame number in it
//   tone                           a tone with a beep at each full second of that picture's clock
//   camera[:DEVICE][?size=&fps=]   a camera (v4l2)
//   mic[:DEVICE]                   a microphone (PulseAudio, else ALSA)
//   screen[:DISPLAY][?size=&fps=]  a screen (X11)
//   file:PATH                      any container FFmpeg reads, again and again
//   lavfi:GRAPH                    a filter graph of FFmpeg's
namespace lucid::capture {

// What went wrong, told apart as getUserMedia does.
enum class OpenError : std::uint8_t {
  bad_specification,         // no such kind of source, or options that make no sense
  not_found,                 // no such device, file or display, or no such stream in it
  busy,                      // in use by another program
  permission_denied,         // there, but not for us
  constraints_not_possible,  // there, but not with this size or rate
  not_available,             // this build cannot do it
  failed,
};
std::string_view to_string(OpenError error);
struct OpenFailure {
  OpenError error = OpenError::failed;
  std::string message;  // a sentence for a person: what, which, and what to do
};

enum class Pace : std::uint8_t {
  live,  // a device: read() waits for the next frame itself
  fast,  // made or stored: read() returns at once, the frame's time says when it is due
};

// A frame's capture_time counts from the opening of the source.
class VideoSource {
 public:
  virtual ~VideoSource() = default;
  virtual Pace pace() const = 0;
  virtual double framerate() const = 0;
  virtual std::uint16_t width() const = 0;
  virtual std::uint16_t height() const = 0;
  // Nullopt when the source has come to an end, as an unplugged camera does.
  virtual std::optional<core::VideoFrame> read() = 0;
};

// 48,000 samples a second, one channel or two, in frames of 20 ms.
class AudioSource {
 public:
  virtual ~AudioSource() = default;
  virtual Pace pace() const = 0;
  virtual std::uint8_t channels() const = 0;
  virtual std::optional<core::AudioFrame> read() = 0;
};

using VideoResult = std::expected<std::unique_ptr<VideoSource>, OpenFailure>;
using AudioResult = std::expected<std::unique_ptr<AudioSource>, OpenFailure>;
[[nodiscard]] VideoResult open_video(std::string_view specification);
[[nodiscard]] AudioResult open_audio(std::string_view specification);

struct Device {
  std::string specification;  // for open_video or open_audio
  std::string name;
  core::MediaKind kind = core::MediaKind::video;
};
std::vector<Device> devices();

}  // namespace lucid::capture
