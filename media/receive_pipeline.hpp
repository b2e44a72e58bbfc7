#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "codec/video.hpp"
#include "core/media.hpp"
#include "media/sound_chain.hpp"

// From received frames to pictures and sound, each on a thread of its own.
namespace lucid::media {

// Decodes pictures as they come due. Bounded: with more than `most_waiting` frames undecoded, the
// queue is dropped and a key frame asked for, so that a slow machine shows fewer pictures, not old
// ones.
class VideoReceivePipeline {
 public:
  static constexpr std::size_t most_waiting = 30;

  using Show = std::move_only_function<void(const core::VideoFrame&)>;
  using WantKeyFrame = std::move_only_function<void()>;
  struct Stats {
    std::uint64_t decoded = 0;
    std::uint64_t key_frames = 0;
    std::uint64_t failures = 0;
    std::uint64_t dropped = 0;
    std::uint64_t freezes = 0;  // W3C freezeCount
    core::Duration total_freezes{};
    std::uint16_t width = 0;
    std::uint16_t height = 0;
  };

  // Both are called on the pipeline's thread. `sync`, where given, says when a picture is shown.
  VideoReceivePipeline(Show show, WantKeyFrame want_key_frame, LipSync* sync = nullptr);
  ~VideoReceivePipeline();
  VideoReceivePipeline(const VideoReceivePipeline&) = delete;
  VideoReceivePipeline& operator=(const VideoReceivePipeline&) = delete;

  void push(core::EncodedFrame frame);
  Stats stats() const;

 private:
  void run(const std::stop_token& stop);
  void decode(const core::EncodedFrame& frame, const std::stop_token& stop);
  void count(const core::VideoFrame& picture);

  Show show_;
  WantKeyFrame want_key_frame_;
  LipSync* sync_;
  std::unique_ptr<codec::VideoDecoder> decoder_;
  core::Codec codec_ = core::Codec::vp8;
  bool needs_key_ = true;
  mutable std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<core::EncodedFrame> waiting_;
  Stats stats_;
  std::optional<core::Time> last_shown_;
  double mean_interval_ = 0;
  std::jthread thread_;
};

// Plays sound ten milliseconds at a time, by the real clock.
class AudioReceivePipeline {
 public:
  using Play = std::move_only_function<void(const core::AudioFrame&)>;

  // `play` is called on the pipeline's thread.
  explicit AudioReceivePipeline(Play play, LipSync* sync = nullptr);
  ~AudioReceivePipeline();
  AudioReceivePipeline(const AudioReceivePipeline&) = delete;
  AudioReceivePipeline& operator=(const AudioReceivePipeline&) = delete;

  void push(core::EncodedFrame frame, core::Time now);
  rtp::audio::Playout::Stats stats() const;

 private:
  void run(const std::stop_token& stop);

  Play play_;
  mutable std::mutex mutex_;
  SoundChain chain_;  // under the mutex
  std::jthread thread_;
};

}  // namespace lucid::media
