// The server side of checks: RFC 8445 7.3.
#include <algorithm>
#include <array>

#include "ice/session.hpp"

namespace lucid::ice {
namespace {

using stun::AttributeType;
using stun::ErrorCode;

constexpr std::size_t early_limit = 16;

// A check that comes in makes us check back at once, but not for ever: two sides that hear each
// other's checks and never an answer would go round at the speed of the network.
constexpr int most_triggered = 4;

}  // namespace

void Session::handle_request(const core::Path& path, const stun::Message& request, core::Time now) {
  ++shared_.stats.checks_received;
  if (!speaks_on(path)) return;
  const stun::Integrity integrity = check_integrity(request, ours_.key);
  if (integrity != stun::Integrity::valid) {
    ++shared_.stats.dropped_bad_integrity;
    // RFC 8489 9.1.3: 400 without integrity, 401 with another; but strangers get only so many.
    if (!shared_.refusals.allow(now)) {
      ++shared_.stats.dropped_over_rate;
      return;
    }
    ++shared_.stats.refused_unauthenticated;
    const bool absent = integrity == stun::Integrity::absent;
    const ErrorCode code = absent ? ErrorCode::bad_request : ErrorCode::unauthenticated;
    shared_.send(path, build_refusal(shared_.context.pool, request, code, nullptr), now);
    return;
  }
  std::array<AttributeType, 16> room{};
  if (!unknown_in_check(request, room).empty()) {
    shared_.send(
        path,
        build_refusal(shared_.context.pool, request, ErrorCode::unknown_attribute, &ours_.key),
        now);
    return;
  }
  const auto priority = request.u32(AttributeType::priority);
  if (!priority) {
    // RFC 8445 7.1.1: a check always has a priority.
    shared_.send(path,
                 build_refusal(shared_.context.pool, request, ErrorCode::bad_request, &ours_.key),
                 now);
    return;
  }
  if (!resolve_conflict(path, request, now)) return;

  shared_.send(path, build_success(shared_.context.pool, request, path.remote, ours_.key), now);
  ++shared_.stats.responses_sent;
  const std::string_view username = *request.text(AttributeType::username);
  const auto nomination = request.u32(AttributeType::nomination);
  const bool nominate = request.has(AttributeType::use_candidate) || nomination.has_value();
  shared_.tracer.event(now, "check_received", {{"path", path}, {"use_candidate", nominate}});
  const Early check{path, *priority, nominate, nomination.value_or(0),
                    std::string{username.substr(username.find(':') + 1)}};
  if (theirs_.credentials) {
    if (check.ufrag == theirs_.credentials->ufrag) learn(check, now);
  } else if (theirs_.early.size() < early_limit) {
    theirs_.early.push_back(check);
  }
  run(now);
}

bool Session::speaks_on(const core::Path& path) const {
  return local_at(path) != nullptr || checklist_.find(path) != nullptr;
}

// RFC 8445 7.3.1.1: both sides believe that they have the same role. The larger tie-breaker has its
// way: it stays in control, or takes control. False when the check was answered with 487.
bool Session::resolve_conflict(const core::Path& path, const stun::Message& request,
                               core::Time now) {
  const bool controlling = shared_.role == Role::controlling;
  const auto theirs =
      request.u64(controlling ? AttributeType::ice_controlling : AttributeType::ice_controlled);
  if (!theirs) return true;
  ++shared_.stats.role_conflicts;
  // RFC 8445 6.1.1: beside a full agent, as only such a one sends checks, a lite agent is
  // controlled.
  const bool ours_is_larger = shared_.config.mode == Mode::full && shared_.tie_breaker >= *theirs;
  // Controlling with the larger one, or controlled with the smaller: the other side is to switch.
  if (controlling == ours_is_larger) {
    shared_.send(path,
                 build_refusal(shared_.context.pool, request, ErrorCode::role_conflict, &ours_.key),
                 now);
    return false;
  }
  switch_role("the other side's check claimed the same role", now);
  return true;
}

void Session::switch_role(std::string_view reason, core::Time now) {
  const Role before = shared_.role;
  shared_.role = before == Role::controlling ? Role::controlled : Role::controlling;
  shared_.tracer.state(now, "role", to_string(before), to_string(shared_.role), reason);
  shared_.emit(Agent::RoleChanged{shared_.role});
  checklist_.reprioritise(shared_.role);
  // Whoever nominates now has not nominated yet.
  for (const auto& pair : checklist_.pairs()) {
    pair->nominated = false;
    pair->nominate_when_valid = false;
    pair->nomination = 0;
  }
}

void Session::learn(const Early& check, core::Time now) {
  Pair* pair = checklist_.find(check.path);
  if (pair == nullptr) {
    const Local* local = local_at(check.path);
    const Candidate* remote = remote_at(check);
    if (local == nullptr || remote == nullptr) return;
    pair = add_pair(check.path, *local, *remote);
    if (pair == nullptr) return;
  }
  ++pair->counts.requests_received;
  ++pair->counts.responses_sent;
  if (shared_.config.mode == Mode::lite) {
    // RFC 8445 7.3.2: a lite agent takes the pair for valid because the other side's check came.
    pair->state = PairState::succeeded;
    if (!pair->consent) pair->consent.emplace(now);
    pair->consent->answered(now, shared_.context.random);
  }
  // RFC 8445 7.3.1.5: a nomination counts at once where the pair works, and otherwise when it does.
  if (check.nominate && shared_.role == Role::controlled) {
    // An agent of RFC 5245 may put USE-CANDIDATE into every check; then priorities decide. Where it
    // came after checks without it, or with a number, it is a decision, and the latest one counts.
    const bool decided = check.nomination == 0 && pair->asked_with == false;
    const std::uint32_t number = decided ? nomination_.next_number() : check.nomination;
    pair->nomination = std::max<std::uint64_t>(pair->nomination, number);
    if (pair->valid()) {
      pair->nominated = true;
    } else {
      pair->nominate_when_valid = true;
    }
  }
  pair->asked_with = check.nominate;
  if (may_check()) trigger(*pair, now);
}

// RFC 8445 7.3.1.3: a check from an unknown address brings a peer-reflexive candidate.
const Candidate* Session::remote_at(const Early& check) {
  for (const Candidate& remote : theirs_.candidates) {
    if (remote.address == check.path.remote && remote.transport == check.path.transport) {
      return &remote;
    }
  }
  if (theirs_.candidates.size() >= remote_limit) {
    ++shared_.stats.candidates_over_limit;
    return nullptr;
  }
  Candidate candidate;
  candidate.type = CandidateType::peer_reflexive;
  candidate.transport = check.path.transport;
  candidate.address = check.path.remote;
  candidate.priority = check.priority;
  candidate.foundation = shared_.context.random.text(8);
  candidate.ufrag = check.ufrag;
  if (candidate.transport == core::Transport::tcp) candidate.tcp_type = TcpType::active;
  return &theirs_.candidates.emplace_back(std::move(candidate));
}

const Local* Session::local_at(const core::Path& path) const {
  const auto it = std::ranges::find_if(ours_.candidates, [&](const Local* local) {
    return local->base == path.local && local->candidate.transport == path.transport;
  });
  return it == ours_.candidates.end() ? nullptr : *it;
}

// RFC 8445 7.3.1.4: a check back, which does not wait for its turn.
void Session::trigger(Pair& pair, core::Time now) {
  if (pair.valid()) {
    if (!pair.alive()) pair.consent->hurry(now);
    return;
  }
  if (pair.consent_lost) return;
  if (pair.state == PairState::in_progress && ++pair.triggered > most_triggered) return;
  send_check(pair, Nominate::no, now);
}

}  // namespace lucid::ice
