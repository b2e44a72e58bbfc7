// What comes of our own checks: RFC 8445 7.2.5.
#include <algorithm>

#include "ice/session.hpp"

namespace lucid::ice {
namespace {

using stun::ErrorCode;

using namespace std::chrono_literals;

constexpr std::size_t reflexive_limit = 64;
// By then an earlier nomination has arrived, or never will.
constexpr core::Duration confirmation = 2s;

// RFC 6298 2: the smoothed round trip moves by an eighth.
core::Duration smooth(const std::optional<core::Duration>& before, core::Duration sample) {
  return before ? *before + (sample - *before) / 8 : sample;
}

}  // namespace

bool Session::handle_response(const core::Path& path, const stun::Message& response,
                              core::Time now) {
  const auto it = std::ranges::find(checks_, response.transaction(), &Check::id);
  if (it == checks_.end()) return false;
  // RFC 8445 7.2.5.2.1: answers come from where the check went, to where it was sent from.
  if (it->path != path) {
    ++shared_.stats.dropped_wrong_source;
    return true;
  }
  const bool error = response.message_class() == stun::Class::error;
  const stun::Integrity integrity = check_integrity(response, *theirs_.key);
  // RFC 8489 9.1.4: what nobody signed is as if it had not come. Deviation: a 487 counts, as some
  // agents sign no errors, and two that stay in one role would never connect.
  const auto code = response.error();
  const bool conflict = error && code && code->code == ErrorCode::role_conflict;
  if (integrity == stun::Integrity::invalid ||
      (integrity == stun::Integrity::absent && !conflict)) {
    ++shared_.stats.dropped_bad_integrity;
    return true;
  }
  Pair* pair = checklist_.find(it->pair);
  const auto mapped = response.mapped_address();
  if (pair == nullptr || (!error && !mapped)) return true;
  ++shared_.stats.responses_received;
  if (!response.understood()) {
    // RFC 8489 6.3.3, 6.3.4: the transaction has failed.
    checks_.erase(it);
    if (!pair->valid()) fail(*pair, "the answer is not understood", now);
  } else if (error) {
    handle_error(*it, *pair, response, now);
  } else {
    const Check check = *it;
    checks_.erase(it);
    succeed(check, *pair, *mapped, now);
  }
  run(now);
  return true;
}

void Session::handle_error(Check& check, Pair& pair, const stun::Message& response,
                           core::Time now) {
  const auto error = response.error();
  if (!error) return;
  shared_.tracer.event(now, "check_refused",
                       {{"path", pair.path},
                        {"code", static_cast<std::uint64_t>(error->code)},
                        {"reason", error->reason}});
  if (error->code == ErrorCode::role_conflict) {
    // RFC 8445 7.2.5.1: switch, unless that has happened since; then the same check again.
    ++shared_.stats.role_conflicts;
    if (check.role == shared_.role) switch_role("the other side answered 487", now);
    check.retry.reset();
    if (!pair.valid()) send_check(pair, Nominate::no, now);
    return;
  }
  // The other side may not have its own description in place yet, or be overloaded: the check will
  // be repeated.
  if (error->code == ErrorCode::unauthenticated || error->code == ErrorCode::server_error) return;
  // RFC 8445 7.2.5.2.3
  if (!pair.valid()) fail(pair, "refused", now);
}

void Session::succeed(const Check& check, Pair& pair, const core::Address& mapped, core::Time now) {
  ++pair.counts.responses_received;
  // RFC 6298 3: an answer to a check that was repeated says nothing about the round trip.
  if (check.sends == 1) {
    const core::Duration sample = now - check.sent;
    pair.round_trip = smooth(pair.round_trip, sample);
    pair.counts.current_round_trip = sample;
    pair.counts.total_round_trip += sample;
  }
  const bool first = !pair.valid();
  pair.state = PairState::succeeded;
  pair.triggered = 0;
  pair.local = &local_seen_as(mapped, check, pair);
  if (!pair.consent) pair.consent.emplace(now);
  pair.consent->answered(now, shared_.context.random);
  // A check that is sent once, as those for consent are, measures it.
  if (!pair.round_trip) pair.consent->hurry(now);
  if (check.nominate && shared_.role == Role::controlling) {
    pair.nominated = true;
    pair.nomination = std::max<std::uint64_t>(pair.nomination, check.nomination);
    if (check.nomination > 1 && !check.confirm) confirm_at_ = now + confirmation;
  }
  if (check.confirm && !check.nominate && shared_.role == Role::controlling &&
      selected() == &pair) {
    if (Check* again = send_check(pair, Nominate::yes, now)) again->confirm = true;
  }
  if (std::exchange(pair.nominate_when_valid, false) && shared_.role == Role::controlled) {
    pair.nominated = true;
  }
  if (!first) return;
  // RFC 8445 7.2.5.3.3
  checklist_.unfreeze(pair);
  shared_.tracer.event(now, "pair_valid",
                       {{"path", pair.path},
                        {"mapped", mapped},
                        {"round_trip", pair.round_trip.value_or(core::Duration{})}});
}

// Of two nominations the earlier may have come later, or twice: the other side would stay with it
// for good. So the one that counts is said again, behind a check without it, which makes it a
// decision.
void Session::confirm(core::Time now) {
  if (!confirm_at_ || *confirm_at_ > now) return;
  confirm_at_.reset();
  Pair* pair = selected();
  if (!may_check() || shared_.role != Role::controlling || pair == nullptr || !pair->alive())
    return;
  if (Check* check = send_check(*pair, Nominate::no, now)) check->confirm = true;
}

// RFC 8445 7.2.5.3.1: the address that the other side saw tells which candidate of ours it was, and
// may bring one that nobody knew.
const Local& Session::local_seen_as(const core::Address& mapped, const Check& check,
                                    const Pair& pair) {
  if (pair.local->candidate.address == mapped || pair.path.transport != core::Transport::udp) {
    return *pair.local;
  }
  const auto matches = [&](const Local& local) {
    return local.candidate.address == mapped && local.base == pair.local->base;
  };
  for (const Local* local : ours_.candidates) {
    if (matches(*local)) return *local;
  }
  for (const Local& local : ours_.reflexive) {
    if (matches(local)) return local;
  }
  if (ours_.reflexive.size() >= reflexive_limit) return *pair.local;
  Local& found = ours_.reflexive.emplace_back(*pair.local);
  found.candidate.type = CandidateType::peer_reflexive;
  found.candidate.address = mapped;
  found.candidate.name.clear();
  found.candidate.priority = check.priority;
  found.candidate.related = pair.local->base;
  found.candidate.foundation = "prflx" + pair.local->candidate.foundation;
  return found;
}

}  // namespace lucid::ice
