#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "app/codecs.hpp"
#include "core/time.hpp"

namespace lucid::app {

// Joins sources that follow each other on one sender into one RTP timeline: the first frame of the
// next comes after the last of the one before by the time that has passed (RFC 3550 5.1).
class Timeline {
 public:
  explicit Timeline(core::Codec codec)
      : ticks_a_second_{static_cast<double>(clock_rate_of(codec))} {}

  std::uint32_t map(const void* source, std::uint32_t timestamp, core::Time now) {
    if (source != source_ && last_) {
      const double passed = std::chrono::duration<double>(now - last_->time).count();
      const auto ticks = static_cast<std::uint32_t>(passed * ticks_a_second_);
      offset_ = last_->timestamp + std::max(ticks, 1U) - timestamp;
    }
    source_ = source;
    last_ = Last{timestamp + offset_, now};
    return last_->timestamp;
  }

 private:
  struct Last {
    std::uint32_t timestamp;
    core::Time time;
  };
  double ticks_a_second_;
  const void* source_ = nullptr;
  std::uint32_t offset_ = 0;
  std::optional<Last> last_;
};

}  // namespace lucid::app
