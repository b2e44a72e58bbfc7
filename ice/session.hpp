#pragma once
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "ice/check.hpp"
#include "ice/checklist.hpp"
#include "ice/nomination.hpp"
#include "ice/shared.hpp"
#include "stun/message.hpp"

namespace lucid::ice {

// One generation of an agent: what happens under one pair of credentials, from the first check to
// consent expiry (RFC 8445 calls it an ICE session). A restart begins a new one.
class Session {
 public:
  Session(const Credentials& local, Shared& shared);

  const Credentials& local_credentials() const { return ours_.credentials; }
  const std::optional<Credentials>& remote_credentials() const { return theirs_.credentials; }

  // Each of our candidates once, as they are found.
  const Local* next_unknown(const std::deque<Local>& all) {
    return ours_.told < all.size() ? &all[ours_.told++] : nullptr;
  }
  void add_local(const Local& local, core::Time now);
  const std::vector<const Local*>& locals() const { return ours_.candidates; }
  std::vector<core::Address> bases() const;
  // A base has gone, with the interface it was on.
  void remove_base(const core::Address& base, core::Time now);
  void set_remote_credentials(Credentials credentials, core::Time now);
  void add_remote(Candidate candidate, core::Time now);
  // RFC 8838 14: no more candidates follow.
  void end_remotes() { theirs_.ended = true; }
  bool remotes_ended() const { return theirs_.ended; }
  void role_changed(core::Time now);
  // From now on only answers: a newer session has taken over.
  void retire() { retired_ = true; }
  // It is over: connections are given up.
  void close();

  // Nothing is said on paths that are not ours to use, such as a host's under the relay policy.
  bool speaks_on(const core::Path& path) const;
  // A Binding request whose USERNAME begins with our ufrag.
  void handle_request(const core::Path& path, const stun::Message& request, core::Time now);
  // False when no check of this session has this transaction.
  bool handle_response(const core::Path& path, const stun::Message& response, core::Time now);
  void handle_timeout(core::Time now);
  std::optional<core::Time> next_timeout() const;

  void opened(core::StreamId stream, const core::Path& path, core::Time now);
  bool closed(core::StreamId stream, core::PathError error, core::Time now);
  void path_error(const core::Path& path, core::PathError error, core::Time now);

  // What to send on: the selected pair, else the best that works.
  Pair* best() const;
  Pair* selected() const { return nomination_.selected(checklist_); }
  Checklist& checklist() { return checklist_; }
  const Checklist& checklist() const { return checklist_; }
  const std::deque<Candidate>& remotes() const { return theirs_.candidates; }
  // Pairs are, or are to be, checked.
  bool checking() const { return checklist_.open(floor()) > 0; }

 private:
  static constexpr std::size_t remote_limit = 256;

  // A check that came before the other side's credentials; answered, and checked back later.
  struct Early {
    core::Path path;
    std::uint32_t priority;
    bool nominate;
    std::uint32_t nomination;
    std::string ufrag;
  };

  // session.cpp
  void form(const Local& local, const Candidate& remote, core::Time now);
  Pair* add_pair(const core::Path& path, const Local& local, const Candidate& remote);
  void run(core::Time now);
  bool nominating(const Pair& pair) const;
  bool may_check() const;
  std::uint64_t floor() const;
  Check* send_check(Pair& pair, Nominate nominate, core::Time now);
  Check& new_check(const Pair& pair);
  void transmit(Check& check, Pair& pair, core::Time now);
  void send_consent(Pair& pair, core::Time now);
  void close_stream(Pair& pair);
  void fail(Pair& pair, std::string_view reason, core::Time now);
  void time_out_checks(core::Time now);
  void time_out_consent(core::Time now);
  core::Duration first_timeout() const;

  // session_requests.cpp
  bool resolve_conflict(const core::Path& path, const stun::Message& request, core::Time now);
  void learn(const Early& check, core::Time now);
  void switch_role(std::string_view reason, core::Time now);
  const Candidate* remote_at(const Early& check);
  const Local* local_at(const core::Path& path) const;
  void trigger(Pair& pair, core::Time now);

  // session_responses.cpp
  void handle_error(Check& check, Pair& pair, const stun::Message& response, core::Time now);
  void confirm(core::Time now);
  void succeed(const Check& check, Pair& pair, const core::Address& mapped, core::Time now);
  const Local& local_seen_as(const core::Address& mapped, const Check& check, const Pair& pair);

  // What we said of ourselves.
  struct Ours {
    Credentials credentials;
    stun::Key key;
    std::size_t told = 0;  // how many of the gatherer's candidates were heard of
    std::vector<const Local*> candidates;
    std::deque<Local> reflexive;  // found by our checks; never moved: pairs point into it
  };
  // What the other side said of itself.
  struct Theirs {
    std::optional<Credentials> credentials;
    std::optional<stun::Key> key;
    std::deque<Candidate> candidates;  // never moved: pairs point into it
    std::vector<Early> early;
    bool ended = false;
  };

  Shared& shared_;
  Ours ours_;
  Theirs theirs_;
  Checklist checklist_;
  std::vector<Check> checks_;
  Nomination nomination_;
  std::optional<core::Time> confirm_at_;
  bool retired_ = false;
};

}  // namespace lucid::ice
