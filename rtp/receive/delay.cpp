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
constexpr std::size_t most_in_block = 128;
// A frame this far from the others belongs to another timeline.
constexpr core::Duration jump = 10s;
constexpr std::size_t whole = 1000;  // shares are counted in thousandths
// Past so much of what may come late (first), less is let through than may (second).
struct Care {
  std::size_t used;
  std::size_t share;
};
constexpr Care careful{850, 700};
constexpr Care very_careful{900, 300};

}  // namespace

std::vector<DelayEstimator::Span::Block>::iterator DelayEstimator::Span::block_of(
    core::Duration offset) {
  const auto block =
      std::ranges::lower_bound(sorted_, offset, {}, [](const Block& each) { return each.back(); });
  return block == sorted_.end() ? std::prev(block) : block;
}

void DelayEstimator::Span::add(core::Duration offset, core::Time now) {
  samples_.push_back({now, offset});
  ++count_;
  if (sorted_.empty()) {
    sorted_.emplace_back().reserve(most_in_block);
    sorted_.front().push_back(offset);
    return;
  }
  auto block = block_of(offset);
  block->insert(std::ranges::upper_bound(*block, offset), offset);
  if (block->size() == most_in_block) {
    const auto half = block->begin() + most_in_block / 2;
    Block upper;
    upper.reserve(most_in_block);
    upper.assign(half, block->end());
    block->erase(half, block->end());
    sorted_.insert(std::next(block), std::move(upper));
  }
  while (now - samples_.front().time > length_ || samples_.size() > most_samples) {
    block = block_of(samples_.front().offset);
    block->erase(std::ranges::lower_bound(*block, samples_.front().offset));
    if (block->empty()) sorted_.erase(block);
    samples_.pop_front();
    --count_;
  }
}

core::Duration DelayEstimator::Span::all_but(std::size_t share) const {
  std::size_t above = count_ * share / whole;
  auto block = std::prev(sorted_.end());
  while (above >= block->size()) above -= (block--)->size();
  return (*block)[block->size() - 1 - above];
}

void DelayEstimator::Span::clear() {
  samples_.clear();
  sorted_.clear();
  count_ = 0;
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
  for (const Care& care : {careful, very_careful}) {
    if (lateness_.above(share * care.used / whole)) {
      bound = memory_.all_but(share * care.share / whole);
    }
  }
  spread_ = bound - *fastest_;
  lateness_.add(offset > *fastest_ + target(), now);
}

core::Time DelayEstimator::play_at(std::uint32_t timestamp) const {
  return core::Time{media_time(unwrap_.peek(timestamp)) + fastest_.value_or(0us) + target()};
}

core::Duration DelayEstimator::target() const {
  core::Duration wanted = std::min(spread_ + limits_.margin, limits_.most);
  if (wish_) wanted = std::clamp(wanted, wish_->least, std::max(wish_->least, wish_->most));
  return std::max(wanted, limits_.least);
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
