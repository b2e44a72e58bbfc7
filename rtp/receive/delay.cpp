#include "rtp/receive/delay.hpp"

#include <algorithm>

#include "rtp/ntp.hpp"

namespace lucid::rtp {

namespace {

using namespace std::chrono_literals;

// Long enough for one in a hundred to mean something, short enough to follow a clock that drifts.
constexpr core::Duration recent = 10s;
constexpr core::Duration memory = 60s;
constexpr core::Duration look_pause = 250ms;
constexpr std::size_t few = 100;
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
  const auto first = std::ranges::lower_bound(samples_, now - recent, {}, &Sample::time);
  const auto from = static_cast<std::size_t>(first - samples_.begin());
  fastest_ = std::ranges::min_element(first, samples_.end(), {}, &Sample::offset)->offset;
  if (samples_.size() < few || now - looked_at_ >= look_pause) {
    over_memory_ = nearly_all(0);
    looked_at_ = now;
  }
  spread_ = std::min(over_memory_, nearly_all(from)) - *fastest_;
}

// What all samples from there on, but one in so many, stayed below.
core::Duration DelayEstimator::nearly_all(std::size_t from) {
  sorted_.clear();
  for (std::size_t i = from; i < samples_.size(); ++i) sorted_.push_back(samples_[i].offset);
  const auto late = static_cast<std::ptrdiff_t>(sorted_.size() / late_one_in_);
  const auto bound = sorted_.end() - 1 - late;
  std::nth_element(sorted_.begin(), bound, sorted_.end());
  return *bound;
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
