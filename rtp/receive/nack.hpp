#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/time.hpp"

namespace lucid::rtp {

// Which packets are missing, and when to ask for each (RFC 4585 6.2.1). The first time at once, or,
// on a path that reorders, once the packet is later than reordered ones have been; then once a
// round trip. Bounded: a hole larger than a window of packets is not asked for; it needs a key
// frame.
class NackGenerator {
 public:
  static constexpr std::int64_t window = 1000;
  static constexpr int most_tries = 10;

  struct Stats {
    std::uint64_t asked = 0;      // sequence numbers, repetitions included
    std::uint64_t recovered = 0;  // asked for, and then came
    std::uint64_t given_up = 0;
    core::Duration total_repair_time{};  // from noticing the hole to its repair, of all recovered
  };

  enum class Arrival : std::uint8_t { direct, repaired };

  void received(std::int64_t sequence, Arrival arrival, core::Time now);
  // Nothing before this one is of use any more.
  void forget_before(std::int64_t sequence);
  void round_trip(core::Duration rtt) { round_trip_ = rtt; }

  // Sequence numbers to ask for now, in rising order.
  std::vector<std::uint16_t> due(core::Time now);
  std::optional<core::Time> next_timeout() const { return next_; }
  // True once after a hole too large, or packets asked for in vain.
  bool gave_up();
  const Stats& stats() const { return stats_; }

 private:
  struct Missing {
    core::Time since;
    core::Time next;
    int tries = 0;
  };
  void plan();
  core::Duration pause() const;

  std::optional<std::int64_t> highest_;
  std::map<std::int64_t, Missing> missing_;
  std::optional<core::Time> next_;
  core::Duration round_trip_ = std::chrono::milliseconds{100};
  core::Duration reordering_{};  // how late packets come that were only overtaken
  bool gave_up_ = false;
  Stats stats_;
};

}  // namespace lucid::rtp
