#pragma once
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

#include "capture/source.hpp"

namespace lucid::media {

// Lets frames of a made or stored source through when they are due, on the real clock.
class Pace {
 public:
  // Returns when the frame is due, or at once for a live source; false when stopping. One that is
  // far behind (the machine slept) starts the clock anew.
  bool wait(capture::Pace pace, core::Time frame_time, const std::stop_token& stop) {
    if (pace == capture::Pace::live) return !stop.stop_requested();
    const auto now = std::chrono::steady_clock::now();
    if (!start_ ||
        now - (*start_ + frame_time.time_since_epoch()) > std::chrono::milliseconds{500}) {
      start_ = now - frame_time.time_since_epoch();
    }
    std::unique_lock lock{mutex_};
    wake_.wait_until(lock, stop, *start_ + frame_time.time_since_epoch(), [] { return false; });
    return !stop.stop_requested();
  }
  void restart() { start_.reset(); }

 private:
  std::optional<std::chrono::steady_clock::time_point> start_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
};

// The same clock as net's: microseconds since the machine started.
inline core::Time real_now() {
  return core::Time{std::chrono::duration_cast<core::Duration>(
      std::chrono::steady_clock::now().time_since_epoch())};
}

}  // namespace lucid::media
