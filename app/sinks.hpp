#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "capture/sink.hpp"
#include "media/receive_pipeline.hpp"
#include "net/loop.hpp"

namespace lucid::app {

// What becomes of the media that one peer sends: decoded and counted; recorded as it came; the
// latest picture kept for who wants to show it.
class Sinks {
 public:
  struct Config {
    std::string record;  // a file; empty: none
    bool keeps_picture = false;
    capture::Window* window = nullptr;  // sound goes there
  };
  struct Handlers {  // on the loop's thread
    std::move_only_function<void()> want_key_frame;
    std::move_only_function<void(std::string)> problem;  // a sentence
  };

  Sinks(net::Loop& loop, Config config, Handlers handlers);
  ~Sinks();
  Sinks(const Sinks&) = delete;
  Sinks& operator=(const Sinks&) = delete;

  // The peer is going to send this.
  void expect(core::Codec codec);
  void push(core::EncodedFrame frame);
  media::VideoReceivePipeline::Stats stats() const;
  std::optional<core::Time> first_picture() const;
  // The latest picture, if it is newer than the one given last; with `again` in any case.
  std::optional<core::VideoFrame> picture(bool again = false);

 private:
  void record(const core::EncodedFrame& frame);
  void write(const core::EncodedFrame& frame);
  void shown(const core::VideoFrame& picture);

  struct Clock {  // one track's time in the recording
    std::uint32_t rtp_timestamp = 0;
    core::Duration at{};
  };

  net::Loop& loop_;
  Config config_;
  Handlers handlers_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  mutable std::mutex mutex_;
  core::VideoFrame picture_;  // under the mutex
  bool fresh_ = false;
  std::optional<core::Time> first_;
  std::unique_ptr<capture::Recorder> recorder_;
  capture::Recorder::Tracks tracks_;
  std::optional<core::Time> recording_since_;
  std::optional<Clock> clocks_[2];  // by kind
  std::unique_ptr<media::VideoReceivePipeline> video_;
  std::unique_ptr<media::AudioReceivePipeline> audio_;
};

}  // namespace lucid::app
