#pragma once
#include <cstdint>
#include <optional>

#include "core/effects.hpp"
#include "ice/candidate.hpp"
#include "ice/config.hpp"
#include "ice/consent.hpp"
#include "ice/stats.hpp"

namespace lucid::ice {

// A candidate of our own, and what packets to reach the other side by it are sent from.
struct Local {
  Candidate candidate;  // its address is the real one, even where a name is signalled
  core::Address base;   // RFC 8445 5.1.1
  std::uint16_t local_preference = 0;
  bool metered = false;   // by an interface that costs money
  bool outdated = false;  // found by servers that are not configured any more
};

// A candidate pair (RFC 8445 6.1.2). One pair is one path: a server-reflexive candidate is sent
// from its base, so that its pairs are those of the base (RFC 8445 6.1.2.4).
struct Pair {
  std::uint32_t id = 0;
  core::Path path;
  const Local* local = nullptr;  // after a success the one whose address the other side sees
  const Candidate* remote = nullptr;
  std::uint64_t priority = 0;
  PairState state = PairState::frozen;
  std::optional<core::Time> checked_at;  // the first check
  core::Time failed_at{};                // when failed

  bool nominate_when_valid = false;  // RFC 8445 7.3.1.5: USE-CANDIDATE came before the pair worked
  bool nominated = false;
  std::uint64_t nomination = 0;    // the larger number is the later one, and wins
  std::optional<bool> asked_with;  // whether the peer's latest check had USE-CANDIDATE
  int triggered = 0;               // checks sent at once because one came in

  std::optional<core::StreamId> stream;  // TCP: the connection that was asked for
  std::optional<core::Time> open_until;  // and how long it may take to open
  std::optional<Consent> consent;        // of a pair that works
  bool consent_lost = false;             // it ran out: nothing more of this generation goes here
  std::optional<core::Duration> round_trip;  // smoothed
  PairCounts counts;

  bool valid() const { return state == PairState::succeeded; }
  bool open() const {
    return state == PairState::frozen || state == PairState::waiting ||
           state == PairState::in_progress;
  }
  // Works, and answered lately.
  bool alive() const { return valid() && (!consent || consent->responsive()); }
};

}  // namespace lucid::ice
