#include "rtp/receive/delay.hpp"

#include <algorithm>

#include "rtp/ntp.hpp"

namespace lucid::rtp {

namespace {

using namespace std::chrono_literals;

// Long enough for one in a hundred to mean something, short enough to follow a clock that drifts.
constexpr core::Duration memory = 10s;
// A frame this far from the others belongs to another timeline.
constexpr core::Duration jump = 10s;

}  // namespace

core::Duration DelayEstimator::media_time(std::int64_t timestamp) const {
  return ticks_to_duration(timestamp, clock_rate_);
}

void DelayEstimator::arrived(std::uint32_t timestamp, core::Time now) {
  core::Duration offset = now.time_since_epoch() - media_time(unwrap_.unwrap(timestamp));
  if (fastest_ && (offset - *fastest_ > jump || *fastest_ - offset > jump)) {
    reset();
    offset = now.time_since_epoch() - media_time(unwrap_.unwrap(timestamp));
  }
  samples_.push_back({now, offset});
  while (now - samples_.front().time > memory) samples_.pop_front();
  sorted_.clear();
  for (const Sample& sample : samples_) sorted_.push_back(sample.offset);
  const auto late = static_cast<std::ptrdiff_t>(sorted_.size() / late_one_in_);
  const auto bound = sorted_.end() - 1 - late;
  std::nth_element(sorted_.begin(), bound, sorted_.end());
  fastest_ = *std::min_element(sorted_.begin(), bound + 1);
  spread_ = *bound - *fastest_;
}

core::Time DelayEstimator::play_at(std::uint32_t timestamp) const {
  return core::Time{media_time(unwrap_.peek(timestamp)) + fastest_.value_or(0us) + target()};
}

core::Duration DelayEstimator::target() const {
  return std::clamp(spread_ + limits_.margin, limits_.least, limits_.most);
}

void DelayEstimator::reset() {
  samples_.clear();
  fastest_.reset();
  spread_ = 0us;
  unwrap_ = {};
}

}  // namespace lucid::rtp
