#pragma once
#include <chrono>
#include <cstdint>
#include <optional>

namespace lucid::core {

// A clock without now(): protocol code can hold and compare times, never read one.
struct Clock {
  using rep = std::int64_t;
  using period = std::micro;
  using duration = std::chrono::duration<rep, period>;
  using time_point = std::chrono::time_point<Clock>;
  static constexpr bool is_steady = true;
};
using Time = Clock::time_point;
using Duration = Clock::duration;

// The earlier of two deadlines, where "none" is later than any.
constexpr std::optional<Time> earliest(std::optional<Time> a, std::optional<Time> b) {
  if (!a) return b;
  if (!b) return a;
  return *a < *b ? a : b;
}

// Wall time as an offset from Time, given once at construction. Nothing else reads the calendar.
class WallClock {
 public:
  using Microseconds = std::chrono::duration<std::int64_t, std::micro>;

  constexpr WallClock() = default;
  constexpr explicit WallClock(Microseconds unix_time_at_zero) : offset_{unix_time_at_zero} {}

  // Microseconds since 1970-01-01T00:00:00Z, without leap seconds.
  constexpr Microseconds unix_time(Time t) const { return t.time_since_epoch() + offset_; }
  constexpr Time at(Microseconds unix_time) const { return Time{unix_time - offset_}; }

 private:
  Microseconds offset_{};
};

// A deadline that may be set, and the wait that led to it; doubling gives the usual back-off.
class Timer {
 public:
  bool running() const { return deadline_.has_value(); }
  std::optional<Time> deadline() const { return deadline_; }
  Duration wait() const { return wait_; }

  void start(Time now, Duration wait) {
    wait_ = wait;
    deadline_ = now + wait;
  }
  void back_off(Time now, Duration limit) { start(now, wait_ * 2 < limit ? wait_ * 2 : limit); }
  void stop() { deadline_.reset(); }

  // True once for each start whose time has come.
  bool expire(Time now) {
    if (!deadline_ || *deadline_ > now) return false;
    deadline_.reset();
    return true;
  }

 private:
  std::optional<Time> deadline_;
  Duration wait_{};
};

}  // namespace lucid::core
