#include "ice/remote_candidates.hpp"

#include <algorithm>
#include <utility>

namespace lucid::ice {
namespace {

constexpr std::size_t kept_limit = 256;
constexpr std::size_t resolving_limit = 32;

// RFC 8839 5.1, 5.4: a candidate may say whose it is, in case credentials have changed meanwhile.
bool belongs(const Candidate& candidate, const Session& session) {
  return session.remote_credentials() &&
         (candidate.ufrag.empty() || candidate.ufrag == session.remote_credentials()->ufrag);
}

}  // namespace

void RemoteCandidates::add(Candidate candidate, Session& session, core::Time now) {
  if (candidate.component != 1) return;
  if (belongs(candidate, session)) {
    pass(std::move(candidate), session, now);
  } else if (kept_.size() < kept_limit) {
    kept_.push_back(std::move(candidate));
  } else {
    ++shared_.stats.candidates_over_limit;
  }
}

void RemoteCandidates::credentials_known(Session& session, core::Time now) {
  for (Candidate& candidate : std::exchange(kept_, {})) add(std::move(candidate), session, now);
}

void RemoteCandidates::pass(Candidate candidate, Session& session, core::Time now) {
  if (candidate.name.empty()) {
    session.add_remote(std::move(candidate), now);
    return;
  }
  // Only names of the local link: others would let the other side make us look up what it likes.
  if (!core::is_mdns_name(candidate.name)) return;
  if (resolving_.size() >= resolving_limit) {
    ++shared_.stats.candidates_over_limit;
    return;
  }
  const core::ResolveId id{shared_.next_id++};
  shared_.emit(core::Effect{core::Resolve{id, candidate.name}});
  resolving_.push_back({id, std::move(candidate)});
}

void RemoteCandidates::resolved(core::ResolveId id, std::span<const core::Ip> addresses,
                                Session& session, core::Time now) {
  const auto it = std::ranges::find(resolving_, id, &Resolving::id);
  if (it == resolving_.end()) return;
  const Candidate candidate = std::move(it->candidate);
  resolving_.erase(it);
  if (!belongs(candidate, session)) return;
  // draft-ietf-mmusic-mdns-ice-candidates 3.2.1: exactly one address is what an honest peer has.
  if (addresses.size() != 1) {
    shared_.tracer.event(now, "name_not_resolved", {{"name", std::string_view{candidate.name}}});
    if (addresses.empty()) return;
  }
  Candidate found = candidate;
  found.address.ip = addresses.front();
  session.add_remote(std::move(found), now);
}

}  // namespace lucid::ice
