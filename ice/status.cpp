#include "ice/status.hpp"

#include <algorithm>

namespace lucid::ice {
namespace {

using namespace std::chrono_literals;

// RFC 8863 4: no failure before a check could have come and been answered, however early the own
// pairs fail: this long after the first pair, and longer while more candidates may follow.
constexpr core::Duration patience = 20s;
constexpr core::Duration patience_without_end = 30s;

}  // namespace

Pair* Status::best(const Session& current, const Session* previous) {
  Pair* now = current.best();
  if (previous == nullptr) return now;
  Pair* before = previous->best();
  if (now == nullptr) return before;
  // RFC 8445 9: data stays on the old pair until the new ones work.
  return !now->alive() && before != nullptr && before->alive() ? before : now;
}

void Status::update(const View& view, core::Time now) {
  if (state_ == ConnectionState::closed) return;
  if (gathering_ != view.gathering) {
    gathering_ = view.gathering;
    shared_.emit(Agent::GatheringChanged{gathering_});
  }
  const Pair* pair = best(view.current, view.previous);
  if (pair != nullptr && path_ != pair->path) {
    shared_.tracer.event(now, "usable", {{"path", pair->path}});
    shared_.emit(Agent::Usable{pair->path});
  }
  path_ = pair == nullptr ? std::nullopt : std::optional{pair->path};
  if (const Pair* selected = view.current.selected();
      selected != nullptr && selected_ != selected->path) {
    selected_ = selected->path;
    shared_.tracer.event(now, "selected",
                         {{"path", selected->path},
                          {"local_type", to_string(selected->local->candidate.type)},
                          {"remote_type", to_string(selected->remote->type)},
                          {"priority", selected->priority},
                          {"round_trip", selected->round_trip.value_or(core::Duration{})}});
    shared_.emit(Agent::Selected{selected->path, selected->local->candidate, *selected->remote});
  }
  set(judge(view, now), now);
}

Status::Verdict Status::judge(const View& view, core::Time now) {
  using enum ConnectionState;
  patience_ends_.reset();
  if (const Pair* pair = best(view.current, view.previous)) {
    worked_ = worked_ || view.current.best() != nullptr;
    if (!pair->alive()) return {disconnected, "the other side does not answer"};
    const Pair* selected = view.current.selected();
    const bool done = selected != nullptr && view.remote_ended &&
                      view.gathering == GatheringState::complete && !view.current.checking();
    return done ? Verdict{completed, "every pair was tried"} : Verdict{connected, "a pair works"};
  }
  if (worked_) {
    return view.current.checking() ? Verdict{disconnected, "no pair works any more"}
                                   : Verdict{failed, "no pair works any more"};
  }
  if (!view.current.remote_credentials() || view.current.remotes().empty()) {
    if (!started_) return {idle, "nothing to check yet"};
  }
  if (!started_) started_ = now;
  if (view.current.checking()) return {checking, "pairs are being checked"};
  const bool all_known = view.remote_ended && view.gathering == GatheringState::complete;
  const core::Time end = *started_ + (all_known ? patience : patience_without_end);
  if (end > now) {
    patience_ends_ = end;
    return {checking, "the other side's checks may still come"};
  }
  return {failed, "no pair answered"};
}

void Status::set(Verdict verdict, core::Time now) {
  if (verdict.state == state_) return;
  shared_.tracer.state(now, "ice_connection_state", to_string(state_), to_string(verdict.state),
                       verdict.reason);
  if (verdict.state == ConnectionState::failed) {
    shared_.tracer.failure(now, "ice", verdict.reason,
                           "restart ICE; where UDP is blocked or both sides are behind symmetric "
                           "NATs, configure a TURN server");
  }
  state_ = verdict.state;
  shared_.emit(Agent::ConnectionChanged{state_, verdict.reason});
}

void Status::restarted() {
  started_.reset();
  selected_.reset();
  worked_ = false;
}

void Status::close(core::Time now) { set({ConnectionState::closed, "closed"}, now); }

}  // namespace lucid::ice
