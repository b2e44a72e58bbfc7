#include "ice/agent.hpp"

#include <algorithm>
#include <utility>

#include "ice/gatherer.hpp"
#include "ice/remote_candidates.hpp"
#include "ice/session.hpp"
#include "ice/shared.hpp"
#include "ice/status.hpp"
#include "stun/integrity.hpp"

namespace lucid::ice {
namespace {

using namespace std::chrono_literals;

// RFC 8445 5.3 wants 24 and 128 bits of randomness; each character has six.
constexpr std::size_t ufrag_length = 8;
constexpr std::size_t password_length = 24;

// How long the generation before a restart is answered and heard once the new one is selected: a
// browser may go on sending there for seconds.
constexpr core::Duration linger = 30s;

Credentials make_credentials(core::Random& random) {
  return {random.text(ufrag_length), random.text(password_length)};
}

}  // namespace

Agent::Agent(Config config, core::Context context)
    : shared_{std::make_unique<Shared>(std::move(config), context)},
      gatherer_{std::make_unique<Gatherer>(*shared_)},
      remote_{std::make_unique<RemoteCandidates>(*shared_)},
      status_{std::make_unique<Status>(*shared_)},
      session_{std::make_unique<Session>(shared_->config.credentials
                                             ? *shared_->config.credentials
                                             : make_credentials(context.random),
                                         *shared_)} {}

Agent::~Agent() = default;

const Credentials& Agent::local_credentials() const { return session_->local_credentials(); }

Role Agent::role() const { return shared_->role; }

void Agent::set_role(Role role, core::Time now) {
  if (closed() || shared_->role == role) return;
  shared_->tracer.state(now, "role", to_string(shared_->role), to_string(role),
                        "told by the owner");
  shared_->role = role;
  session_->role_changed(now);
  update(now);
}

void Agent::set_remote_mode(Mode mode, core::Time now) {
  if (mode == Mode::lite && shared_->config.mode == Mode::full) set_role(Role::controlling, now);
}

void Agent::gather(core::Time now) {
  if (closed()) return;
  gatherer_->gather(now);
  update(now);
}

void Agent::set_servers(std::vector<Server> servers, TransportPolicy policy, core::Time now) {
  if (!closed()) gatherer_->set_servers(std::move(servers), policy, now);
}

void Agent::interfaces(std::span<const core::Interface> list, core::Time now) {
  if (closed()) return;
  gatherer_->interfaces(list, now);
  update(now);
}

void Agent::set_remote_credentials(Credentials credentials, core::Time now) {
  if (closed()) return;
  session_->set_remote_credentials(std::move(credentials), now);
  remote_->credentials_known(*session_, now);
  update(now);
}

void Agent::add_remote_candidate(Candidate candidate, core::Time now) {
  if (closed()) return;
  remote_->add(std::move(candidate), *session_, now);
  update(now);
}

void Agent::end_of_remote_candidates(core::Time now) {
  if (closed()) return;
  session_->end_remotes();
  update(now);
}

void Agent::restart(core::Time now) {
  if (!closed()) restart(make_credentials(shared_->context.random), now);
}

void Agent::restart(const Credentials& credentials, core::Time now) {
  if (closed()) return;
  // Of several restarts in a row, the last generation that works is the one to keep.
  if (session_->best() != nullptr || !previous_) {
    if (previous_) previous_->close();
    previous_ = std::move(session_);
  } else {
    session_->close();
  }
  previous_ends_.reset();
  session_ = std::make_unique<Session>(credentials, *shared_);
  status_->restarted();
  gatherer_->restart(now);
  shared_->tracer.event(now, "restarted");
  update(now);
}

void Agent::cancel_restart(core::Time now) {
  if (closed() || !previous_ || previous_ends_) return;
  session_->close();
  session_ = std::move(previous_);
  shared_->tracer.event(now, "restart_cancelled");
  update(now);
}

void Agent::close(core::Time now) {
  if (closed()) return;
  status_->close(now);
  session_->close();
  if (previous_) previous_->close();
  previous_.reset();
  shared_->transmits.clear();
  gatherer_->close(now);  // with a last word to TURN servers
}

// New candidates of ours go to the session and, by the owner, to the other side.
void Agent::announce(core::Time now) {
  while (const Local* local = session_->next_unknown(gatherer_->locals())) {
    if (!gatherer_->usable(*local)) continue;
    Candidate candidate = local->candidate;
    candidate.ufrag = session_->local_credentials().ufrag;
    shared_->emit(LocalCandidate{std::move(candidate)});
    session_->add_local(*local, now);
  }
}

void Agent::update(core::Time now) {
  if (closed()) return;
  gatherer_->settle(now);
  for (const core::Address& base : gatherer_->take_gone()) {
    session_->remove_base(base, now);
    if (previous_) previous_->remove_base(base, now);
  }
  for (const auto& [path, error] : gatherer_->relays().take_errors()) {
    session_->path_error(path, error, now);
    if (previous_) previous_->path_error(path, error, now);
  }
  announce(now);
  const Pair* selected = session_->selected();
  if (previous_ && !previous_ends_ && selected != nullptr && selected->alive()) {
    previous_ends_ = now + linger;
    previous_->retire();
  }
  if (previous_ends_ && *previous_ends_ <= now) {
    previous_->close();
    previous_.reset();
    previous_ends_.reset();
  }
  if (Relays& relays = gatherer_->relays(); relays.any_outdated()) {
    std::vector<core::Address> in_use = session_->bases();
    if (previous_) std::ranges::copy(previous_->bases(), std::back_inserter(in_use));
    relays.drop_outdated(in_use, now);
  }
  const bool ended = session_->remotes_ended() && !remote_->resolving();
  gatherer_->keep_alive((selected == nullptr || !selected->alive()) &&
                        connection_state() != ConnectionState::failed);
  status_->update({*session_, previous_.get(), gatherer_->state(), ended}, now);
}

void Agent::send(core::Datagram out, core::Time now) {
  if (closed()) return;
  Pair* pair = session_->checklist().find(out.path);
  if (pair == nullptr && previous_) pair = previous_->checklist().find(out.path);
  if (pair != nullptr) {
    ++pair->counts.packets_sent;
    pair->counts.bytes_sent += out.bytes.size();
    pair->counts.last_sent = now;
  }
  shared_->send(std::move(out), Carries::data, now);
}

void Agent::received(const core::Path& path, std::size_t bytes, core::Time now) {
  Pair* pair = session_->checklist().find(path);
  if (pair == nullptr && previous_) pair = previous_->checklist().find(path);
  if (pair == nullptr) return;
  ++pair->counts.packets_received;
  pair->counts.bytes_received += bytes;
  pair->counts.last_received = now;
}

void Agent::handle_datagram(core::Datagram in, core::Time now) {
  if (closed()) return;
  if (!gatherer_->relays().handle_datagram(in, now)) handle_stun(in, now);
  for (core::Datagram& relayed : gatherer_->relays().take_received()) {
    // RFC 7983 7: STUN is ours, through a relay as without one.
    if (relayed.bytes.data()[0] <= 3) {
      handle_stun(relayed, now);
    } else {
      shared_->emit(Received{std::move(relayed)});
    }
  }
  update(now);
}

void Agent::handle_stun(core::Datagram& in, core::Time now) {
  const auto message = stun::Message::parse(in.bytes);
  if (!message || message->method() != stun::Method::binding) {
    ++shared_->stats.dropped_not_stun;
    return;
  }
  if (check_fingerprint(*message) == stun::Integrity::invalid) {
    ++shared_->stats.dropped_bad_fingerprint;
    return;
  }
  switch (message->message_class()) {
    case stun::Class::request:
      handle_request(in, *message, now);
      break;
    case stun::Class::indication:
      break;  // RFC 8445 11: a keepalive
    case stun::Class::success:
    case stun::Class::error:
      if (gatherer_->handle_response(in.path, *message, now)) break;
      if (session_->handle_response(in.path, *message, now)) break;
      if (previous_ && previous_->handle_response(in.path, *message, now)) break;
      ++shared_->stats.dropped_unknown_transaction;
      break;
  }
}

// RFC 8445 7.3: USERNAME's first half is a fragment of ours, and tells the generation.
void Agent::handle_request(core::Datagram& in, const stun::Message& request, core::Time now) {
  const auto username = request.text(stun::AttributeType::username);
  const std::string_view ufrag = username ? username->substr(0, username->find(':')) : "";
  for (Session* session : {session_.get(), previous_.get()}) {
    if (session == nullptr || ufrag != session->local_credentials().ufrag) continue;
    session->handle_request(in.path, request, now);
    return;
  }
  ++shared_->stats.checks_received;
  const auto speaks = [&](const auto& session) { return session && session->speaks_on(in.path); };
  if (!speaks(session_) && !speaks(previous_)) return;
  // RFC 8489 9.1.3: 400 without credentials, 401 with wrong ones; to strangers only so many.
  if (!shared_->refusals.allow(now)) {
    ++shared_->stats.dropped_over_rate;
    return;
  }
  ++shared_->stats.refused_unauthenticated;
  const auto code = username ? stun::ErrorCode::unauthenticated : stun::ErrorCode::bad_request;
  shared_->send(in.path, build_refusal(shared_->context.pool, request, code, nullptr), now);
}

void Agent::handle_timeout(core::Time now) {
  if (closed()) return;
  gatherer_->handle_timeout(now);
  session_->handle_timeout(now);
  if (previous_) previous_->handle_timeout(now);
  update(now);
}

std::optional<core::Time> Agent::next_timeout() const {
  if (closed()) return std::nullopt;
  std::optional<core::Time> next =
      core::earliest(gatherer_->next_timeout(), status_->next_timeout());
  next = core::earliest(next, session_->next_timeout());
  if (previous_) {
    next = core::earliest(next, core::earliest(previous_->next_timeout(), previous_ends_));
  }
  return next;
}

std::optional<core::Datagram> Agent::poll_transmit() {
  if (shared_->transmits.empty()) return std::nullopt;
  core::Datagram out = std::move(shared_->transmits.front());
  shared_->transmits.pop_front();
  return out;
}

std::optional<Agent::Event> Agent::poll_event() {
  if (shared_->events.empty()) return std::nullopt;
  Event event = std::move(shared_->events.front());
  shared_->events.pop_front();
  return event;
}

}  // namespace lucid::ice
