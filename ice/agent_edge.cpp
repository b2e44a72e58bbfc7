// What the edge answers to an agent, and what can be asked of one.
#include <algorithm>

#include "ice/agent.hpp"
#include "ice/gatherer.hpp"
#include "ice/remote_candidates.hpp"
#include "ice/session.hpp"
#include "ice/status.hpp"

namespace lucid::ice {

void Agent::bound(core::SocketId id, core::Address local, core::Time now) {
  if (closed()) return;
  gatherer_->bound(id, local, now);
  update(now);
}

void Agent::bind_failed(core::SocketId id, core::PathError error, core::Time now) {
  if (closed()) return;
  gatherer_->bind_failed(id, error, now);
  update(now);
}

void Agent::opened(core::StreamId id, core::Path path, core::Time now) {
  if (closed()) return;
  gatherer_->opened(id, path, now);
  session_->opened(id, path, now);
  if (previous_) previous_->opened(id, path, now);
  update(now);
}

void Agent::listening(core::StreamId id, core::Address local, core::Time now) {
  if (closed()) return;
  gatherer_->listening(id, local, now);
  update(now);
}

void Agent::closed(core::StreamId id, core::PathError error, core::Time now) {
  if (closed()) return;
  if (!gatherer_->closed(id, error, now) && !session_->closed(id, error, now) && previous_) {
    previous_->closed(id, error, now);
  }
  update(now);
}

void Agent::resolved(core::ResolveId id, std::span<const core::Ip> addresses, core::Time now) {
  if (closed()) return;
  gatherer_->resolved(id, addresses, now);
  remote_->resolved(id, addresses, *session_, now);
  update(now);
}

void Agent::path_error(const core::Path& path, core::PathError error, core::Time now) {
  if (closed()) return;
  gatherer_->path_error(path, error, now);
  session_->path_error(path, error, now);
  if (previous_) previous_->path_error(path, error, now);
  update(now);
}

std::optional<core::Path> Agent::path() const {
  const Pair* pair = closed() ? nullptr : Status::best(*session_, previous_.get());
  return pair == nullptr ? std::nullopt : std::optional{pair->path};
}

std::optional<core::Duration> Agent::round_trip() const {
  const Pair* pair = closed() ? nullptr : Status::best(*session_, previous_.get());
  return pair == nullptr ? std::nullopt : pair->round_trip;
}

GatheringState Agent::gathering_state() const { return gatherer_->state(); }
ConnectionState Agent::connection_state() const { return status_->state(); }
const Stats& Agent::stats() const { return shared_->stats; }

std::vector<Candidate> Agent::local_candidates() const {
  std::vector<Candidate> candidates;
  for (const Local* local : session_->locals()) candidates.push_back(local->candidate);
  return candidates;
}

std::vector<Candidate> Agent::remote_candidates() const {
  return {session_->remotes().begin(), session_->remotes().end()};
}

std::vector<PairStats> Agent::pairs() const {
  std::vector<PairStats> all;
  const Pair* selected = session_->selected();
  for (const auto& pair : session_->checklist().pairs()) {
    PairStats& stats = all.emplace_back();
    static_cast<PairCounts&>(stats) = pair->counts;
    stats.id = pair->id;
    stats.path = pair->path;
    stats.local = pair->local->candidate;
    stats.remote = *pair->remote;
    stats.state = pair->state;
    stats.priority = pair->priority;
    stats.nominated = pair->nominated;
    stats.selected = pair.get() == selected;
  }
  return all;
}

std::string_view to_string(Role role) {
  switch (role) {
    case Role::controlling:
      return "controlling";
    case Role::controlled:
      return "controlled";
  }
  return "unknown";
}

std::string_view to_string(GatheringState state) {
  switch (state) {
    case GatheringState::idle:
      return "new";
    case GatheringState::gathering:
      return "gathering";
    case GatheringState::complete:
      return "complete";
  }
  return "unknown";
}

std::string_view to_string(ConnectionState state) {
  switch (state) {
    case ConnectionState::idle:
      return "new";
    case ConnectionState::checking:
      return "checking";
    case ConnectionState::connected:
      return "connected";
    case ConnectionState::completed:
      return "completed";
    case ConnectionState::disconnected:
      return "disconnected";
    case ConnectionState::failed:
      return "failed";
    case ConnectionState::closed:
      return "closed";
  }
  return "unknown";
}

std::string_view to_string(PairState state) {
  switch (state) {
    case PairState::frozen:
      return "frozen";
    case PairState::waiting:
      return "waiting";
    case PairState::in_progress:
      return "in-progress";
    case PairState::succeeded:
      return "succeeded";
    case PairState::failed:
      return "failed";
  }
  return "unknown";
}

}  // namespace lucid::ice
