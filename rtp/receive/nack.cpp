#include "rtp/receive/nack.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace lucid::rtp {

namespace {

using namespace std::chrono_literals;

constexpr core::Duration most_reordering = 150ms;
// What is learned of reordering fades by this part with each packet that comes in order.
constexpr std::int64_t fading = 4096;
// Leaves the far end time to look at its history.
constexpr core::Duration processing = 5ms;

}  // namespace

void NackGenerator::received(std::int64_t sequence, Arrival arrival, core::Time now) {
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
        missing_.emplace(hole, Missing{now, now + reordering_});
      }
    }
    if (sequence == *highest_ + 1) reordering_ -= reordering_ / fading;
    highest_ = sequence;
    if (!missing_.empty()) forget_before(sequence - window);
    plan();
    return;
  }
  const auto found = missing_.find(sequence);
  if (found == missing_.end()) return;
  if (found->second.tries > 0) {
    ++stats_.recovered;
    stats_.total_repair_time += now - found->second.since;
  }
  // It came by itself, so it had only been overtaken: wait that long for the next ones.
  if (arrival == Arrival::direct) {
    const core::Duration late = now - found->second.since;
    reordering_ = std::min(most_reordering, std::max(reordering_, late + late / 4));
  }
  missing_.erase(found);
  plan();
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

void NackGenerator::plan() {
  next_.reset();
  for (const auto& [sequence, missing] : missing_) next_ = core::earliest(next_, missing.next);
}

}  // namespace lucid::rtp
