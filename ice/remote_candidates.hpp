#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ice/session.hpp"
#include "ice/shared.hpp"

namespace lucid::ice {

// Candidates on their way from the other side to a session: kept until the credentials they belong
// to are there, and until the names among them are resolved.
class RemoteCandidates {
 public:
  explicit RemoteCandidates(Shared& shared) : shared_{shared} {}

  void add(Candidate candidate, Session& session, core::Time now);
  // The session has its credentials: what was kept for them can go on.
  void credentials_known(Session& session, core::Time now);
  void resolved(core::ResolveId id, std::span<const core::Ip> addresses, Session& session,
                core::Time now);

  bool resolving() const { return !resolving_.empty(); }

 private:
  struct Resolving {
    core::ResolveId id;
    Candidate candidate;
  };

  void pass(Candidate candidate, Session& session, core::Time now);

  Shared& shared_;
  std::vector<Candidate> kept_;
  std::vector<Resolving> resolving_;
};

}  // namespace lucid::ice
