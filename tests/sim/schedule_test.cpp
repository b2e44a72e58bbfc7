#include "sim/schedule.hpp"

#include <gtest/gtest.h>

namespace lucid::sim {
namespace {

using namespace std::chrono_literals;

TEST(Schedule, EachLineChangesWhatItNames) {
  const auto schedule = Schedule::parse(
      "# a walk out of the house\n"
      "0     rate=2M delay=40ms queue=64k\n"
      "\n"
      "12.5  rate=300k loss=2% jitter=1.5ms   # the garden\n"
      "20    discipline=codel mark_after=5ms burst=3 mtu=1500\r\n");
  ASSERT_TRUE(schedule);
  ASSERT_EQ(schedule->steps.size(), 3U);
  const auto& [at, link] = schedule->steps[2];
  EXPECT_EQ(at, 20s);
  EXPECT_EQ(schedule->steps[1].at, 12'500ms);
  EXPECT_EQ(schedule->steps[0].link.rate, 2'000'000U);
  EXPECT_EQ(link.rate, 300'000U);
  EXPECT_EQ(link.delay, 40ms);
  EXPECT_EQ(link.jitter, 1500us);
  EXPECT_DOUBLE_EQ(link.loss, 0.02);
  EXPECT_EQ(link.queue.limit, 64'000U);
  EXPECT_EQ(link.queue.discipline, Queue::Discipline::codel);
  EXPECT_EQ(link.mtu, 1500U);
}

TEST(Schedule, ErrorsNameTheLineAndTheReason) {
  const auto reason = [](std::string_view text) {
    const auto schedule = Schedule::parse(text);
    return schedule ? "fine"
                    : std::to_string(schedule.error().line) + ": " +
                          std::string{schedule.error().reason};
  };
  EXPECT_EQ(reason("0 delay=40"), "1: a time needs a unit: us, ms or s");
  EXPECT_EQ(reason("0\nsoon rate=1"), "2: does not begin with seconds");
  EXPECT_EQ(reason("5 loss=0\n4"), "2: time runs back");
  EXPECT_EQ(reason("0 loss=2"), "1: not a share: 0 to 1, or a percentage");
  EXPECT_EQ(reason("0 rate=fast"), "1: not a number, with k, M or G behind it if need be");
  EXPECT_EQ(reason("0 speed=1"), "1: not a field of a link");
  EXPECT_EQ(reason("0 delay"), "1: not a field of a link");
  EXPECT_EQ(reason("0 discipline=red"), "1: not a discipline: codel or drop_tail");
}

TEST(Schedule, WholeNumbersAloneAreATraceOfMahimahis) {
  const auto schedule = Schedule::parse("# an LTE cell, down\n0\n3\n3\n20\r\n");
  ASSERT_TRUE(schedule);
  EXPECT_TRUE(schedule->steps.empty());
  EXPECT_EQ(schedule->deliveries, (std::vector<core::Duration>{0ms, 3ms, 3ms, 20ms}));
}

TEST(Schedule, ErrorsInATraceNameTheLineToo) {
  const auto reason = [](std::string_view text) {
    const auto schedule = Schedule::parse(text);
    return schedule ? "fine"
                    : std::to_string(schedule.error().line) + ": " +
                          std::string{schedule.error().reason};
  };
  EXPECT_EQ(reason("5\n4"), "2: time runs back");
  EXPECT_EQ(reason("1\n2.5"), "2: neither a millisecond nor a change");
  EXPECT_EQ(reason("fast"), "1: neither a millisecond nor a change");
  EXPECT_EQ(reason("0\n0\n"), "2: the trace ends where it begins");
}

}  // namespace
}  // namespace lucid::sim
