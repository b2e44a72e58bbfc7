#include "ice/server_queries.hpp"

#include <algorithm>

#include "stun/builder.hpp"

namespace lucid::ice {
namespace {

using namespace std::chrono_literals;

// Deviation from RFC 8445 14.3: sooner and less long than RFC 8489's 39.5 s; gathering is complete
// only when every query has ended. 0, 0.25, 0.75, 1.75, 3.75 s, given up after 5.75.
constexpr stun::Transaction::Schedule schedule{.rto = 250ms, .requests = 5, .last_wait = 8};
// A NAT may be restarted now and then; a server that tells something new each time is broken.
constexpr int most_moves = 4;
constexpr core::Duration keepalive = 15s;  // RFC 8445 11: Tr is no less than 15 s.

}  // namespace

void ServerQueries::start(core::Time now) {
  servers_.start();
  run(now);
}

void ServerQueries::restart() {
  queries_.clear();
  kept_.clear();
  servers_.restart();
}

void ServerQueries::add_base(const core::Address& base, core::Time now) {
  if (std::ranges::find(bases_, base) != bases_.end()) return;
  bases_.push_back(base);
  for (const ServerAddresses::Entry& entry : servers_.entries()) ask(base, entry, now);
  run(now);
}

void ServerQueries::remove_base(const core::Address& base) {
  std::erase(bases_, base);
  const auto from_there = [&](const auto& each) { return each.path.local == base; };
  std::erase_if(queries_, from_there);
  std::erase_if(kept_, from_there);
}

void ServerQueries::resolved(core::ResolveId id, std::span<const core::Ip> addresses,
                             core::Time now) {
  const ServerAddresses::Entry* entry = servers_.resolved(id, addresses);
  if (entry == nullptr) return;
  for (const core::Address& base : bases_) ask(base, *entry, now);
  run(now);
}

void ServerQueries::ask(const core::Address& base, const ServerAddresses::Entry& entry,
                        core::Time now) {
  core::Time start = now;
  for (const core::Address& address : entry.addresses) {
    if (!ServerAddresses::reachable(base.ip, address.ip)) continue;
    queries_.push_back({{core::Transport::udp, base, address}, entry.server, start});
    start += ServerAddresses::attempt_delay;
  }
}

// RFC 8445 14.2: queries and checks share one pace.
void ServerQueries::run(core::Time now) {
  for (Query& query : queries_) {
    if (query.transaction || query.start > now) continue;
    if (!shared_.pacer.ready(now)) return;
    shared_.pacer.sent(now);
    query.transaction.emplace(build(stun::random_transaction(shared_.context.random)),
                              stun::Transaction::Reliability::datagram, schedule, now);
    shared_.send(query.path, shared_.context.pool.copy(query.transaction->request()), now);
    shared_.tracer.event(now, "server_asked", {{"path", query.path}});
  }
}

core::Buffer ServerQueries::build(const stun::TransactionId& id) const {
  return stun::Builder{shared_.context.pool, stun::Class::request, stun::Method::binding, id}
      .finish();
}

bool ServerQueries::handle_response(const core::Path& path, const stun::Message& response,
                                    core::Time now) {
  // RFC 8489 6.3.3: what is not understood is no answer.
  const bool success = response.message_class() == stun::Class::success && response.understood();
  const auto mapped = success ? response.mapped_address() : std::nullopt;
  const auto kept = std::ranges::find(kept_, std::optional{response.transaction()}, &Kept::id);
  if (kept != kept_.end()) {
    // Seen under another address now: a candidate more.
    const bool moved = kept->path == path && mapped && *mapped != kept->mapped;
    if (moved && kept->moves++ < most_moves) {
      kept->mapped = *mapped;
      answers_.push_back({path.local, *mapped, kept->server});
    }
    return true;
  }
  const auto query = std::ranges::find_if(queries_, [&](const Query& each) {
    return each.transaction && each.transaction->answered_by(response);
  });
  if (query == queries_.end()) return false;
  if (query->path != path) {
    ++shared_.stats.dropped_wrong_source;
  } else if (mapped) {
    succeed(query->path, query->server, *mapped, now);
  } else {
    const auto error = response.error();
    fail(query, error ? static_cast<std::uint16_t>(error->code) : unreachable_code,
         error ? error->reason : "the answer holds no address", now);
  }
  run(now);
  return true;
}

void ServerQueries::succeed(core::Path path, Server server, const core::Address& mapped,
                            core::Time now) {
  std::erase_if(queries_, [&](const Query& other) { return other.asks(server, path.local); });
  answers_.push_back({path.local, mapped, server});
  kept_.push_back({path, std::move(server), mapped, now + keepalive});
}

// What has failed is told when no other address of the name is left.
ServerQueries::Queries::iterator ServerQueries::fail(Queries::iterator query, std::uint16_t code,
                                                     std::string_view text, core::Time now) {
  const Query failed = std::move(*query);
  const auto following = queries_.erase(query);
  bool others = false;
  for (Query& other : queries_) {
    if (!other.asks(failed.server, failed.path.local)) continue;
    others = true;
    if (other.transaction) continue;
    other.start = now;
    break;
  }
  if (!others) {
    shared_.emit(
        Agent::ServerFailed{failed.server.url, failed.path.local, code, std::string{text}});
  }
  return following;
}

void ServerQueries::path_error(const core::Path& path, core::PathError error, core::Time now) {
  const auto query = std::ranges::find(queries_, path, &Query::path);
  if (query == queries_.end() || error == core::PathError::too_big) return;
  fail(query, unreachable_code, to_string(error), now);
  run(now);
}

void ServerQueries::handle_timeout(core::Time now) {
  for (auto query = queries_.begin(); query != queries_.end();) {
    const auto next = query->transaction ? query->transaction->handle_timeout(now)
                                         : stun::Transaction::Next::wait;
    if (next == stun::Transaction::Next::give_up) {
      query = fail(query, unreachable_code, "the server does not answer", now);
      continue;
    }
    if (next == stun::Transaction::Next::send) {
      shared_.send(query->path, shared_.context.pool.copy(query->transaction->request()), now);
    }
    ++query;
  }
  for (Kept& kept : kept_) {
    if (!keeping_ || kept.due > now) continue;
    kept.due = now + keepalive;
    kept.id = stun::random_transaction(shared_.context.random);
    shared_.send(kept.path, build(*kept.id), now);
  }
  run(now);
}

std::optional<core::Time> ServerQueries::next_timeout() const {
  std::optional<core::Time> next;
  for (const Query& query : queries_) {
    next = core::earliest(next, query.transaction ? query.transaction->next_timeout()
                                                  : std::max(query.start, shared_.pacer.next()));
  }
  for (const Kept& kept : kept_) {
    if (keeping_) next = core::earliest(next, kept.due);
  }
  return next;
}

bool ServerQueries::busy() const { return !queries_.empty() || servers_.busy(); }

}  // namespace lucid::ice
