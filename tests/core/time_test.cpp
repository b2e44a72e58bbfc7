#include "core/time.hpp"

#include <gtest/gtest.h>

namespace lucid::core {
namespace {

using namespace std::chrono_literals;

TEST(Timer, ExpiresOnceForEachStart) {
  Timer timer;
  EXPECT_FALSE(timer.running());
  EXPECT_FALSE(timer.expire(Time{1h}));
  timer.start(Time{10s}, 5s);
  EXPECT_EQ(timer.deadline(), Time{15s});
  EXPECT_FALSE(timer.expire(Time{14'999ms}));
  EXPECT_TRUE(timer.expire(Time{15s}));
  EXPECT_FALSE(timer.expire(Time{16s}));
  EXPECT_FALSE(timer.running());
}

TEST(Timer, BacksOffByDoublingUpToALimit) {
  Timer timer;
  timer.start(Time{}, 500ms);
  timer.back_off(Time{}, 1800ms);
  EXPECT_EQ(timer.wait(), 1s);
  timer.back_off(Time{}, 1800ms);
  EXPECT_EQ(timer.wait(), 1800ms);
  EXPECT_EQ(timer.deadline(), Time{1800ms});
}

TEST(Timer, StopForgetsTheDeadline) {
  Timer timer;
  timer.start(Time{}, 1s);
  timer.stop();
  EXPECT_FALSE(timer.expire(Time{2s}));
}

TEST(Earliest, TakesNoneForLaterThanAny) {
  EXPECT_EQ(earliest(std::nullopt, std::nullopt), std::nullopt);
  EXPECT_EQ(earliest(Time{2s}, std::nullopt), Time{2s});
  EXPECT_EQ(earliest(std::nullopt, Time{2s}), Time{2s});
  EXPECT_EQ(earliest(Time{2s}, Time{1s}), Time{1s});
}

TEST(WallClock, IsAnOffset) {
  const WallClock wall{1'700'000'000s};
  EXPECT_EQ(wall.unix_time(Time{5s}), 1'700'000'005s);
  EXPECT_EQ(wall.at(1'700'000'005s), Time{5s});
}

}  // namespace
}  // namespace lucid::core
