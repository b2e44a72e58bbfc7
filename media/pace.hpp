#pragma once
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>

#include "capture/source.hpp"

namespace lucid::media {

// The same clock as net's: microseconds since the machine started.
inline core::Time real_now() {
  return core::Time{std::chrono::duration_cast<core::Duration>(
      std::chrono::steady_clock::now().time_since_epoch())};
}

// When a source that has no start of its own began: the whole second, so that the beep of `tone`
// and the flash of `test` are together wherever each of them starts.
inline core::Time this_second() {
  return core::Time{
      std::chrono::duration_cast<std::chrono::seconds>(real_now().time_since_epoch())};
}

// Sleeps on the real clock, until a time or until it is to stop.
class Sleeper {
 public:
  // False when it was stopped.
  bool sleep_until(core::Time time, const std::stop_token& stop) {
    if (time > real_now()) {
      std::unique_lock lock{mutex_};
      wake_.wait_until(lock, stop, std::chrono::steady_clock::time_point{time.time_since_epoch()},
                       [] { return false; });
    }
    return !stop.stop_requested();
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any wake_;
};

// When a source's frames were captured, by the real clock: the source counts by its own clock, from
// its opening. Those of a made or stored source are due a fixed time after `start`; those of a
// device are tied to the real clock by the ones that came soonest, so that a late wake-up of our
// thread moves neither sound nor picture. Has no clock itself.
class SourceClock {
 public:
  SourceClock(capture::Pace pace, core::Time start) : pace_{pace}, offset_{start} {}

  // The moment of capture of a frame that the source counted as `frame_time`, being read at `now`.
  // A stored source's may lie ahead: then it is due only at that time.
  core::Time captured(core::Time frame_time, core::Time now) {
    const core::Duration counted = frame_time.time_since_epoch();
    if (pace_ == capture::Pace::live) {
      const core::Time measured = now - counted;
      const bool jumped = measured - offset_ > far_behind || offset_ - measured > far_behind;
      offset_ = !seen_ || jumped ? measured : std::min(offset_ + drift, measured);
      seen_ = true;
    } else if (now - (offset_ + counted) > far_behind) {
      // The machine slept. Whole seconds, so that beep and flash stay together.
      offset_ += std::chrono::duration_cast<std::chrono::seconds>(now - (offset_ + counted));
    }
    return offset_ + counted;
  }

 private:
  static constexpr core::Duration far_behind = std::chrono::seconds{2};
  // Each frame: enough for clocks that differ by one in a thousand.
  static constexpr core::Duration drift = std::chrono::microseconds{30};

  capture::Pace pace_;
  core::Time offset_;
  bool seen_ = false;
};

// Whether a picture is still worth encoding: not when its successor is already due, so that delay
// does not build up. A source or an encoder too slow for its own rate would then never get a
// picture through, so only so many in a row are left out. Has no clock.
class Punctuality {
 public:
  static constexpr int most_skipped = 5;

  // Of a picture so long after its time, from a source with so many a second.
  bool worth_it(core::Duration late, double framerate) {
    const core::Duration interval{static_cast<std::int64_t>(1e6 / framerate)};
    const bool worth = late <= interval + interval / 2 || skipped_ == most_skipped;
    skipped_ = worth ? 0 : skipped_ + 1;
    return worth;
  }

 private:
  int skipped_ = -1000;  // in a row; before the first picture nearly any number
};

}  // namespace lucid::media
