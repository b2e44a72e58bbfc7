#include "ice/server_queries.hpp"

#include <algorithm>

#include "stun/builder.hpp"

namespace lucid::ice {
namespace {

using namespace std::chrono_literals;

// Deviation from RFC 8445 14.3: sooner and less long than RFC 8489's 39.5 s; gathering is complete
// only when every query has ended. 0, 0.25, 0.75, 1.75, 3.75 s, given up after 5.75.
constexpr stun::Transaction::Schedule schedule{.rto = 250ms, .requests = 5, .last_wait = 8};

}  // namespace

void ServerQueries::start(core::Time now) {
  servers_.start();
  run(now);
}

void ServerQueries::restart() {
  queries_.clear();
  servers_.restart();
}

void ServerQueries::add_base(const core::Address& base, core::Time now) {
  if (std::ranges::find(bases_, base) != bases_.end()) return;
  bases_.push_back(base);
  for (const ServerAddresses::Entry& entry : servers_.entries()) ask(base, entry);
  run(now);
}

void ServerQueries::remove_base(const core::Address& base) {
  std::erase(bases_, base);
  std::erase_if(queries_, [&](const Query& query) { return query.path.local == base; });
}

void ServerQueries::resolved(core::ResolveId id, std::span<const core::Ip> addresses,
                             core::Time now) {
  const ServerAddresses::Entry* entry = servers_.resolved(id, addresses);
  if (entry == nullptr) return;
  for (const core::Address& base : bases_) ask(base, *entry);
  run(now);
}

void ServerQueries::ask(const core::Address& base, const ServerAddresses::Entry& entry) {
  for (const core::Address& address : entry.addresses) {
    if (!ServerAddresses::reachable(base.ip, address.ip)) continue;
    queries_.push_back({{core::Transport::udp, base, address}, entry.server, std::nullopt});
  }
}

// RFC 8445 14.2: queries and checks share one pace.
void ServerQueries::run(core::Time now) {
  for (Query& query : queries_) {
    if (query.transaction) continue;
    if (!shared_.pacer.ready(now)) return;
    shared_.pacer.sent(now);
    stun::Builder request{shared_.context.pool, stun::Class::request, stun::Method::binding,
                          stun::random_transaction(shared_.context.random)};
    query.transaction.emplace(std::move(request).finish(), stun::Transaction::Reliability::datagram,
                              schedule, now);
    shared_.send(query.path, shared_.context.pool.copy(query.transaction->request()), now);
    shared_.tracer.event(now, "server_asked", {{"path", query.path}});
  }
}

bool ServerQueries::handle_response(const core::Path& path, const stun::Message& response,
                                    core::Time now) {
  const auto query = std::ranges::find_if(queries_, [&](const Query& each) {
    return each.transaction && each.transaction->answered_by(response);
  });
  if (query == queries_.end()) return false;
  if (query->path != path) {
    ++shared_.stats.dropped_wrong_source;
    return true;
  }
  if (const auto mapped = response.mapped_address();
      mapped && response.message_class() == stun::Class::success) {
    answers_.push_back({path.local, *mapped, query->server});
  } else {
    const auto error = response.error();
    fail(*query, error ? static_cast<std::uint16_t>(error->code) : unreachable_code,
         error ? error->reason : "the answer holds no address");
  }
  queries_.erase(query);
  run(now);
  return true;
}

void ServerQueries::path_error(const core::Path& path, core::PathError error, core::Time now) {
  const auto query = std::ranges::find(queries_, path, &Query::path);
  if (query == queries_.end() || error == core::PathError::too_big) return;
  fail(*query, unreachable_code, to_string(error));
  queries_.erase(query);
  run(now);
}

void ServerQueries::handle_timeout(core::Time now) {
  std::erase_if(queries_, [&](Query& query) {
    if (!query.transaction) return false;
    switch (query.transaction->handle_timeout(now)) {
      case stun::Transaction::Next::wait:
        return false;
      case stun::Transaction::Next::send:
        shared_.send(query.path, shared_.context.pool.copy(query.transaction->request()), now);
        return false;
      case stun::Transaction::Next::give_up:
        fail(query, unreachable_code, "the server does not answer");
        return true;
    }
    return false;
  });
  run(now);
}

void ServerQueries::fail(const Query& query, std::uint16_t code, std::string_view text) {
  shared_.emit(Agent::ServerFailed{query.server.url, query.path.local, code, std::string{text}});
}

std::optional<core::Time> ServerQueries::next_timeout() const {
  std::optional<core::Time> next;
  for (const Query& query : queries_) {
    next = core::earliest(
        next, query.transaction ? query.transaction->next_timeout() : shared_.pacer.next());
  }
  return next;
}

bool ServerQueries::busy() const { return !queries_.empty() || servers_.busy(); }

}  // namespace lucid::ice
