#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/time.hpp"
#include "rtp/receive/reordering.hpp"

namespace lucid::rtp {

// Which packets are missing, and when to ask for each (RFC 4585 6.2.1). The first time at once, or,
// on a path that reorders more than now and then, once the packet is later than nearly all of those
// that were only overtaken: by time or by packets that went by, whichever tells first. Then once a
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

  enum class Arrival : std::uint8_t {
    direct,
    repaired,
    either,  // of a stream whose repairs look like any other packet
  };

  void received(std::int64_t sequence, Arrival arrival, core::Time now);
  // It came by itself, and had been there already: asked for in vain, if it was.
  void overtaken(std::int64_t sequence, core::Time now);
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
    core::Time asked{};
    int tries = 0;
  };
  struct Repaired {
    std::int64_t sequence = -1;
    core::Time since{};
  };
  void learn(std::int64_t sequence, core::Time since, core::Time now);
  core::Duration patience() const;
  Repaired& repaired(std::int64_t sequence) {
    return repaired_[static_cast<std::size_t>(sequence) % repaired_.size()];
  }
  void hurry(core::Time now);
  void plan();
  core::Duration pause() const;

  std::optional<std::int64_t> highest_;
  std::map<std::int64_t, Missing> missing_;
  std::optional<core::Time> next_;
  core::Duration round_trip_ = std::chrono::milliseconds{100};
  Reordering late_by_time_;
  Reordering late_by_packets_;
  std::array<Repaired, 128> repaired_{};  // the latest, each in its place: the original may follow
  bool gave_up_ = false;
  Stats stats_;
};

}  // namespace lucid::rtp
