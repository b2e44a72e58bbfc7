#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>

#include "core/random.hpp"
#include "rtp/ntp.hpp"
#include "rtp/receive/frame_buffer.hpp"

namespace lucid::rtp {
namespace {

using namespace std::chrono_literals;
using Milliseconds = std::chrono::duration<double, std::milli>;

// When each frame was captured and when the last of it arrived.
struct Trace {
  struct Frame {
    core::Duration captured;
    core::Duration arrived;
  };
  std::vector<Frame> frames;

  // The least delay, known afterwards, that would have been too short for under 1 % of the frames.
  core::Duration hindsight() const {
    std::vector<core::Duration> delays;
    for (const Frame& frame : frames) delays.push_back(frame.arrived - frame.captured);
    std::ranges::sort(delays);
    return delays[delays.size() - 1 - (delays.size() - 1) / 100];
  }
};

// Two minutes of frames over a path that keeps their order. `delay` is that of a frame captured at
// this second, in milliseconds.
Trace make(int rate, const std::function<double(double)>& delay) {
  Trace trace;
  core::Duration last{};
  for (int i = 0; i < rate * 120; ++i) {
    const auto captured = std::chrono::duration_cast<core::Duration>(i * 1s) / rate;
    const double seconds = std::chrono::duration<double>(captured).count();
    const auto takes = std::chrono::duration_cast<core::Duration>(Milliseconds{delay(seconds)});
    last = std::max(last, captured + takes);
    trace.frames.push_back({captured, last});
  }
  return trace;
}

struct Played {
  core::Duration delay{};  // the mean, from capture to the moment of decoding
  double late = 0;         // the share of frames that came after their time
};

Played play(const Trace& trace) {
  FrameBuffer buffer{90'000};
  const core::Time start{1'000s};
  core::Duration sum{};
  std::size_t count = 0;
  std::size_t late = 0;
  std::int64_t number = 0;
  const auto release = [&](core::Time until) {
    while (const auto due = buffer.next_timeout()) {
      const core::Time when = std::max(*due, until - 0us);
      if (*due > until) return;
      const auto frame = buffer.pop(when);
      if (!frame) return;
      const auto& its = trace.frames[static_cast<std::size_t>(frame->first_sequence)];
      const core::Time shown = std::max(*due, frame->complete_at);
      if (its.captured > 10s) {
        sum += shown - start - its.captured;
        ++count;
        late += *due < frame->complete_at ? 1 : 0;
      }
    }
  };
  for (const auto& each : trace.frames) {
    release(start + each.arrived);
    AssembledFrame frame;
    frame.frame.key = number == 0;
    frame.frame.rtp_timestamp =
        static_cast<std::uint32_t>(duration_to_ticks(each.captured, 90'000));
    frame.first_sequence = frame.last_sequence = number++;
    frame.complete_at = start + each.arrived;
    buffer.insert(std::move(frame), start + each.arrived);
  }
  release(start + 1h);
  return {sum / static_cast<std::int64_t>(count),
          static_cast<double>(late) / static_cast<double>(count)};
}

// The judged line: within 20 ms of what hindsight would have chosen.
void expect_close(const char* name, int rate, std::uint64_t seed, const Trace& trace) {
  const Played played = play(trace);
  const core::Duration best = trace.hindsight();
  const double delay = Milliseconds{played.delay}.count();
  const double least = Milliseconds{best}.count();
  if (std::getenv("LUCID_PRINT") != nullptr) {
    std::printf("%-10s %d/s seed %d: delay %.1f ms, hindsight %.1f ms, late %.2f %%\n", name, rate,
                static_cast<int>(seed), delay, least, played.late * 100);
  }
  EXPECT_LE(delay, least + 20) << name << ' ' << rate << ' ' << seed;
  EXPECT_LE(played.late, 0.03) << name << ' ' << rate << ' ' << seed;
}

using Shape = std::function<std::function<double(double)>(core::SeededRandom&)>;

void check_shape(const char* name, const Shape& shape) {
  for (const int rate : {30, 60}) {
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
      core::SeededRandom random{seed};
      expect_close(name, rate, seed, make(rate, shape(random)));
    }
  }
}

TEST(JitterBuffer, SteadyDelay) {
  check_shape("steady", [](core::SeededRandom& random) {
    return [&random](double) { return 40 + 5 * random.unit(); };
  });
}

TEST(JitterBuffer, SpikesAreNotWorthWaitingForUnlessTheyAreMany) {
  for (const double pause : {2.0, 5.0, 12.0}) {
    check_shape("spiky", [pause](core::SeededRandom& random) {
      return [&random, pause, end = 0.0, next = pause](double t) mutable {
        if (t >= next) {  // nothing arrives until the spike is over
          end = t + 0.03 + 0.17 * random.unit();
          next = t + pause * (0.5 + random.unit());
        }
        return 40 + 5 * random.unit() + std::max(0.0, end - t) * 1000;
      };
    });
  }
}

TEST(JitterBuffer, DriftOfThePath) {
  check_shape("drifting", [](core::SeededRandom& random) {
    return [&random](double t) { return 70 - 30 * std::cos(t / 10) + 4 * random.unit(); };
  });
}

TEST(JitterBuffer, DriftOfTheClocks) {
  for (const double ppm : {-300.0, -100.0, 100.0, 300.0}) {
    for (std::uint64_t seed = 1; seed <= 1; ++seed) {
      core::SeededRandom random{seed};
      Trace trace = make(30, [&](double) { return 50 + 6 * random.unit(); });
      const core::Duration best = trace.hindsight();
      // Hindsight knows the drift; the buffer sees arrivals by its own clock.
      Trace skewed = trace;
      for (auto& frame : skewed.frames) {
        frame.arrived += core::Duration{
            static_cast<std::int64_t>(static_cast<double>(frame.captured.count()) * ppm * 1e-6)};
      }
      const Played played = play(skewed);
      const auto shift = core::Duration{static_cast<std::int64_t>(65e6 * ppm * 1e-6)};
      EXPECT_LE(played.delay - shift, best + 20ms) << ppm << ' ' << seed;
      EXPECT_LE(played.late, 0.03) << ppm << ' ' << seed;
      if (std::getenv("LUCID_PRINT") != nullptr) {
        std::printf("clock %+.0f ppm seed %d: delay %.1f ms, hindsight %.1f ms, late %.2f %%\n",
                    ppm, static_cast<int>(seed), Milliseconds{played.delay - shift}.count(),
                    Milliseconds{best}.count(), played.late * 100);
      }
    }
  }
}

TEST(JitterBuffer, FramesThatComeInBursts) {
  check_shape("bursts", [](core::SeededRandom& random) {
    return [&random](double t) {
      const double wait = std::ceil(t / 0.1) * 0.1 - t;  // let through ten times a second
      return 40 + wait * 1000 + 3 * random.unit();
    };
  });
}

TEST(JitterBuffer, ASuddenlyLongerRoute) {
  check_shape("route up", [](core::SeededRandom& random) {
    return [&random](double t) { return (t > 50 ? 140 : 40) + 5 * random.unit(); };
  });
}

TEST(JitterBuffer, ASuddenlyShorterRoute) {
  check_shape("route down", [](core::SeededRandom& random) {
    return [&random](double t) { return (t > 50 ? 40 : 140) + 5 * random.unit(); };
  });
}

TEST(JitterBuffer, KeyFramesThatTakeLonger) {
  for (const double interval : {2.0, 4.0, 10.0}) {
    check_shape("key frames", [interval](core::SeededRandom& random) {
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
