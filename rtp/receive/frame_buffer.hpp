#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>

#include "rtp/receive/assembler.hpp"
#include "rtp/receive/delay.hpp"

namespace lucid::rtp {

// Puts frames in the order of decoding and holds each back until it is due. A frame is ready when
// all before it, back to a key frame, have been handed out; a key frame is always ready. When the
// next one is missing and a ready one is due behind it, the missing one is given up.
class FrameBuffer {
 public:
  // A second of video at the highest rates, held by a sender gone mad.
  static constexpr std::size_t most_frames = 300;
  static constexpr std::size_t most_bytes = 64 << 20;  // five seconds at 100 Mbit/s

  struct Stats {
    std::uint64_t frames = 0;
    std::uint64_t key_frames = 0;
    std::uint64_t dropped = 0;  // complete, but never ready
  };

  explicit FrameBuffer(std::uint32_t clock_rate) : delay_{clock_rate} {}

  void insert(AssembledFrame frame, core::Time now);
  // Numbers that carry nothing, and so do not keep frames apart.
  void skip(std::int64_t sequence);
  // The next frame, when there is one that is ready and due.
  std::optional<AssembledFrame> pop(core::Time now);
  std::optional<core::Time> next_timeout() const;
  // Since when frames have been waiting for one that is missing; nullopt when none do.
  std::optional<core::Time> stalled_since() const;
  // Everything up to here was handed out or given up.
  std::optional<std::int64_t> done_until() const { return done_until_; }

  DelayEstimator& delay() { return delay_; }
  const DelayEstimator& delay() const { return delay_; }
  const Stats& stats() const { return stats_; }

 private:
  using Frames = std::map<std::int64_t, AssembledFrame>;  // by first sequence number
  bool ready(const AssembledFrame& frame) const;
  Frames::const_iterator next_ready() const;
  AssembledFrame take_first();
  core::Time due(const AssembledFrame& frame) const;

  DelayEstimator delay_;
  Frames frames_;
  std::size_t bytes_ = 0;  // of all of them
  std::set<std::int64_t> padding_;
  std::optional<std::int64_t> done_until_;
  Stats stats_;
};

}  // namespace lucid::rtp
