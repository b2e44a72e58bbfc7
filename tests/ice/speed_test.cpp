// How soon a connection works: the numbers that this module promises, in virtual time.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/ice/pair_of_agents.hpp"

namespace lucid::ice {
namespace {

using namespace std::chrono_literals;

core::Duration time_to_usable(PairOfAgents& pair) {
  const core::Time start = pair.sim.now();
  pair.exchange();
  if (!pair.sim.run_until([&] { return pair.both_saw_usable(); }, 30s)) return 30s;
  return std::max(*pair.sim.left.time_of<Agent::Usable>(),
                  *pair.sim.right.time_of<Agent::Usable>()) -
         start;
}

// RFC 8445 12.1
TEST(IceSpeed, UsableOnBothSidesAfterOneRoundTripAndSelectedAfterTwo) {
  PairOfAgents pair{sim::Link{.delay = 50ms}};
  const core::Time start = pair.sim.now();
  pair.exchange();
  ASSERT_TRUE(pair.sim.run_until([&] { return pair.both_saw_selected(); }, 1s));
  EXPECT_EQ(*pair.sim.left.time_of<Agent::Usable>() - start, 100ms);
  EXPECT_EQ(*pair.sim.right.time_of<Agent::Usable>() - start, 100ms);
  EXPECT_LE(*pair.sim.left.time_of<Agent::Selected>() - start, 200ms);
  EXPECT_LE(*pair.sim.right.time_of<Agent::Selected>() - start, 200ms);
}

TEST(IceSpeed, AtFivePercentLossTheSlowestTwentiethIsUsableWithin700Milliseconds) {
  std::vector<core::Duration> times;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    PairOfAgents pair{sim::Link{.delay = 50ms, .loss = 0.05}, left_host(), right_host(),
                      sim::Seed{seed}};
    times.push_back(time_to_usable(pair));
  }
  std::ranges::sort(times);
  EXPECT_LT(times[times.size() * 95 / 100], 700ms);
  EXPECT_LT(times.back(), 3s);
}

TEST(IceSpeed, OfSixteenCandidatesASideOnlyTheWorstPairWorks) {
  Host left = left_host();
  Host right = right_host();
  left.interfaces.clear();
  right.interfaces.clear();
  for (int i = 1; i <= 16; ++i) {
    left.interfaces.push_back(interface_with("192.0.2." + std::to_string(i)));
    right.interfaces.push_back(interface_with("198.51.100." + std::to_string(i)));
  }
  PairOfAgents pair{sim::Link{.delay = 50ms}, left, right};
  const auto last_ones = [](const core::Path& path) {
    return path.local.ip.bytes()[3] == 16 && path.remote.ip.bytes()[3] == 16;
  };
  pair.sim.left.machine.lets_in = last_ones;
  pair.sim.right.machine.lets_in = last_ones;
  EXPECT_LT(time_to_usable(pair), 2500ms);
  EXPECT_EQ(pair.sim.left.machine.pairs().size(), 256U);
}

// RFC 8445 14.2
TEST(IceSpeed, ChecksAreFiveMillisecondsApartAndTheFirstDoesNotWait) {
  Host left = left_host();
  for (int i = 2; i <= 4; ++i)
    left.interfaces.push_back(interface_with("192.0.2." + std::to_string(i)));
  PairOfAgents pair{sim::Link{.delay = 1s}, left, right_host()};
  pair.exchange();
  EXPECT_EQ(pair.sim.left.machine.stats().checks_sent, 1U);
  pair.sim.run_for(4ms);
  EXPECT_EQ(pair.sim.left.machine.stats().checks_sent, 1U);
  pair.sim.run_for(11ms);
  EXPECT_EQ(pair.sim.left.machine.stats().checks_sent, 4U);
}

}  // namespace
}  // namespace lucid::ice
