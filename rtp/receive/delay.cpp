#include "rtp/receive/delay.hpp"

#include <algorithm>

#include "rtp/ntp.hpp"

namespace lucid::rtp {

namespace {

using namespace std::chrono_literals;

constexpr core::Duration remembered_lateness = 120s;
constexpr std::size_t few = 100;
// Of a sender gone mad no more than these are looked at.
constexpr std::size_t most_samples = 16'384;
// A frame this far from the others belongs to another timeline.
constexpr core::Duration jump = 10s;
constexpr std::size_t whole = 1000;  // shares are counted in thousandths
// Past this much of what may come late, less is let through than may.
constexpr std::size_t nearly_used_up = 800;
constexpr std::size_t careful = 700;

}  // namespace

void DelayEstimator::Span::add(core::Duration offset, core::Time now) {
  samples_.push_back({now, offset});
  sorted_.insert(std::ranges::upper_bound(sorted_, offset), offset);
  while (now - samples_.front().time > length_ || samples_.size() > most_samples) {
    sorted_.erase(std::ranges::lower_bound(sorted_, samples_.front().offset));
    samples_.pop_front();
  }
}

core::Duration DelayEstimator::Span::all_but(std::size_t share) const {
  return sorted_[sorted_.size() - 1 - sorted_.size() * share / whole];
}

void DelayEstimator::Span::clear() {
  samples_.clear();
  sorted_.clear();
}

void DelayEstimator::Lateness::add(bool late, core::Time now) {
  frames_.push_back({now, late});
  late_ += late ? 1 : 0;
  while (now - frames_.front().time > remembered_lateness || frames_.size() > most_samples) {
    late_ -= frames_.front().late ? 1 : 0;
    frames_.pop_front();
  }
}

bool DelayEstimator::Lateness::above(std::size_t share) const {
  return frames_.size() >= few && late_ * whole > frames_.size() * share;
}

void DelayEstimator::Lateness::clear() {
  frames_.clear();
  late_ = 0;
}

core::Duration DelayEstimator::media_time(std::int64_t timestamp) const {
  return ticks_to_duration(timestamp, clock_rate_);
}

void DelayEstimator::arrived(std::uint32_t timestamp, core::Time now) {
  core::Duration offset = now.time_since_epoch() - media_time(unwrap_.unwrap(timestamp));
  if (fastest_ && (offset - *fastest_ > jump || *fastest_ - offset > jump)) {
    reset();
    offset = now.time_since_epoch() - media_time(unwrap_.unwrap(timestamp));
  }
  recent_.add(offset, now);
  memory_.add(offset, now);
  fastest_ = recent_.least();
  const std::size_t share = whole / late_one_in_;
  core::Duration bound = std::min(memory_.all_but(share), recent_.all_but(share));
  if (lateness_.above(share * nearly_used_up / whole)) {
    bound = memory_.all_but(share * careful / whole);
  }
  spread_ = bound - *fastest_;
  lateness_.add(offset > *fastest_ + target(), now);
}

core::Time DelayEstimator::play_at(std::uint32_t timestamp) const {
  return core::Time{media_time(unwrap_.peek(timestamp)) + fastest_.value_or(0us) + target()};
}

core::Duration DelayEstimator::target() const {
  return std::clamp(spread_ + limits_.margin, limits_.least, limits_.most);
}

void DelayEstimator::reset() {
  recent_.clear();
  memory_.clear();
  lateness_.clear();
  fastest_.reset();
  spread_ = 0us;
  unwrap_ = {};
}

}  // namespace lucid::rtp
