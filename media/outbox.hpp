#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "core/media.hpp"

namespace lucid::media {

// From a pipeline's thread to the loop; one box for each pipeline. Bounded: when the loop does not
// come for its frames, new pictures are dropped, up to a key frame, which is asked for; of sound
// the oldest go.
//
//   media::Outbox outbox{[&] { loop.post([&] { outbox.drain([&](core::EncodedFrame frame) {
//     sender.send(frame, loop.now()); }); }); }};
//   media::VideoSendPipeline pipeline{..., [&](core::EncodedFrame frame) {
//     if (!outbox.push(std::move(frame))) pipeline.request_key_frame(); }};
class Outbox {
 public:
  static constexpr std::size_t most_waiting = 60;

  // `wake` is called from the thread that pushes into an empty box.
  explicit Outbox(std::move_only_function<void()> wake) : wake_{std::move(wake)} {}

  // False when this frame was dropped and the encoder has to begin anew with a key frame.
  bool push(core::EncodedFrame frame);
  // On the loop's thread: hands over all that waits, in order.
  template <class Take>
  void drain(Take&& take) {
    for (core::EncodedFrame& frame : all()) take(std::move(frame));
  }
  std::uint64_t dropped() const;

 private:
  std::deque<core::EncodedFrame> all();

  std::move_only_function<void()> wake_;
  mutable std::mutex mutex_;
  std::deque<core::EncodedFrame> waiting_;
  std::set<std::string> broken_;  // rids of which a frame was dropped: they wait for a key frame
  std::uint64_t dropped_ = 0;
};

}  // namespace lucid::media
