#include "rtp/rtcp/scheduler.hpp"

#include <gtest/gtest.h>

namespace lucid::rtp::rtcp {
namespace {

using namespace std::chrono_literals;
using Due = Scheduler::Due;

// Lets time pass up to `end`, sending whatever is due; when regular reports left.
std::vector<core::Time> regular_reports(Scheduler& scheduler, core::Time end, std::size_t size) {
  std::vector<core::Time> times;
  while (scheduler.next_timeout() && *scheduler.next_timeout() <= end) {
    const core::Time now = *scheduler.next_timeout();
    const Due due = scheduler.handle_timeout(now);
    if (due == Due::nothing) continue;
    if (due == Due::regular) times.push_back(now);
    scheduler.sent(due, size, now);
  }
  return times;
}

TEST(Scheduler, IsSilentUntilStarted) {
  core::SeededRandom random{1};
  Scheduler scheduler{{}, random};
  EXPECT_FALSE(scheduler.next_timeout());
  scheduler.request_feedback(core::Time{});
  EXPECT_FALSE(scheduler.next_timeout());
}

// RFC 3550 6.3.2, RFC 3550 6.2
TEST(Scheduler, FirstReportWaitsAboutHalfASecond) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    core::SeededRandom random{seed};
    Scheduler scheduler{{}, random};
    scheduler.start(core::Time{});
    EXPECT_GE(scheduler.next_timeout(), core::Time{200ms});
    EXPECT_LE(scheduler.next_timeout(), core::Time{620ms});
  }
}

// RFC 4585 3.4, RFC 4585 3.5.3
TEST(Scheduler, RegularReportsKeepTheirIntervalApart) {
  core::SeededRandom random{2};
  Scheduler scheduler{{.report_interval = 1s}, random};
  scheduler.members(2, 2, true);
  scheduler.start(core::Time{});
  const auto times = regular_reports(scheduler, core::Time{1000s}, 100);
  EXPECT_NEAR(static_cast<double>(times.size()), 1000, 60);
  for (std::size_t i = 1; i < times.size(); ++i) {
    EXPECT_GE(times[i] - times[i - 1], 500ms);
    EXPECT_LE(times[i] - times[i - 1], 1600ms);
  }
}

// RFC 3550 6.2, RFC 3550 6.3.1, RFC 3550 6.3.3, RFC 3550 A.7
TEST(Scheduler, KeepsItsShareOfANarrowPath) {
  core::SeededRandom random{3};
  Scheduler scheduler{{.report_interval = 100ms, .session_bandwidth = 16'000}, random};
  scheduler.members(2, 2, true);
  scheduler.start(core::Time{});
  // 100 bytes a second for two of us, each datagram of 172 + 28 bytes: one in four seconds.
  const auto times = regular_reports(scheduler, core::Time{4000s}, 172);
  EXPECT_NEAR(static_cast<double>(times.size()), 1000, 100);
}

TEST(Scheduler, SendersShareAQuarterOfTheBandwidthInALargeGroup) {
  core::SeededRandom random{4};
  Scheduler sender{{.report_interval = 0s, .session_bandwidth = 160'000}, random};
  Scheduler receiver{{.report_interval = 0s, .session_bandwidth = 160'000}, random};
  sender.members(100, 1, true);
  receiver.members(100, 1, false);
  sender.start(core::Time{});
  receiver.start(core::Time{});
  const auto often = regular_reports(sender, core::Time{500s}, 72);
  const auto seldom = regular_reports(receiver, core::Time{500s}, 72);
  EXPECT_GT(often.size(), seldom.size() * 10);
}

// RFC 4585 3.3, RFC 4585 3.5.2
TEST(Scheduler, TwoEndsReportEveryEventAtOnce) {
  core::SeededRandom random{5};
  Scheduler scheduler{{}, random};
  scheduler.members(2, 1, false);
  scheduler.start(core::Time{});
  for (const core::Time now : {core::Time{100ms}, core::Time{101ms}, core::Time{102ms}}) {
    scheduler.request_feedback(now);
    EXPECT_EQ(scheduler.next_timeout(), now);
    EXPECT_EQ(scheduler.handle_timeout(now), Due::early);
    scheduler.sent(Due::early, 60, now);
  }
}

TEST(Scheduler, InAGroupOneEarlyReportIsAllowedBetweenTwoRegularOnes) {
  core::SeededRandom random{6};
  Scheduler scheduler{{.session_bandwidth = 10'000}, random};
  scheduler.members(4, 1, false);
  scheduler.start(core::Time{});
  const core::Time regular = *scheduler.next_timeout();
  scheduler.request_feedback(core::Time{1ms});
  const core::Time early = *scheduler.next_timeout();
  ASSERT_LT(early, regular);
  EXPECT_EQ(scheduler.handle_timeout(early), Due::early);
  scheduler.sent(Due::early, 60, early);
  const core::Time later = *scheduler.next_timeout();
  EXPECT_GT(later, regular);
  scheduler.request_feedback(early + 1ms);
  EXPECT_EQ(scheduler.next_timeout(), later);
}

// RFC 4585 3.5.2: the ends count, not their sources.
TEST(Scheduler, TwoEndsWithManySourcesReportEveryEventAtOnce) {
  core::SeededRandom random{1};
  Scheduler scheduler{{.point_to_point = true}, random};
  scheduler.start(core::Time{});
  scheduler.members(12, 6, true);
  for (core::Time now{1ms}; now < core::Time{100ms}; now += 50ms) {
    scheduler.request_feedback(now);
    ASSERT_EQ(scheduler.handle_timeout(now), Due::early);
    scheduler.sent(Due::early, 100, now);
  }
}

// RFC 3550 6.3.6
TEST(Scheduler, ReconsidersWhenTheGroupHasGrown) {
  core::SeededRandom random{7};
  Scheduler scheduler{{.session_bandwidth = 10'000}, random};
  scheduler.start(core::Time{});
  const core::Time first = *scheduler.next_timeout();
  scheduler.members(1000, 0, false);
  EXPECT_EQ(scheduler.handle_timeout(first), Due::nothing);
  EXPECT_GT(*scheduler.next_timeout(), first + 10s);
}

// RFC 3550 6.3.4
TEST(Scheduler, ComesSoonerWhenOthersLeave) {
  core::SeededRandom random{8};
  Scheduler scheduler{{.session_bandwidth = 10'000}, random};
  scheduler.members(1000, 0, false);
  scheduler.start(core::Time{});
  const core::Time before = *scheduler.next_timeout();
  scheduler.members_left(100, core::Time{1s});
  EXPECT_LT(*scheduler.next_timeout() - core::Time{1s}, (before - core::Time{1s}) / 5);
}

}  // namespace
}  // namespace lucid::rtp::rtcp
