#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "capture/source.hpp"
#include "codec/audio.hpp"
#include "media/pace.hpp"
#include "media/video_chain.hpp"

// From a source to encoded frames, on a thread of their own. What comes out is handed to `deliver`
// on that thread; it belongs into an Outbox, to the loop that owns the sender. Nothing is queued
// here: a picture that comes while the last one is still being encoded is late, and one that is
// later than its successor is skipped.
//
// Frames of made and stored sources are due a fixed time after `start`, and those that are past are
// left out: give sound and picture of one file the same. `test` and `tone` are together by default.
// A source is closed on the pipeline's thread.
namespace lucid::media {

using Deliver = std::move_only_function<void(core::EncodedFrame)>;
// The source has come to an end, or could not be read any more.
using Ended = std::move_only_function<void()>;

class VideoSendPipeline {
 public:
  VideoSendPipeline(
      std::unique_ptr<capture::VideoSource> source, codec::VideoEncoderConfig config,
      Allocation allocation, Deliver deliver, Ended ended = [] {},
      core::Time start = this_second());
  ~VideoSendPipeline();
  VideoSendPipeline(const VideoSendPipeline&) = delete;
  VideoSendPipeline& operator=(const VideoSendPipeline&) = delete;

  // All may be called from any thread and take effect with the next picture.
  void allocate(Allocation allocation);
  void request_key_frame(const std::string& rid = {});
  void mute(bool muted);
  void replace(std::unique_ptr<capture::VideoSource> source, core::Time start = this_second());
  VideoChain::Stats stats() const;

 private:
  void run(const std::stop_token& stop);
  void adopt();

  std::unique_ptr<capture::VideoSource> source_;  // the thread's own, as the next three
  SourceClock clock_;
  Punctuality punctuality_;
  core::Time last_{};  // when the latest picture was captured
  Deliver deliver_;
  Ended ended_;
  mutable std::mutex mutex_;
  VideoChain chain_;  // under the mutex
  struct Replacement {
    std::unique_ptr<capture::VideoSource> source;
    core::Time start;
  };
  std::optional<Replacement> next_;
  std::jthread thread_;
};

class AudioSendPipeline {
 public:
  AudioSendPipeline(
      std::unique_ptr<capture::AudioSource> source, codec::AudioEncoderConfig config,
      Deliver deliver, Ended ended = [] {}, core::Time start = this_second());
  ~AudioSendPipeline();
  AudioSendPipeline(const AudioSendPipeline&) = delete;
  AudioSendPipeline& operator=(const AudioSendPipeline&) = delete;

  void mute(bool muted);
  void replace(std::unique_ptr<capture::AudioSource> source, core::Time start = this_second());
  void set_bitrate(std::uint32_t bitrate);
  void set_expected_loss(std::uint8_t percent);

 private:
  void run(const std::stop_token& stop);
  void adopt();
  std::optional<core::EncodedFrame> encode(const core::AudioFrame& sound, core::Time captured);

  std::unique_ptr<capture::AudioSource> source_;  // the thread's own, as the next two
  SourceClock clock_;
  std::optional<std::int64_t> next_timestamp_;
  codec::AudioEncoderConfig config_;
  Deliver deliver_;
  Ended ended_;
  std::mutex mutex_;
  std::unique_ptr<codec::AudioEncoder> encoder_;  // under the mutex
  struct Replacement {
    std::unique_ptr<capture::AudioSource> source;
    core::Time start;
  };
  std::optional<Replacement> next_;
  bool muted_ = false;
  std::jthread thread_;
};

// RFC 6464 3: the level of a frame in -dBov, 0 (full scale) to 127 (silence).
std::uint8_t level_of(const core::AudioFrame& frame);
// To another rate and number of channels, by straight lines between samples: for G.711 and G.722,
// whose own sound is coarser than what that loses.
core::AudioFrame resample(const core::AudioFrame& frame, std::uint32_t rate, std::uint8_t channels);

}  // namespace lucid::media
