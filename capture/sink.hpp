#pragma once
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "capture/source.hpp"
#include "core/media.hpp"

// Where pictures and sound go to.
namespace lucid::capture {

// A recording of encoded frames as they are, without decoding: .webm and .mkv (any codec), .mp4
// (H.264, AV1, VP9; Opus), .ogg (Opus), .ivf (one VP8, VP9 or AV1 track). Written so that a crash
// leaves a file that plays: Matroska in short clusters, MP4 in fragments, each on the disk when it
// is done. close() makes of those fragments a plain MP4, which takes as long as copying the file.
class Recorder {
 public:
  struct Tracks {
    std::optional<core::Codec> video;
    std::uint16_t width = 0;
    std::uint16_t height = 0;
    std::optional<core::Codec> audio;
    std::uint8_t channels = 1;
    // Each has its own tracks of these kinds: two for both sides of a call.
    std::uint8_t parties = 1;
  };
  [[nodiscard]] static std::expected<std::unique_ptr<Recorder>, OpenFailure> open(
      const std::string& path, const Tracks& tracks);
  virtual ~Recorder() = default;
  // `at` counts from the start of the recording. Video begins with its first key frame. False when
  // the disk is full. Of several parties the first is 0.
  virtual bool write(const core::EncodedFrame& frame, core::Duration at, std::size_t party = 0) = 0;
  // Completes the file; the destructor does so too.
  virtual bool close() = 0;
};

// Sound as it was decoded, in a .wav file whose header is right after every second.
class WavWriter {
 public:
  [[nodiscard]] static std::expected<std::unique_ptr<WavWriter>, OpenFailure> open(
      const std::string& path, std::uint32_t rate, std::uint8_t channels);
  virtual ~WavWriter() = default;
  virtual bool write(const core::AudioFrame& frame) = 0;
};

// One picture as a PNG file.
[[nodiscard]] std::expected<void, OpenFailure> write_png(const std::string& path,
                                                         const core::VideoFrame& frame);

// A window that shows pictures and plays sound (SDL2).
class Window {
 public:
  [[nodiscard]] static std::expected<std::unique_ptr<Window>, OpenFailure> open(
      std::string_view title);
  virtual ~Window() = default;
  virtual void show(const core::VideoFrame& frame) = 0;
  virtual void play(const core::AudioFrame& frame) = 0;
  // Samples that wait to be played, as time.
  virtual core::Duration queued_sound() const = 0;
  // False once the person has closed it. To be called often, on the thread that opened it.
  virtual bool handle_events() = 0;
};

// Decoded pictures and sound to where one string says:
//
//   window              shown and played           null   nowhere
//   snapshot:PATH.png   the last picture, written when the sink is closed
//   file:PATH.wav       the sound. Other files hold encoded frames: see Recorder
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void show(const core::VideoFrame&) {}
  virtual void play(const core::AudioFrame&) {}
  // As Window::handle_events; true where there is nobody to close it.
  virtual bool handle_events() { return true; }
  // Completes what is written; the destructor does so too, and cannot tell.
  virtual std::expected<void, OpenFailure> close() { return {}; }
};
[[nodiscard]] std::expected<std::unique_ptr<Sink>, OpenFailure> open_sink(
    std::string_view specification);

}  // namespace lucid::capture
