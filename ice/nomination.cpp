#include "ice/nomination.hpp"

#include <algorithm>
#include <tuple>

namespace lucid::ice {
namespace {

using namespace std::chrono_literals;

// How long the first nomination waits for better pairs: some of their round trips, for which that
// of the pair in hand is the best guess. Data flows meanwhile (RFC 8445 12.1).
constexpr int patience_round_trips = 4;
constexpr core::Duration least_patience = 50ms;
constexpr core::Duration most_patience = 500ms;

bool relayed(const Pair& pair) {
  return pair.local->candidate.type == CandidateType::relayed ||
         pair.remote->type == CandidateType::relayed;
}

template <class Worth>
Pair* best_of(const Checklist& checklist, Worth worth) {
  Pair* best = nullptr;
  for (const auto& pair : checklist.pairs()) {
    if (!pair->valid()) continue;
    if (best == nullptr || worth(*pair) > worth(*best)) best = pair.get();
  }
  return best;
}

}  // namespace

Pair* Nomination::selected(const Checklist& checklist) const {
  // draft-thatcher-ice-renomination 3: the latest nomination counts. Among equals, as an aggressive
  // agent makes them, RFC 5245 8.1.1.2: the highest priority counts.
  Pair* best = best_of(checklist, [](const Pair& pair) {
    return std::tuple{pair.nominated, pair.alive(), pair.nomination, pair.priority};
  });
  return best != nullptr && best->nominated ? best : nullptr;
}

Pair* Nomination::best(const Checklist& checklist) const {
  return best_of(checklist, [](const Pair& pair) {
    return std::tuple{pair.alive(), pair.nominated, pair.nomination, pair.priority};
  });
}

Pair* Nomination::due(const Checklist& checklist, core::Time now) {
  decide_at_.reset();
  Pair* best =
      best_of(checklist, [](const Pair& pair) { return std::tuple{pair.alive(), pair.priority}; });
  if (best == nullptr || !best->alive()) return nullptr;
  const Pair* current = selected(checklist);
  // Deviation from RFC 8445 8.1.1: a better pair that works later is nominated too, as by an agent
  // of RFC 5245 and by browsers, and so is another one when the selected pair stops answering.
  if (current != nullptr && current->alive() && current->priority >= best->priority) return nullptr;
  if (best->nominated) return nullptr;
  if (current == nullptr) {
    if (!first_valid_) first_valid_ = now;
    const core::Time until = worth_waiting(checklist, *best, now);
    if (until > now) {
      decide_at_ = until;
      return nullptr;
    }
  }
  return best;
}

// Until when the first nomination should wait because a better pair may yet work. Data flows
// meanwhile (RFC 8445 12.1), so waiting costs nothing but the second round trip.
core::Time Nomination::worth_waiting(const Checklist& checklist, const Pair& pair,
                                     core::Time now) const {
  // The round trip of the pair in hand is the best guess at that of others.
  const core::Duration patience =
      std::clamp(patience_round_trips * pair.round_trip.value_or(core::Duration{}), least_patience,
                 most_patience);
  const core::Time end = *first_valid_ + most_patience;
  // A relay costs a detour and somebody's bandwidth: candidates that are still to come may be
  // better.
  core::Time until = relayed(pair) ? *first_valid_ + patience : now;
  for (const auto& other : checklist.pairs()) {
    if (!other->open() || other->priority <= pair.priority) continue;
    until = std::max(until, other->checked_at.value_or(now) + patience);
  }
  return std::min(until, end);
}

}  // namespace lucid::ice
