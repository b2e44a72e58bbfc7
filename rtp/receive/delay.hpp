#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/queue.hpp"
#include "core/serial.hpp"
#include "core/time.hpp"

namespace lucid::rtp {

// When to play what was sent at a timestamp: early enough to be live, late enough that nearly all
// frames are there. The delay of each frame is measured against the fastest one of the last
// seconds, and the target is the delay that nearly all stayed below: over the last seconds or over
// a minute, whichever is less. So a spike now and then is not waited for, and a route that got
// shorter is soon believed. Where that lets too many come late, the minute alone counts.
class DelayEstimator {
 public:
  struct Limits {
    core::Duration least{};
    core::Duration margin = std::chrono::milliseconds{5};  // on top of what was measured
    core::Duration most = std::chrono::seconds{1};
  };

  // One frame in `late_one_in` may come after its time.
  explicit DelayEstimator(std::uint32_t clock_rate, std::size_t late_one_in = 100)
      : clock_rate_{clock_rate}, late_one_in_{late_one_in} {}

  // A frame with this timestamp was complete at this time.
  void arrived(std::uint32_t timestamp, core::Time now);
  // When to play it; frames of one timestamp have one answer.
  core::Time play_at(std::uint32_t timestamp) const;
  core::Duration target() const;
  // What the network alone asks for.
  core::Duration needed() const { return spread_ + limits_.margin; }
  // Applications and lip synchronisation set these.
  void limit(Limits limits) { limits_ = limits; }
  // The sender's wish (the playout-delay extension), within ours: `least` of both, and no more than
  // its `most` unless we want more ourselves.
  void wish(core::Duration least, core::Duration most) { wish_ = {least, most}; }
  // Forgets what was learned: after a jump of timestamps, or a new source.
  void reset();

 private:
  // What came within a span of time: the offsets (arrival less media time) in order and sorted.
  class Span {
   public:
    explicit Span(core::Duration length) : length_{length} {}
    void add(core::Duration offset, core::Time now);
    core::Duration least() const { return sorted_.front().front(); }
    // What all but this share of them, in thousandths, stayed below.
    core::Duration all_but(std::size_t share) const;
    void clear();

   private:
    struct Sample {
      core::Time time;
      core::Duration offset;
    };
    core::Duration length_;
    core::Queue<Sample> samples_;
    // In order, in blocks: thousands are kept, and each frame moves few of them.
    using Block = std::vector<core::Duration>;
    std::vector<Block>::iterator block_of(core::Duration offset);
    std::vector<Block> sorted_;
    std::size_t count_ = 0;
  };
  struct Wish {
    core::Duration least{};
    core::Duration most{};
  };
  // Of the frames of the last while, which came after their time.
  class Lateness {
   public:
    void add(bool late, core::Time now);
    bool above(std::size_t share) const;
    void clear();

   private:
    struct Frame {
      core::Time time;
      bool late = false;
    };
    core::Queue<Frame> frames_;
    std::size_t late_ = 0;
  };
  core::Duration media_time(std::int64_t timestamp) const;

  std::uint32_t clock_rate_;
  std::size_t late_one_in_;
  Limits limits_;
  std::optional<Wish> wish_;
  core::Unwrapper<std::uint32_t> unwrap_;
  Span recent_{std::chrono::seconds{10}};
  Span memory_{std::chrono::seconds{60}};
  Lateness lateness_;
  std::optional<core::Duration> fastest_;
  core::Duration spread_{};
};

}  // namespace lucid::rtp
