#include "ice/checklist.hpp"

#include <algorithm>

namespace lucid::ice {
namespace {

std::uint64_t priority_of(const Local& local, const Candidate& remote, Role role) {
  return role == Role::controlling ? pair_priority(local.candidate.priority, remote.priority)
                                   : pair_priority(remote.priority, local.candidate.priority);
}

bool same_foundation(const Pair& a, const Pair& b) {
  return a.local->candidate.foundation == b.local->candidate.foundation &&
         a.remote->foundation == b.remote->foundation;
}

}  // namespace

Checklist::Added Checklist::add(core::Path path, const Local& local, const Candidate& remote,
                                Role role) {
  const std::uint64_t priority = priority_of(local, remote, role);
  std::unique_ptr<Pair> evicted;
  if (pairs_.size() >= limit) {
    evicted = make_room(priority);
    if (!evicted) return {};
  }
  auto pair = std::make_unique<Pair>();
  pair->id = next_id_++;
  pair->path = path;
  pair->local = &local;
  pair->remote = &remote;
  pair->priority = priority;
  // RFC 8445 6.1.2.6: of each foundation one pair begins as waiting. RFC 8838 12 says the same of
  // pairs that are formed later.
  pair->state = foundation_is_open(*pair) ? PairState::frozen : PairState::waiting;
  return {pairs_.emplace_back(std::move(pair)).get(), std::move(evicted)};
}

std::unique_ptr<Pair> Checklist::make_room(std::uint64_t priority) {
  // Pairs that work are never given up, nor is one of higher priority that has not failed.
  const auto worth = [](const std::unique_ptr<Pair>& pair) {
    const bool failed = pair->state == PairState::failed;
    return std::tuple{pair->valid(), !failed, failed ? 0 : pair->priority,
                      failed ? pair->failed_at : core::Time{}};
  };
  const auto least = std::ranges::min_element(pairs_, {}, worth);
  if ((*least)->valid()) return nullptr;
  if ((*least)->state != PairState::failed && (*least)->priority >= priority) return nullptr;
  std::unique_ptr<Pair> evicted = std::move(*least);
  pairs_.erase(least);
  return evicted;
}

Pair* Checklist::find(const core::Path& path) const {
  const auto it = std::ranges::find(pairs_, path, [](const auto& pair) { return pair->path; });
  return it == pairs_.end() ? nullptr : it->get();
}

Pair* Checklist::find(std::uint32_t id) const {
  const auto it = std::ranges::find(pairs_, id, [](const auto& pair) { return pair->id; });
  return it == pairs_.end() ? nullptr : it->get();
}

Pair* Checklist::find(core::StreamId stream) const {
  const auto it = std::ranges::find(pairs_, stream, [](const auto& pair) { return pair->stream; });
  return it == pairs_.end() ? nullptr : it->get();
}

Pair* Checklist::next(std::uint64_t floor) const {
  // Deviation from RFC 8445 6.1.4.2: a frozen pair waits for those that are waiting, not for the
  // end of another one of its foundation, which without an answer takes many seconds.
  const auto turn = [](const Pair& pair) {
    return std::tuple{pair.state == PairState::waiting, pair.priority};
  };
  Pair* best = nullptr;
  for (const auto& pair : pairs_) {
    if (pair->state != PairState::waiting && pair->state != PairState::frozen) continue;
    if (pair->priority < floor) continue;
    if (best == nullptr || turn(*pair) > turn(*best)) best = pair.get();
  }
  return best;
}

void Checklist::unfreeze(const Pair& like) {
  for (const auto& pair : pairs_) {
    if (pair->state == PairState::frozen && same_foundation(*pair, like)) {
      pair->state = PairState::waiting;
    }
  }
}

void Checklist::reprioritise(Role role) {
  for (const auto& pair : pairs_) pair->priority = priority_of(*pair->local, *pair->remote, role);
}

std::size_t Checklist::open(std::uint64_t floor) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      pairs_, [floor](const auto& pair) { return pair->open() && pair->priority >= floor; }));
}

bool Checklist::foundation_is_open(const Pair& like) const {
  return std::ranges::any_of(pairs_, [&](const auto& pair) {
    return (pair->state == PairState::waiting || pair->state == PairState::in_progress) &&
           same_foundation(*pair, like);
  });
}

}  // namespace lucid::ice
