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

// What makes one round trip clearly shorter than another, and for how long it has to be so before
// data moves to it.
constexpr int clear_ratio = 2;
constexpr core::Duration clear_gain = 20ms;
constexpr core::Duration lasting = 30s;

int relays(const Pair& pair) {
  return (pair.local->candidate.type == CandidateType::relayed ? 1 : 0) +
         (pair.remote->type == CandidateType::relayed ? 1 : 0);
}

// Pairs whose paths cost the same, as far as candidates tell.
bool same_kind(const Pair& a, const Pair& b) {
  const auto kind = [](const Pair& pair) {
    const Candidate& local = pair.local->candidate;
    const bool relayed = local.type == CandidateType::relayed;
    return std::tuple{relays(pair), pair.path.transport, pair.local->metered,
                      relayed ? local.relay_transport : core::Transport::udp};
  };
  return kind(a) == kind(b);
}

// How long a pair of the same kind may take and still not be clearly slower.
core::Duration bound(core::Duration round_trip) {
  return std::max(clear_ratio * round_trip, round_trip + clear_gain);
}

// As it was measured last: a smoothed one remembers for minutes, as pairs are asked seldom.
std::optional<core::Duration> latest(const Pair& pair) { return pair.counts.current_round_trip; }

bool clearly_shorter(const Pair& a, const Pair& b) {
  return latest(a) && latest(b) && bound(*latest(a)) <= *latest(b);
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

// The pair that data should go to: that of the highest priority, or of its kind one of a clearly
// shorter round trip.
Pair* preferred(const Checklist& checklist) {
  Pair* first =
      best_of(checklist, [](const Pair& pair) { return std::tuple{pair.alive(), pair.priority}; });
  if (first == nullptr || !first->alive()) return nullptr;
  Pair* shortest = first;
  for (const auto& pair : checklist.pairs()) {
    if (!pair->alive() || !same_kind(*pair, *first) || !latest(*pair)) continue;
    if (latest(*pair) < latest(*shortest)) shortest = pair.get();
  }
  return clearly_shorter(*shortest, *first) ? shortest : first;
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
  Pair* best = preferred(checklist);
  if (best == nullptr) return nullptr;
  const Pair* current = selected(checklist);
  if (current != nullptr && current->alive()) return better_than(*current, *best, now);
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

// The pair to nominate in place of the selected one, which works.
Pair* Nomination::better_than(const Pair& current, Pair& best, core::Time now) {
  // Deviation from RFC 8445 8.1.1: a better pair that works later is nominated too, as by an agent
  // of RFC 5245 and by browsers, and so is another one when the selected pair stops answering.
  const bool alike = same_kind(best, current);
  if (best.priority > current.priority && !best.nominated) {
    return alike && !best.round_trip ? nullptr : &best;  // it will be measured at once
  }
  // Without renomination the other side may stay where the priority is higher, as Firefox does, and
  // the two directions would part.
  if (!config_.renomination || !alike || !clearly_shorter(best, current)) {
    contender_.reset();
    return nullptr;
  }
  if (!contender_ || contender_->pair != best.id) contender_ = {best.id, now};
  if (contender_->since + lasting <= now) {
    contender_.reset();
    return &best;
  }
  decide_at_ = contender_->since + lasting;
  return nullptr;
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
  core::Time until = relays(pair) > 0 ? *first_valid_ + patience : now;
  for (const auto& other : checklist.pairs()) {
    if (!other->open() || other->priority <= pair.priority) continue;
    // One of the same kind that takes longer would not be taken.
    const core::Duration worth = pair.round_trip && same_kind(*other, pair)
                                     ? std::clamp(bound(*pair.round_trip), least_patience, patience)
                                     : patience;
    until = std::max(until, other->checked_at.value_or(now) + worth);
  }
  return std::min(until, end);
}

}  // namespace lucid::ice
