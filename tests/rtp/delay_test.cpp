#include "rtp/receive/delay.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/random.hpp"
#include "sim/seed.hpp"

namespace lucid::rtp {
namespace {

using namespace std::chrono_literals;

// The delay of frame i, which was sent at a time.
using Trace = std::function<core::Duration(core::SeededRandom&, core::Duration sent)>;

core::Duration up_to(core::SeededRandom& random, core::Duration most) {
  return core::Duration{random.below(static_cast<std::uint64_t>(most.count()) + 1)};
}

Trace steady() {
  return [](core::SeededRandom& random, core::Duration) { return 40ms + up_to(random, 12ms); };
}
// Every two to four seconds the line stands still for a while, and what waited comes at once.
Trace spiky() {
  return [until = core::Duration{}, next = core::Duration{2s}](core::SeededRandom& random,
                                                               core::Duration sent) mutable {
    if (sent >= next) {
      until = sent + 80ms + up_to(random, 60ms);
      next = sent + 2s + up_to(random, 2s);
    }
    const core::Duration plain = 40ms + up_to(random, 8ms);
    return std::max(plain, until - sent + 40ms);
  };
}
// The sender's clock and ours part by 200 millionths.
Trace drifting() {
  return [](core::SeededRandom& random, core::Duration sent) {
    return 40ms + sent / 5000 + up_to(random, 15ms);
  };
}
// Key frames are ten times as large and take longer on a narrow line.
Trace uneven() {
  return [frame = 0](core::SeededRandom& random, core::Duration) mutable {
    return (frame++ % 60 == 0 ? 90ms : 40ms) + up_to(random, 10ms);
  };
}

struct Outcome {
  core::Duration added;      // on average, from being sent to being played, in the second half
  core::Duration hindsight;  // the least constant delay that loses under one in a hundred of it
  double late = 0;
};

Outcome play(const Trace& trace, std::uint64_t seed, int fps) {
  core::SeededRandom random{seed};
  DelayEstimator delay{90'000};
  const int frames = 60 * fps;
  std::vector<core::Duration> needed;
  core::Duration added{};
  int late = 0;
  core::Time before{};
  for (int i = 0; i < frames; ++i) {
    const core::Duration sent = core::Duration{1'000'000} * i / fps;
    const auto timestamp = static_cast<std::uint32_t>(0xffff0000U + 90'000ULL * i / fps);
    // A frame does not pass the one before it.
    const core::Time arrival = std::max(before, core::Time{5s + sent + trace(random, sent)});
    before = arrival;
    delay.arrived(timestamp, arrival);
    if (i < frames / 2) continue;
    const core::Time due = delay.play_at(timestamp);
    needed.push_back(arrival - core::Time{5s + sent});
    added += std::max(due, arrival) - core::Time{5s + sent};
    if (arrival > due) ++late;
  }
  const auto most_late = static_cast<std::ptrdiff_t>(needed.size() / 100);
  const auto bound = needed.end() - 1 - most_late;
  std::ranges::nth_element(needed, bound);
  return {added / static_cast<int>(needed.size()), *bound,
          static_cast<double>(late) / static_cast<double>(needed.size())};
}

struct Case {
  const char* name;
  Trace (*trace)();
};

class JitterBufferDelay : public testing::TestWithParam<Case> {};

TEST_P(JitterBufferDelay, IsWithin20MillisecondsOfHindsight) {
  for (const int fps : {15, 30, 60}) {
    for (const sim::Seed seed : sim::seeds(3)) {
      const Outcome outcome = play(GetParam().trace(), std::to_underlying(seed), fps);
      const auto ms = [](core::Duration d) { return static_cast<double>(d.count()) / 1000; };
      EXPECT_LT(ms(outcome.added), ms(outcome.hindsight) + 20)
          << fps << " fps, seed " << std::to_underlying(seed);
      EXPECT_LT(outcome.late, 0.02) << fps << " fps, seed " << std::to_underlying(seed);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Traces, JitterBufferDelay,
                         testing::Values(Case{"steady", steady}, Case{"spiky", spiky},
                                         Case{"drifting", drifting}, Case{"uneven", uneven}),
                         [](const auto& one) { return std::string{one.param.name}; });

TEST(JitterBufferDelay, FollowsARouteThatBecomesLongerAndShorter) {
  core::SeededRandom random{std::to_underlying(sim::default_seed())};
  DelayEstimator delay{90'000};
  const auto send = [&](int first, int last, core::Duration path) {
    core::Duration added{};
    for (int i = first; i < last; ++i) {
      const core::Duration sent = core::Duration{1'000'000} * i / 30;
      const core::Time arrival{5s + sent + path + up_to(random, 10ms)};
      delay.arrived(static_cast<std::uint32_t>(3000 * i), arrival);
      added = delay.play_at(static_cast<std::uint32_t>(3000 * i)) - core::Time{5s + sent};
    }
    return added;
  };
  EXPECT_LT(send(0, 600, 40ms), 70ms);
  EXPECT_LT(send(600, 1200, 140ms), 170ms);
  EXPECT_GT(send(1200, 1230, 140ms), 140ms);
  EXPECT_LT(send(1230, 1900, 40ms), 70ms);
}

}  // namespace
}  // namespace lucid::rtp
