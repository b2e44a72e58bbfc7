#include "sim/channel.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "sim/clock_seam.hpp"

namespace lucid::sim {
namespace {

using namespace std::chrono_literals;

const core::Path path{
    core::Transport::udp, {core::Ip::v4(0xC0000201), 1000}, {core::Ip::v4(0xC0000202), 2000}};

struct Arrival {
  core::Time time;
  std::uint32_t number;
  core::Ecn ecn;
};

class ChannelTest : public testing::Test {
 protected:
  Packet packet(std::uint32_t number, std::size_t size = 100, core::Ecn ecn = core::Ecn::ect0) {
    core::Buffer bytes = pool.take(size);
    core::ByteWriter{bytes.bytes()}.u32(number);
    return {path, ecn, std::move(bytes)};
  }
  // Sends `count` packets, one each `interval`, and gives back what arrives, when.
  std::vector<Arrival> run(Link link, std::uint32_t count, core::Duration interval,
                           std::size_t size = 100) {
    channel.emplace(link, Seed{1}, pool);
    std::vector<Arrival> arrivals;
    const auto collect = [&](core::Time until) {
      while (channel->next() && *channel->next() <= until) {
        const core::Time at = *channel->next();
        while (auto out = channel->pop(at)) {
          arrivals.push_back({at, core::ByteReader{out->bytes}.u32(), out->ecn});
        }
      }
    };
    core::Time now{};
    for (std::uint32_t i = 0; i < count; ++i) {
      now = core::Time{} + i * interval;
      collect(now);
      channel->send(packet(i, size), now);
    }
    collect(now + 1h);
    return arrivals;
  }
  core::Pool pool;
  std::optional<Channel> channel;
};

TEST_F(ChannelTest, DeliversWhenATraceSaysSo) {
  channel.emplace(Link{.delay = 1ms}, Seed{1}, pool);
  channel->deliver_at({{5ms, 10ms, 30ms}, virtual_start});
  const auto arrivals_of = [&](core::Time sent, std::vector<std::size_t> sizes) {
    for (const std::size_t size : sizes) channel->send(packet(0, size - 28), sent);
    std::vector<core::Duration> arrivals;
    while (const auto next = channel->next()) {
      while (channel->pop(*next)) arrivals.push_back(*next - virtual_start);
    }
    return arrivals;
  };
  using Times = std::vector<core::Duration>;
  EXPECT_EQ(arrivals_of(virtual_start, {1500, 1500, 1500}), (Times{6ms, 11ms, 31ms}));
  // The trace begins anew at 30 ms. Several short packets share an opportunity.
  EXPECT_EQ(arrivals_of(virtual_start + 31ms, {500, 500, 500, 500}),
            (Times{36ms, 36ms, 36ms, 41ms}));
  // What nobody used is gone: a packet does not leave at a time that has passed.
  EXPECT_EQ(arrivals_of(virtual_start + 10s + 1ms, {1500, 100}), (Times{10'021ms, 10'026ms}));
}

TEST_F(ChannelTest, ATraceWithAQueueDropsWhatDoesNotFit) {
  channel.emplace(Link{.queue = {.limit = 3000}}, Seed{1}, pool);
  channel->deliver_at({{100ms}, virtual_start});
  for (std::uint32_t i = 0; i < 5; ++i) channel->send(packet(i, 1472), virtual_start);
  EXPECT_EQ(channel->stats().dropped, 3U);
  EXPECT_FALSE(channel->pop(virtual_start + 99ms));
  EXPECT_TRUE(channel->pop(virtual_start + 100ms));
  EXPECT_FALSE(channel->pop(virtual_start + 100ms));
  EXPECT_TRUE(channel->pop(virtual_start + 200ms));
}

TEST_F(ChannelTest, APerfectLinkDeliversAtOnceAndInOrder) {
  const auto arrivals = run({}, 100, 1ms);
  ASSERT_EQ(arrivals.size(), 100U);
  for (std::uint32_t i = 0; i < 100; ++i) {
    EXPECT_EQ(arrivals[i].number, i);
    EXPECT_EQ(arrivals[i].time, core::Time{} + i * 1ms);
  }
}

TEST_F(ChannelTest, JitterStaysInItsBoundsAndKeepsTheOrder) {
  const auto arrivals = run({.delay = 40ms, .jitter = 20ms}, 1000, 5ms);
  ASSERT_EQ(arrivals.size(), 1000U);
  std::set<std::int64_t> delays;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(arrivals[i].number, i);
    const auto delay = arrivals[i].time - (core::Time{} + i * 5ms);
    EXPECT_GE(delay, 40ms);
    EXPECT_LE(delay, 60ms);
    delays.insert(delay.count());
  }
  EXPECT_GT(delays.size(), 500U);
}

TEST_F(ChannelTest, LosesTheShareItWasTold) {
  run({.loss = 0.05}, 20'000, 1ms);
  EXPECT_NEAR(static_cast<double>(channel->stats().lost), 1000, 100);
}

TEST_F(ChannelTest, BurstsHaveTheirMeanLengthAndTheSameShare) {
  const auto arrivals = run({.loss = 0.1, .burst = 5}, 50'000, 1ms);
  EXPECT_NEAR(static_cast<double>(channel->stats().lost), 5000, 500);
  int bursts = 0;
  for (std::size_t i = 1; i < arrivals.size(); ++i) {
    if (arrivals[i].number != arrivals[i - 1].number + 1) ++bursts;
  }
  EXPECT_NEAR(static_cast<double>(channel->stats().lost) / bursts, 5, 0.5);
}

TEST_F(ChannelTest, ALossOfOneLosesEverything) {
  EXPECT_TRUE(run({.loss = 1}, 100, 1ms).empty());
  EXPECT_TRUE(run({.loss = 1, .burst = 3}, 100, 1ms).empty());
}

TEST_F(ChannelTest, ReorderedPacketsAreOvertaken) {
  const auto arrivals = run({.delay = 5ms, .reorder = 0.1, .reorder_delay = 10ms}, 1000, 1ms);
  ASSERT_EQ(arrivals.size(), 1000U);
  std::size_t overtaken = 0;
  for (std::size_t i = 1; i < arrivals.size(); ++i) {
    EXPECT_GE(arrivals[i].time, arrivals[i - 1].time);
    if (arrivals[i].number < arrivals[i - 1].number) ++overtaken;
  }
  EXPECT_NEAR(static_cast<double>(overtaken), 95, 30);
}

TEST_F(ChannelTest, DuplicatesArriveTwice) {
  const auto arrivals = run({.duplicate = 0.2}, 1000, 1ms);
  EXPECT_EQ(arrivals.size(), 1000U + channel->stats().duplicated);
  EXPECT_NEAR(static_cast<double>(channel->stats().duplicated), 200, 50);
}

TEST_F(ChannelTest, LargerThanTheMtuIsDroppedHeadersCounted) {
  EXPECT_EQ(run({.mtu = 1228}, 1, 1ms, 1200).size(), 1U);
  EXPECT_EQ(run({.mtu = 1227}, 1, 1ms, 1200).size(), 0U);
  EXPECT_EQ(channel->stats().too_big, 1U);
}

TEST_F(ChannelTest, ARateSpacesPacketsOut) {
  // 1,250 bytes on the wire at 1 Mbit/s: 10 ms each.
  const auto arrivals = run({.delay = 5ms, .rate = 1'000'000}, 10, 0ms, 1222);
  ASSERT_EQ(arrivals.size(), 10U);
  for (std::uint32_t i = 0; i < 10; ++i) {
    EXPECT_EQ(arrivals[i].time, core::Time{} + 5ms + (i + 1) * 10ms);
  }
  EXPECT_EQ(channel->stats().longest_wait, 90ms);
}

TEST_F(ChannelTest, ADropTailQueueRefusesWhatDoesNotFit) {
  const auto arrivals = run({.rate = 1'000'000, .queue = {.limit = 12'500}}, 20, 0ms, 1222);
  EXPECT_EQ(arrivals.size(), 11U);  // ten waiting and the one being sent
  EXPECT_EQ(arrivals.back().number, 10U);
  EXPECT_EQ(channel->stats().dropped, 9U);
}

// RFC 8289 4.3, RFC 8289 5.4, RFC 8289 5.5
TEST_F(ChannelTest, CodelKeepsTheQueueShortWhereDropTailFillsIt) {
  const Queue codel{.discipline = Queue::Discipline::codel, .limit = 1'000'000};
  // A tenth more than the link can carry, for 30 s.
  const auto steady = run({.rate = 1'000'000, .queue = codel}, 3300, 9091us, 1222);
  EXPECT_LT(channel->stats().longest_wait, 400ms);
  EXPECT_GT(channel->stats().dropped, 150U);
  EXPECT_GT(steady.size(), 2900U);
  run({.rate = 1'000'000, .queue = {.limit = 1'000'000}}, 3300, 9091us, 1222);
  EXPECT_GT(channel->stats().longest_wait, 2s);
}

// RFC 8289 4.3, RFC 8289 4.4
TEST_F(ChannelTest, CodelLeavesAShortBurstAlone) {
  const Queue codel{.discipline = Queue::Discipline::codel};
  EXPECT_EQ(run({.rate = 10'000'000, .queue = codel}, 40, 0ms, 1222).size(), 40U);
}

// RFC 3168 5
TEST_F(ChannelTest, PacketsThatCanBeMarkedAreMarkedInPlaceOfDropped) {
  const Queue codel{.discipline = Queue::Discipline::codel, .limit = 1'000'000, .mark_after = 5ms};
  const auto arrivals = run({.rate = 1'000'000, .queue = codel}, 1000, 9091us, 1222);
  EXPECT_EQ(arrivals.size(), 1000U);
  EXPECT_GT(channel->stats().marked, 10U);

  const auto marked = run({.rate = 1'000'000, .queue = {.mark_after = 35ms}}, 10, 0ms, 1222);
  for (const Arrival& arrival : marked) {
    EXPECT_EQ(arrival.ecn, arrival.number >= 4 ? core::Ecn::ce : core::Ecn::ect0);
  }
}

TEST_F(ChannelTest, AChangeHoldsForWhatIsSentFromThenOn) {
  channel.emplace(Link{.delay = 100ms}, Seed{1}, pool);
  channel->send(packet(1), core::Time{});
  channel->change({.loss = 1});
  channel->send(packet(2), core::Time{1ms});
  EXPECT_TRUE(channel->pop(core::Time{100ms}));
  EXPECT_FALSE(channel->next());
}

TEST_F(ChannelTest, KeepsToItsRateAlsoWhereAPacketTakesNoWholeMicrosecond) {
  // 72 and 28 bytes take 0.8 microseconds.
  const auto arrivals =
      run({.rate = 1'000'000'000, .queue = {.limit = 10'000'000}}, 10'000, 0us, 72);
  ASSERT_EQ(arrivals.size(), 10'000U);
  EXPECT_EQ(arrivals.back().time - core::Time{}, 8ms);
}

TEST_F(ChannelTest, LosesTheShareItIsToldAlsoWhenBurstsMustBeLonger) {
  const auto arrivals = run({.loss = 0.9, .burst = 2}, 100'000, 1ms);
  EXPECT_NEAR(1 - static_cast<double>(arrivals.size()) / 100'000, 0.9, 0.01);
}

}  // namespace
}  // namespace lucid::sim
