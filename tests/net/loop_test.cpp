#include "net/loop.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "net/system.hpp"

namespace lucid::net {
namespace {

using namespace std::chrono_literals;

TEST(NetLoop, RunsWhatOtherThreadsPostOnItsOwn) {
  Loop loop;
  const auto here = std::this_thread::get_id();
  int count = 0;
  std::thread other{[&] {
    for (int i = 0; i < 100; ++i) {
      loop.post([&] { count += std::this_thread::get_id() == here ? 1 : 1000; });
    }
    loop.post([&] { loop.stop(); });
  }};
  loop.run();
  other.join();
  EXPECT_EQ(count, 100);
}

TEST(NetLoop, CanBeStoppedFromAnotherThreadAndRunAgain) {
  Loop loop;
  std::thread other{[&] { loop.stop(); }};
  loop.run();
  other.join();
  bool ran = false;
  loop.post([&] { ran = true; });
  EXPECT_TRUE(loop.run_until([&] { return ran; }, 2s));
}

TEST(NetLoop, GivesUpWaitingAtTheLimit) {
  Loop loop;
  const core::Time start = loop.now();
  EXPECT_FALSE(loop.run_until([] { return false; }, 2ms));
  EXPECT_GE(loop.now() - start, 2ms);
}

TEST(NetTimer, MayBeMovedStoppedAndDestroyedFromItsOwnExpiry) {
  Loop loop;
  std::unique_ptr<Timer> once;
  int expired = 0;
  once = std::make_unique<Timer>(loop, [&] {
    ++expired;
    once.reset();
  });
  Timer never{loop, [&] { expired += 1000; }};
  never.set(loop.now() + 1ms);
  once->set(loop.now() + 1h);
  once->set(loop.now() + 2ms);
  never.set(std::nullopt);
  EXPECT_TRUE(loop.run_until([&] { return expired > 0; }, 2s));
  EXPECT_FALSE(loop.run_until([] { return false; }, 3ms));
  EXPECT_EQ(expired, 1);
}

TEST(NetTimer, ADeadlineAtTheEndOfTimeIsFarAhead) {
  Loop loop;
  int expired = 0;
  Timer timer{loop, [&] { ++expired; }};
  timer.set(core::Time::max());
  EXPECT_FALSE(loop.run_until([&] { return expired > 0; }, 5ms));
  timer.set(loop.now() + 1ms);
  EXPECT_TRUE(loop.run_until([&] { return expired > 0; }, core::Duration::max()));
}

TEST(NetSystem, WallClockIsOfThisCentury) {
  const auto now = system_wall_clock().unix_time(steady_now());
  EXPECT_GT(now, std::chrono::hours{24} * 365 * 50);
}

TEST(NetSystem, RandomNeverRepeats) {
  SystemRandom random;
  std::vector<std::uint64_t> seen;
  for (int i = 0; i < 200; ++i) seen.push_back(random.u64());
  std::ranges::sort(seen);
  EXPECT_EQ(std::ranges::adjacent_find(seen), seen.end());
}

}  // namespace
}  // namespace lucid::net
