#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/queue.hpp"
#include "core/serial.hpp"
#include "core/time.hpp"

namespace lucid::rtp {

// When to play what was sent at a timestamp: early enough to be live, late enough that nearly all
// frames are there. The delay of each frame is measured against the fastest one of the last
// seconds, and the target is the delay that nearly all stayed below: over the last seconds or over
// most of a minute, whichever is less. So a spike now and then is not waited for, and a route that
// got shorter is soon believed.
class DelayEstimator {
 public:
  struct Limits {
    core::Duration least{};
    core::Duration margin = std::chrono::milliseconds{5};  // on top of what was measured
    core::Duration most = std::chrono::seconds{1};
  };

  // One frame in `late_one_in` may come after its time.
  explicit DelayEstimator(std::uint32_t clock_rate, std::size_t late_one_in = 100)
      : clock_rate_{clock_rate}, late_one_in_{late_one_in} {}

  // A frame with this timestamp was complete at this time.
  void arrived(std::uint32_t timestamp, core::Time now);
  // When to play it; frames of one timestamp have one answer.
  core::Time play_at(std::uint32_t timestamp) const;
  core::Duration target() const;
  // What the network alone asks for.
  core::Duration needed() const { return spread_ + limits_.margin; }
  // The sender's playout-delay extension, or lip synchronisation, set these.
  void limit(Limits limits) { limits_ = limits; }
  // Forgets what was learned: after a jump of timestamps, or a new source.
  void reset();

 private:
  struct Sample {
    core::Time time;
    core::Duration offset;  // arrival less media time
  };
  core::Duration media_time(std::int64_t timestamp) const;
  core::Duration nearly_all(std::size_t from);

  std::uint32_t clock_rate_;
  std::size_t late_one_in_;
  Limits limits_;
  core::Unwrapper<std::uint32_t> unwrap_;
  core::Queue<Sample> samples_;
  std::optional<core::Duration> fastest_;
  core::Duration spread_{};
  core::Duration over_memory_{};  // what nearly all of it stayed below; looked at now and then
  core::Time looked_at_{};
  std::vector<core::Duration> sorted_;
};

}  // namespace lucid::rtp
