#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <functional>

#include "core/random.hpp"
#include "rtp/receive/frame_buffer.hpp"
#include "sim/seed.hpp"

// The jitter buffer against hindsight: on every path of these the delay it adds is within 20 ms of
// the least constant delay that would have lost under 1 % of the frames, and of its own hardly more
// come late, though it does not know what is still to come.
namespace lucid::rtp {
namespace {

using namespace std::chrono_literals;
using Milliseconds = std::chrono::duration<double, std::milli>;

// What it has to learn first is not counted.
constexpr core::Duration settling = 10s;

struct Frame {
  core::Duration captured;
  core::Duration arrived;
};
using Trace = std::vector<Frame>;

// The delay of a frame captured at this second, in milliseconds.
using Path = std::function<double(double)>;
using Shape = std::function<Path(core::SeededRandom&)>;

// Two minutes of frames over a path that keeps their order.
Trace make(int rate, const Path& path) {
  Trace trace;
  core::Duration last{};
  for (int i = 0; i < rate * 120; ++i) {
    const auto captured = std::chrono::duration_cast<core::Duration>(i * 1s) / rate;
    const double seconds = std::chrono::duration<double>(captured).count();
    last = std::max(last, captured + core::Duration{std::llround(path(seconds) * 1000)});
    trace.push_back({captured, last});
  }
  return trace;
}

core::Duration hindsight(const Trace& trace) {
  std::vector<core::Duration> delays;
  for (const Frame& frame : trace) {
    if (frame.captured > settling) delays.push_back(frame.arrived - frame.captured);
  }
  std::ranges::sort(delays);
  return delays[delays.size() - 1 - (delays.size() - 1) / 100];
}

struct Played {
  core::Duration delay{};  // the mean, from capture to the moment of decoding
  double late = 0;         // the share of frames that came after their time
};

Played play(const Trace& trace) {
  FrameBuffer buffer{90'000};
  const core::Time start{1'000s};
  core::Duration sum{};
  std::int64_t count = 0;
  std::int64_t late = 0;
  const auto release = [&](core::Time until) {
    while (const auto due = buffer.next_timeout()) {
      if (*due > until) return;
      const auto frame = buffer.pop(until);
      if (!frame) return;
      const Frame& its = trace[static_cast<std::size_t>(frame->first_sequence)];
      if (its.captured <= settling) continue;
      sum += std::max(*due, frame->complete_at) - start - its.captured;
      late += *due < frame->complete_at ? 1 : 0;
      ++count;
    }
  };
  for (std::size_t i = 0; i < trace.size(); ++i) {
    release(start + trace[i].arrived);
    AssembledFrame frame;
    frame.frame.key = i == 0;
    // Timestamps that wrap on the way.
    frame.frame.rtp_timestamp =
        static_cast<std::uint32_t>(0xFFF0'0000U + 9 * trace[i].captured.count() / 100);
    frame.first_sequence = frame.last_sequence = static_cast<std::int64_t>(i);
    frame.complete_at = start + trace[i].arrived;
    buffer.insert(std::move(frame), start + trace[i].arrived);
  }
  release(start + 1h);
  return {sum / count, static_cast<double>(late) / static_cast<double>(count)};
}

void check_shape(const Shape& shape) {
  for (const int rate : {15, 30, 60}) {
    for (const sim::Seed seed : sim::seeds(rate == 60 ? 1 : 2)) {
      core::SeededRandom random{std::to_underlying(seed) * 64 + static_cast<unsigned>(rate)};
      const Trace trace = make(rate, shape(random));
      const Played played = play(trace);
      const double delay = Milliseconds{played.delay}.count();
      const double least = Milliseconds{hindsight(trace)}.count();
      SCOPED_TRACE(std::to_string(rate) + "/s, seed " + std::to_string(std::to_underlying(seed)));
      if (std::getenv("LUCID_PRINT") != nullptr) {
        std::printf("%d/s: delay %.1f ms, hindsight %.1f ms, late %.2f %%\n", rate, delay, least,
                    played.late * 100);
      }
      EXPECT_LE(delay, least + 20);
      EXPECT_LT(played.late, 0.0125);
    }
  }
}

// From now and then on nothing arrives for a while, and then all at once.
Shape stalls(double pause, double shortest, double longest) {
  return [=](core::SeededRandom& random) {
    return [=, &random, end = 0.0, next = pause](double t) mutable {
      if (t >= next) {
        end = t + shortest + (longest - shortest) * random.unit();
        next = t + pause * (0.5 + random.unit());
      }
      return 40 + 6 * random.unit() + std::max(0.0, end - t) * 1000;
    };
  };
}

TEST(JitterBuffer, SteadyDelay) {
  for (const double most : {5.0, 12.0}) {
    check_shape([most](core::SeededRandom& random) {
      return [&random, most](double) { return 40 + most * random.unit(); };
    });
  }
}

TEST(JitterBuffer, SpikesAreNotWorthWaitingForUnlessTheyAreMany) {
  for (const double pause : {2.0, 5.0, 12.0}) check_shape(stalls(pause, 0.03, 0.2));
  check_shape(stalls(3, 0.08, 0.14));
}

TEST(JitterBuffer, DriftOfThePath) {
  check_shape([](core::SeededRandom& random) {
    return [&random](double t) { return 70 - 30 * std::cos(t / 10) + 4 * random.unit(); };
  });
}

// The sender's clock and ours part: seen by ours, each frame takes longer than the one before, or
// less long.
TEST(JitterBuffer, DriftOfTheClocks) {
  for (const double ppm : {-300.0, -100.0, 100.0, 300.0}) {
    check_shape([ppm](core::SeededRandom& random) {
      return [&random, ppm](double t) { return 90 + t * ppm / 1000 + 10 * random.unit(); };
    });
  }
}

TEST(JitterBuffer, FramesThatComeInBursts) {
  check_shape([](core::SeededRandom& random) {
    return [&random](double t) {
      const double wait = std::ceil(t / 0.1) * 0.1 - t;  // let through ten times a second
      return 40 + wait * 1000 + 3 * random.unit();
    };
  });
}

TEST(JitterBuffer, ASuddenlyLongerRoute) {
  check_shape([](core::SeededRandom& random) {
    return [&random](double t) { return (t > 50 ? 140 : 40) + 5 * random.unit(); };
  });
}

TEST(JitterBuffer, ASuddenlyShorterRoute) {
  check_shape([](core::SeededRandom& random) {
    return [&random](double t) { return (t > 50 ? 40 : 140) + 5 * random.unit(); };
  });
}

TEST(JitterBuffer, ALongerAndAShorterRouteAreFollowedWithinSeconds) {
  core::SeededRandom random{std::to_underlying(sim::default_seed())};
  DelayEstimator delay{90'000};
  int frame = 0;
  const auto send = [&](int count, double path) {
    core::Duration added{};
    for (int i = 0; i < count; ++i, ++frame) {
      const core::Time sent = core::Time{5s} + 1'000'000us * frame / 30;
      const auto timestamp = static_cast<std::uint32_t>(3000 * frame);
      delay.arrived(timestamp,
                    sent + core::Duration{std::llround((path + 10 * random.unit()) * 1000)});
      added = delay.play_at(timestamp) - sent;
    }
    return added;
  };
  EXPECT_LT(send(600, 40), 70ms);
  EXPECT_LT(send(600, 140), 170ms);
  EXPECT_GT(send(30, 140), 140ms);
  EXPECT_LT(send(330, 40), 70ms);
}

TEST(JitterBuffer, KeyFramesThatTakeLonger) {
  for (const double interval : {2.0, 4.0, 10.0}) {
    check_shape([interval](core::SeededRandom& random) {
      return [&random, interval, next = 0.0, end = 0.0](double t) mutable {
        if (t >= next) {  // those behind it wait
          end = t + 0.06;
          next += interval;
        }
        return 40 + 4 * random.unit() + std::max(0.0, end - t) * 1000;
      };
    });
  }
}

}  // namespace
}  // namespace lucid::rtp
