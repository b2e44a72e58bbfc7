#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/time.hpp"
#include "ice/candidate.hpp"

namespace lucid::ice {

// RFC 8445 6.1.2.6, W3C RTCStatsIceCandidatePairState
enum class PairState : std::uint8_t { frozen, waiting, in_progress, succeeded, failed };
std::string_view to_string(PairState state);

// What was sent and received on one pair.
struct PairCounts {
  core::Duration total_round_trip{};
  std::optional<core::Duration> current_round_trip;
  std::uint64_t requests_sent = 0;
  std::uint64_t requests_received = 0;
  std::uint64_t responses_sent = 0;
  std::uint64_t responses_received = 0;
  std::uint64_t consent_requests_sent = 0;
  std::uint64_t packets_sent = 0;
  std::uint64_t packets_received = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::optional<core::Time> last_sent;
  std::optional<core::Time> last_received;
};

// One candidate pair, as W3C's RTCIceCandidatePairStats wants it.
struct PairStats : PairCounts {
  std::uint32_t id = 0;  // the same for the life of the pair
  core::Path path;
  Candidate local;
  Candidate remote;
  PairState state = PairState::frozen;
  std::uint64_t priority = 0;
  bool nominated = false;
  bool selected = false;
};

// Counters of an agent.
struct Stats {
  std::uint64_t checks_sent = 0;
  std::uint64_t checks_received = 0;
  std::uint64_t responses_sent = 0;
  std::uint64_t responses_received = 0;
  std::uint64_t role_conflicts = 0;
  std::uint64_t dropped_not_stun = 0;
  std::uint64_t dropped_bad_fingerprint = 0;
  std::uint64_t dropped_bad_integrity = 0;
  std::uint64_t dropped_unknown_transaction = 0;
  std::uint64_t dropped_wrong_source = 0;     // an answer from elsewhere than it was asked
  std::uint64_t refused_unauthenticated = 0;  // answered with 400 or 401
  std::uint64_t dropped_over_rate = 0;        // refusals not sent, to give no amplifier
  std::uint64_t candidates_over_limit = 0;
  std::uint64_t pairs_evicted = 0;
};

}  // namespace lucid::ice
