#include "rtp/receive/nack.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace lucid::rtp {

namespace {

using namespace std::chrono_literals;

// What lateness is counted in.
constexpr core::Duration step = 10ms;
// Leaves the far end time to look at its history.
constexpr core::Duration processing = 5ms;

}  // namespace

void NackGenerator::received(std::int64_t sequence, Arrival arrival, core::Time now) {
  late_by_time_.packet();
  late_by_packets_.packet();
  if (!highest_) {
    highest_ = sequence;
    return;
  }
  if (sequence > *highest_) {
    if (sequence - *highest_ > window) {
      missing_.clear();
      gave_up_ = true;
    } else {
      for (std::int64_t hole = *highest_ + 1; hole < sequence; ++hole) {
        missing_.emplace(hole, Missing{.since = now, .next = now + patience()});
      }
    }
    highest_ = sequence;
    if (missing_.empty()) return next_.reset();
    forget_before(sequence - window);
    hurry(now);
    plan();
    return;
  }
  const auto found = missing_.find(sequence);
  if (found == missing_.end()) return;
  const Missing& missing = found->second;
  // What comes within a round trip of being asked for had left before.
  const bool itself =
      arrival == Arrival::direct ||
      (arrival == Arrival::either && (missing.tries == 0 || now - missing.asked < round_trip_ / 2));
  if (missing.tries > 0) {
    ++stats_.recovered;
    stats_.total_repair_time += now - missing.since;
  }
  if (itself) {
    learn(sequence, missing.since, now);
  } else {
    repaired(sequence) = {sequence, missing.since};
  }
  missing_.erase(found);
  plan();
}

void NackGenerator::overtaken(std::int64_t sequence, core::Time now) {
  Repaired& before = repaired(sequence);
  if (before.sequence != sequence) return;
  before.sequence = -1;
  learn(sequence, before.since, now);
}

void NackGenerator::learn(std::int64_t sequence, core::Time since, core::Time now) {
  const auto steps = static_cast<std::size_t>((now - since) / step);
  if (steps >= Reordering::buckets) return;  // a repair would have been there long ago
  late_by_time_.late(steps);
  const auto packets = static_cast<std::size_t>(*highest_ - sequence);
  late_by_packets_.late(std::min(packets, Reordering::buckets - 1));
}

core::Duration NackGenerator::patience() const {
  return static_cast<std::int64_t>(late_by_time_.wait()) * step;
}

void NackGenerator::forget_before(std::int64_t sequence) {
  const auto end = missing_.lower_bound(sequence);
  if (end == missing_.begin()) return;
  missing_.erase(missing_.begin(), end);
  plan();
}

std::vector<std::uint16_t> NackGenerator::due(core::Time now) {
  std::vector<std::uint16_t> sequences;
  if (!next_ || *next_ > now) return sequences;
  for (auto entry = missing_.begin(); entry != missing_.end();) {
    Missing& missing = entry->second;
    if (missing.next > now) {
      ++entry;
      continue;
    }
    if (missing.tries == most_tries) {
      ++stats_.given_up;
      gave_up_ = true;
      entry = missing_.erase(entry);
      continue;
    }
    sequences.push_back(static_cast<std::uint16_t>(entry->first));
    ++stats_.asked;
    ++missing.tries;
    missing.asked = now;
    missing.next = now + pause();
    ++entry;
  }
  plan();
  return sequences;
}

bool NackGenerator::gave_up() { return std::exchange(gave_up_, false); }

core::Duration NackGenerator::pause() const {
  return std::clamp<core::Duration>(round_trip_ + round_trip_ / 8 + processing, 20ms, 1s);
}

// Those that more packets went by than go by one that is only overtaken.
void NackGenerator::hurry(core::Time now) {
  const std::size_t wait = late_by_packets_.wait();
  if (wait == Reordering::buckets) return;
  for (auto& [sequence, missing] : missing_) {
    if (*highest_ - sequence < static_cast<std::int64_t>(wait)) break;
    if (missing.tries == 0) missing.next = std::min(missing.next, now);
  }
}

void NackGenerator::plan() {
  next_.reset();
  for (const auto& [sequence, missing] : missing_) next_ = core::earliest(next_, missing.next);
}

}  // namespace lucid::rtp
