#include "ice/session.hpp"

#include <algorithm>

namespace lucid::ice {
namespace {

using namespace std::chrono_literals;

// Deviation from RFC 8445 14.3: the first repetition comes after 250 ms, not 500, and later only
// when so many pairs are tried that their pace asks for it.
constexpr core::Duration least_timeout = 250ms;
constexpr core::Duration most_timeout = 4s;
constexpr int most_sends = 8;
// How long the answer to a check that is no longer repeated is waited for.
constexpr core::Duration late_answer = 5s;

// How long a TCP connection may take to open; the host's own limit is minutes.
constexpr core::Duration open_timeout = 15s;

// What may be one host's own; a check to any other address would reach many, or us.
bool is_host_address(const core::Address& address) {
  constexpr core::Ip broadcast = core::Ip::v4(0xFFFFFFFF);
  return address.port != 0 && address.port != discard_port && !address.ip.is_any() &&
         !address.ip.is_multicast() && address.ip != broadcast;
}

}  // namespace

Session::Session(const Credentials& local, Shared& shared)
    : shared_{shared},
      ours_{local, stun::Key::short_term(local.password)},
      nomination_{shared.config} {}

void Session::add_local(const Local& local, core::Time now) {
  ours_.candidates.push_back(&local);
  for (const Candidate& remote : theirs_.candidates) form(local, remote, now);
  run(now);
}

std::vector<core::Address> Session::bases() const {
  std::vector<core::Address> all;
  all.reserve(ours_.candidates.size());
  for (const Local* local : ours_.candidates) all.push_back(local->base);
  return all;
}

void Session::remove_base(const core::Address& base, core::Time now) {
  std::erase_if(ours_.candidates, [&](const Local* local) { return local->base == base; });
  for (const auto& pair : checklist_.pairs()) {
    if (pair->local->base == base) fail(*pair, "the interface has gone", now);
  }
  run(now);
}

void Session::set_remote_credentials(Credentials credentials, core::Time now) {
  if (theirs_.credentials == credentials) return;
  if (theirs_.credentials) {
    // Another answer to the same offer: its candidates are other ones too.
    for (const auto& pair : checklist_.pairs()) close_stream(*pair);
    checks_.clear();
    checklist_.clear();
    theirs_.candidates.clear();
    theirs_.ended = false;
  }
  theirs_.key = stun::Key::short_term(credentials.password);
  theirs_.credentials = std::move(credentials);
  // RFC 8445 7.3: checks may arrive before the other side's description, and are not forgotten.
  for (const Early& check : std::exchange(theirs_.early, {})) {
    if (check.ufrag == theirs_.credentials->ufrag) learn(check, now);
  }
  run(now);
}

void Session::add_remote(Candidate candidate, core::Time now) {
  const auto known = std::ranges::find_if(theirs_.candidates, [&](const Candidate& remote) {
    return remote.address == candidate.address && remote.transport == candidate.transport;
  });
  if (known != theirs_.candidates.end()) {
    // RFC 8838 11.4: what was found by a check is the same candidate, and has its priority now.
    if (known->type == CandidateType::peer_reflexive) {
      *known = std::move(candidate);
      checklist_.reprioritise(shared_.role);
    }
    return;
  }
  if (theirs_.candidates.size() >= remote_limit) {
    ++shared_.stats.candidates_over_limit;
    return;
  }
  const Candidate& remote = theirs_.candidates.emplace_back(std::move(candidate));
  for (const Local* local : ours_.candidates) form(*local, remote, now);
  run(now);
}

// RFC 8445 6.1.2.2, RFC 6544 6.2: which candidates go together.
void Session::form(const Local& local, const Candidate& remote, core::Time now) {
  if (local.candidate.transport != remote.transport) return;
  if (local.base.family() != remote.address.family()) return;
  if (local.base.family() == core::Family::v6 &&
      local.base.ip.is_link_local() != remote.address.ip.is_link_local()) {
    return;
  }
  if (remote.transport == core::Transport::tcp &&
      (local.candidate.tcp_type != TcpType::active || remote.tcp_type != TcpType::passive)) {
    return;
  }
  if (!is_host_address(remote.address)) return;
  const core::Path path{remote.transport, local.base, remote.address};
  // RFC 8445 6.1.2.4: redundant with a pair of the same base.
  if (checklist_.find(path) != nullptr) return;
  const Pair* pair = add_pair(path, local, remote);
  if (pair == nullptr) return;
  shared_.tracer.event(now, "pair_formed",
                       {{"path", path},
                        {"local_type", to_string(local.candidate.type)},
                        {"remote_type", to_string(remote.type)},
                        {"priority", pair->priority}});
}

Pair* Session::add_pair(const core::Path& path, const Local& local, const Candidate& remote) {
  const Checklist::Added added = checklist_.add(path, local, remote, shared_.role);
  if (added.evicted) {
    ++shared_.stats.pairs_evicted;
    close_stream(*added.evicted);
  }
  return added.pair;
}

void Session::role_changed(core::Time now) {
  checklist_.reprioritise(shared_.role);
  run(now);
}

bool Session::may_check() const {
  // RFC 8445 6.1: a lite agent sends no checks.
  return theirs_.key && !retired_ && shared_.config.mode == Mode::full;
}

// Once a pair is selected, only those that would be better are worth checking (RFC 8445 8.1.2).
std::uint64_t Session::floor() const {
  const Pair* current = selected();
  return current != nullptr && current->alive() ? current->priority + 1 : 0;
}

void Session::run(core::Time now) {
  if (!may_check()) return;
  const Pair* active = best();
  for (const auto& pair : checklist_.pairs()) {
    if (!pair->consent) continue;
    pair->consent->set_use(pair.get() == active ? Consent::Use::active : Consent::Use::reserve, now,
                           shared_.context.random);
  }
  if (shared_.role == Role::controlling) {
    if (Pair* pair = nomination_.due(checklist_, now); pair != nullptr && !nominating(*pair)) {
      send_check(*pair, Nominate::yes, now);
    }
  }
  while (shared_.pacer.ready(now)) {
    Pair* pair = checklist_.next(floor());
    if (pair == nullptr) break;
    send_check(*pair, Nominate::no, now);
    shared_.pacer.sent(now);
  }
}

bool Session::nominating(const Pair& pair) const {
  return std::ranges::any_of(checks_, [&](const Check& check) {
    return check.pair == pair.id && check.nominate && check.retry;
  });
}

// Null when a connection has to be opened first.
Check* Session::send_check(Pair& pair, Nominate nominate, core::Time now) {
  if (!pair.valid()) pair.state = PairState::in_progress;
  if (!pair.checked_at) pair.checked_at = now;
  if (pair.path.transport == core::Transport::tcp && pair.path.local.port == 0) {
    if (pair.stream) return nullptr;
    pair.stream = core::StreamId{shared_.next_id++};
    pair.open_until = now + open_timeout;
    shared_.emit(core::Effect{core::OpenStream{*pair.stream,
                                               core::Transport::tcp,
                                               core::Framing::rfc4571,
                                               pair.path.local,
                                               pair.path.remote,
                                               {}}});
    return nullptr;
  }
  // RFC 8445 7.3.1.4: a cancelled check is not repeated, but its answer counts. So with a
  // nomination that another one follows.
  for (Check& check : checks_) {
    const bool overtaken = nominate == Nominate::yes && check.nominate;
    if ((check.pair != pair.id && !overtaken) || !check.retry) continue;
    check.retry.reset();
    check.expires = now + late_answer;
  }
  Check& check = new_check(pair);
  check.nominate = nominate == Nominate::yes;
  if (check.nominate) check.nomination = nomination_.next_number();
  check.timeout = first_timeout();
  transmit(check, pair, now);
  return &check;
}

Check& Session::new_check(const Pair& pair) {
  Check& check = checks_.emplace_back();
  check.id = stun::random_transaction(shared_.context.random);
  check.pair = pair.id;
  check.path = pair.path;
  // RFC 8445 7.1.1
  check.priority =
      candidate_priority(type_preference(CandidateType::peer_reflexive, pair.path.transport),
                         pair.local->local_preference);
  check.role = shared_.role;
  return check;
}

core::Duration Session::first_timeout() const {
  const auto open = static_cast<core::Duration::rep>(checklist_.open(floor()));
  return std::clamp(shared_.pacer.interval() * open, least_timeout, most_timeout);
}

void Session::transmit(Check& check, Pair& pair, core::Time now) {
  ++check.sends;
  check.sent = now;
  if (check.consent) {
    check.expires = now + late_answer;
  } else {
    check.retry = now + check.timeout;
    check.expires = *check.retry + late_answer;
  }
  // RFC 8445 7.2.2: the other side's fragment first.
  const std::string username = theirs_.credentials->ufrag + ":" + ours_.credentials.ufrag;
  shared_.send(check.path,
               build_check(shared_.context.pool, check, username, *theirs_.key,
                           {shared_.tie_breaker, shared_.config.renomination}),
               now);
  ++shared_.stats.checks_sent;
  ++(check.consent ? pair.counts.consent_requests_sent : pair.counts.requests_sent);
  if (!shared_.tracer.listening()) return;
  shared_.tracer.event(now, check.consent ? "consent_check_sent" : "check_sent",
                       {{"path", check.path},
                        {"attempt", static_cast<std::int64_t>(check.sends)},
                        {"use_candidate", check.nominate}});
}

void Session::send_consent(Pair& pair, core::Time now) {
  const bool responsive = pair.consent->responsive();
  pair.consent->sent(now);
  // RFC 7675 5.1: each check is a transaction of its own, sent once.
  Check& check = new_check(pair);
  check.consent = true;
  transmit(check, pair, now);
  if (!responsive || pair.consent->responsive()) return;
  shared_.tracer.event(now, "pair_unresponsive", {{"path", pair.path}});
  // The pair has stopped answering: whatever else there is, is tried again.
  for (const auto& other : checklist_.pairs()) {
    if (other->state == PairState::failed && !other->consent_lost) {
      other->state = PairState::waiting;
    }
    if (other->consent && other.get() != &pair) other->consent->hurry(now);
  }
}

void Session::fail(Pair& pair, std::string_view reason, core::Time now) {
  if (pair.state == PairState::failed) return;
  pair.state = PairState::failed;
  pair.failed_at = now;
  pair.consent.reset();
  pair.nominated = false;
  pair.triggered = 0;
  close_stream(pair);
  for (Check& check : checks_) {
    if (check.pair == pair.id) check.retry.reset();
  }
  shared_.tracer.event(now, "pair_failed", {{"path", pair.path}, {"reason", reason}});
}

void Session::close_stream(Pair& pair) {
  pair.open_until.reset();
  if (!pair.stream) return;
  shared_.emit(core::Effect{core::CloseStream{*std::exchange(pair.stream, std::nullopt)}});
  pair.path.local.port = 0;
}

void Session::close() {
  retired_ = true;
  for (const auto& pair : checklist_.pairs()) close_stream(*pair);
}

void Session::handle_timeout(core::Time now) {
  for (const auto& pair : checklist_.pairs()) {
    if (pair->open_until && *pair->open_until <= now) fail(*pair, "connection timed out", now);
  }
  time_out_checks(now);
  time_out_consent(now);
  confirm(now);
  run(now);
}

void Session::time_out_checks(core::Time now) {
  for (Check& check : checks_) {
    if (!check.retry || *check.retry > now) continue;
    check.retry.reset();
    Pair* pair = checklist_.find(check.pair);
    if (pair == nullptr || retired_) continue;
    // RFC 8445 8.1.2: what can no longer win is not repeated; it is there if the selected pair
    // breaks.
    if (!pair->valid() && pair->priority < floor()) {
      pair->state = PairState::frozen;
      continue;
    }
    if (check.sends < most_sends) {
      check.timeout = std::min(2 * check.timeout, most_timeout);
      transmit(check, *pair, now);
    } else if (!pair->valid()) {
      fail(*pair, "no answer", now);
    }
  }
  std::erase_if(checks_, [&](const Check& check) { return !check.retry && check.expires <= now; });
}

void Session::time_out_consent(core::Time now) {
  for (const auto& pair : checklist_.pairs()) {
    if (!pair->consent) continue;
    if (pair->consent->expired(now)) {
      // RFC 7675 5.1: without consent nothing more is sent there under the same credentials.
      pair->consent_lost = true;
      fail(*pair, "consent expired", now);
    } else if (pair->consent->due(now) && may_check()) {
      send_consent(*pair, now);
    }
  }
}

std::optional<core::Time> Session::next_timeout() const {
  std::optional<core::Time> next;
  for (const Check& check : checks_) {
    next = core::earliest(next, check.retry ? *check.retry : check.expires);
  }
  for (const auto& pair : checklist_.pairs()) {
    if (pair->consent) next = core::earliest(next, pair->consent->next_timeout(may_check()));
    next = core::earliest(next, pair->open_until);
  }
  if (!may_check()) return next;
  if (shared_.role == Role::controlling) next = core::earliest(next, nomination_.next_timeout());
  next = core::earliest(next, confirm_at_);
  if (checklist_.next(floor()) != nullptr) next = core::earliest(next, shared_.pacer.next());
  return next;
}

void Session::opened(core::StreamId stream, const core::Path& path, core::Time now) {
  Pair* pair = checklist_.find(stream);
  if (pair == nullptr) return;
  pair->path = path;
  pair->open_until.reset();
  send_check(*pair, Nominate::no, now);
  run(now);
}

bool Session::closed(core::StreamId stream, core::PathError error, core::Time now) {
  Pair* pair = checklist_.find(stream);
  if (pair == nullptr) return false;
  pair->stream.reset();
  pair->path.local.port = 0;
  fail(*pair, to_string(error), now);
  run(now);
  return true;
}

void Session::path_error(const core::Path& path, core::PathError error, core::Time now) {
  Pair* pair = checklist_.find(path);
  // A pair that works loses packets now and then; consent tells when it is lost.
  if (pair == nullptr || pair->valid() || error == core::PathError::too_big) return;
  // RFC 8445 7.2.5.2.2: ICMP errors are failures. But a port may open later, as the other side
  // starts; so only what cannot be repaired ends the pair at once.
  if (error == core::PathError::refused) return;
  fail(*pair, to_string(error), now);
  run(now);
}

Pair* Session::best() const { return nomination_.best(checklist_); }

}  // namespace lucid::ice
