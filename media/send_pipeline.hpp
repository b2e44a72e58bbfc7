#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "capture/source.hpp"
#include "codec/audio.hpp"
#include "media/video_chain.hpp"

// From a source to encoded frames, on a thread of their own. What comes out is handed to `deliver`
// on that thread; it belongs to post the frame to the loop that owns the sender. Nothing is queued
// here: a picture that comes while the last one is still being encoded waits in its device, or is
// skipped.
namespace lucid::media {

using Deliver = std::move_only_function<void(core::EncodedFrame)>;
// The source has come to an end, or could not be read any more.
using Ended = std::move_only_function<void()>;

class VideoSendPipeline {
 public:
  VideoSendPipeline(
      std::unique_ptr<capture::VideoSource> source, codec::VideoEncoderConfig config,
      Allocation allocation, Deliver deliver, Ended ended = [] {});
  ~VideoSendPipeline();
  VideoSendPipeline(const VideoSendPipeline&) = delete;
  VideoSendPipeline& operator=(const VideoSendPipeline&) = delete;

  // All may be called from any thread and take effect with the next picture.
  void allocate(Allocation allocation);
  void request_key_frame(const std::string& rid = {});
  void mute(bool muted);
  void replace(std::unique_ptr<capture::VideoSource> source);
  VideoChain::Stats stats() const;

 private:
  void run(const std::stop_token& stop);
  void adopt();

  std::unique_ptr<capture::VideoSource> source_;  // the thread's own
  Deliver deliver_;
  Ended ended_;
  mutable std::mutex mutex_;
  VideoChain chain_;  // under the mutex
  std::unique_ptr<capture::VideoSource> next_source_;
  bool replaced_ = false;
  std::jthread thread_;
};

class AudioSendPipeline {
 public:
  AudioSendPipeline(
      std::unique_ptr<capture::AudioSource> source, codec::AudioEncoderConfig config,
      Deliver deliver, Ended ended = [] {});
  ~AudioSendPipeline();
  AudioSendPipeline(const AudioSendPipeline&) = delete;
  AudioSendPipeline& operator=(const AudioSendPipeline&) = delete;

  void mute(bool muted);
  void replace(std::unique_ptr<capture::AudioSource> source);
  void set_bitrate(std::uint32_t bitrate);
  void set_expected_loss(std::uint8_t percent);

 private:
  void run(const std::stop_token& stop);

  std::unique_ptr<capture::AudioSource> source_;
  codec::AudioEncoderConfig config_;
  Deliver deliver_;
  Ended ended_;
  std::mutex mutex_;
  std::unique_ptr<codec::AudioEncoder> encoder_;  // under the mutex
  std::unique_ptr<capture::AudioSource> next_source_;
  bool replaced_ = false;
  bool muted_ = false;
  std::jthread thread_;
};

// RFC 6464 3: the level of a frame in -dBov, 0 (full scale) to 127 (silence).
std::uint8_t level_of(const core::AudioFrame& frame);
// To another rate and number of channels, by straight lines between samples: for G.711 and G.722,
// whose own sound is coarser than what that loses.
core::AudioFrame resample(const core::AudioFrame& frame, std::uint32_t rate, std::uint8_t channels);

}  // namespace lucid::media
