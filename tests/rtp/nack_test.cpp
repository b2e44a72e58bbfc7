#include "rtp/receive/nack.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace lucid::rtp {
namespace {

using namespace std::chrono_literals;
using Arrival = NackGenerator::Arrival;

constexpr core::Duration pace = 10ms;

// A stream of a packet each 10 ms, of which some come `late` by so many packets.
struct Stream {
  void run(int packets, int overtaken_one_in, int late) {
    for (int i = 0; i < packets; ++i) {
      const std::int64_t number = next++;
      const bool overtaken = overtaken_one_in > 0 && number % overtaken_one_in == 7;
      due.emplace(start + number * pace + (overtaken ? late * pace + 1ms : 0ms), number);
    }
    deliver(start + next * pace);
  }
  // Those that are due, and what is asked for in between.
  void deliver(core::Time until) {
    while (!due.empty() && due.begin()->first < until) {
      ask(due.begin()->first);
      now = due.begin()->first;
      nack.received(due.begin()->second, Arrival::direct, now);
      due.erase(due.begin());
    }
    ask(until);
  }
  void ask(core::Time until) {
    while (nack.next_timeout() && *nack.next_timeout() <= until) {
      const core::Time at = std::max(now, *nack.next_timeout());
      for (const std::uint16_t each : nack.due(at)) asked[each].push_back(at);
    }
  }
  // Packet `next` never comes; when it is asked for the first time, after it is missed.
  core::Duration lose_one() {
    const std::int64_t lost = next++;
    const core::Time missed = start + next * pace;
    run(100, 0, 0);
    const auto& times = asked[static_cast<std::uint16_t>(lost)];
    return times.empty() ? core::Duration::max() : times.front() - missed;
  }

  NackGenerator nack;
  core::Time start{10s};
  core::Time now{10s};
  std::int64_t next = 0;
  std::multimap<core::Time, std::int64_t> due;
  std::map<std::uint16_t, std::vector<core::Time>> asked;
};

TEST(NackGenerator, AsksAtOnceWherePacketsComeInOrder) {
  Stream stream;
  stream.run(500, 0, 0);
  EXPECT_EQ(stream.lose_one(), 0ms);
}

TEST(NackGenerator, APacketOvertakenNowAndThenDelaysNoRepair) {
  Stream stream;
  stream.run(4000, 1000, 20);
  EXPECT_EQ(stream.lose_one(), 0ms);
  EXPECT_LE(stream.nack.stats().asked, 40U);
}

TEST(NackGenerator, WaitsAsLongAsPacketsAreOvertakenAndNoLonger) {
  for (const int late : {2, 8, 20, 60}) {
    Stream stream;
    stream.run(2000, 20, late);
    EXPECT_LE(stream.nack.stats().asked, 20U) << late;
    const core::Duration waited = stream.lose_one();
    EXPECT_GE(waited, (late - 1) * pace) << late;  // those in between are late, too
    EXPECT_LE(waited, (late + 2) * pace) << late;
  }
}

TEST(NackGenerator, ForgetsAPathThatReorderedOnce) {
  Stream stream;
  stream.run(500, 20, 20);
  EXPECT_GT(stream.lose_one(), 0ms);
  stream.run(20'000, 0, 0);
  EXPECT_EQ(stream.lose_one(), 0ms);
}

// The wait is learned from originals that come behind their repair, too: else a path that reorders
// by more than a round trip would be asked about each of them for ever.
TEST(NackGenerator, LearnsFromOriginalsThatFollowTheirRepair) {
  NackGenerator nack;
  core::Time now{10s};
  for (std::int64_t number = 0; number < 400; ++number, now += pace) {
    if (number % 20 == 7) continue;
    nack.received(number, Arrival::direct, now);
    (void)nack.due(now);
    if (number % 20 == 10) nack.received(number - 3, Arrival::repaired, now);
    if (number % 20 == 15) nack.overtaken(number - 8, now);
  }
  EXPECT_LE(nack.stats().asked, 3U);
  EXPECT_GT(nack.stats().asked, 0U);
}

TEST(NackGenerator, ARepairThatLooksLikeAnyPacketIsNotTakenForReordering) {
  NackGenerator nack;
  nack.round_trip(40ms);
  core::Time now{10s};
  std::int64_t number = 0;
  for (; number < 1000; ++number, now += pace) {
    if (number % 20 == 7) continue;
    nack.received(number, Arrival::either, now);
    (void)nack.due(now);
    if (number % 20 == 12) nack.received(number - 5, Arrival::either, now);  // a round trip later
  }
  EXPECT_EQ(nack.stats().recovered, 50U);
  nack.received(number + 1, Arrival::either, now);
  EXPECT_EQ(nack.next_timeout(), now);  // still asked for at once
}

TEST(NackGenerator, AHoleTooLargeIsNotAskedFor) {
  NackGenerator nack;
  nack.received(1, Arrival::direct, core::Time{1s});
  nack.received(1 + NackGenerator::window + 1, Arrival::direct, core::Time{1s});
  EXPECT_FALSE(nack.next_timeout());
  EXPECT_TRUE(nack.gave_up());
  EXPECT_FALSE(nack.gave_up());
}

}  // namespace
}  // namespace lucid::rtp
