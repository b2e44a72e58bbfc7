#pragma once
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "capture/sink.hpp"
#include "media/player.hpp"
#include "media/recording_clock.hpp"
#include "net/loop.hpp"

namespace lucid::app {

// What becomes of the media that one peer sends: played in step and counted; recorded as it came;
// the latest picture kept for who wants to show it.
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
  media::VideoReceivePipeline::Stats stats() const { return player_.stats().video; }
  std::optional<core::Time> first_picture() const;
  // The latest picture, if it is newer than the one given last; with `again` in any case.
  std::optional<core::VideoFrame> picture(bool again = false);

 private:
  bool records_video_alone() const;
  void record(const core::EncodedFrame& frame);
  void write(const core::EncodedFrame& frame);
  void shown(const core::VideoFrame& picture);

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
  std::map<core::MediaKind, media::RecordingClock> clocks_;  // all from the recording's start
  core::Time recording_since_{};
  media::Player player_;  // the last: its threads end before all that they use
};

}  // namespace lucid::app
