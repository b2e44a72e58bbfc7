#include "sim/simulation.hpp"

#include <gtest/gtest.h>

#include "tests/sim/echo.hpp"

namespace lucid::sim {
namespace {

using namespace std::chrono_literals;
using test::Answered;
using test::Heard;

auto asker(std::uint8_t questions) {
  return [=](core::Context context) { return test::Asker{questions, context}; };
}
test::Echo echo(core::Context context) { return test::Echo{context}; }

TEST(Simulation, AnswersArriveAfterOneRoundTrip) {
  Simulation sim{asker(1), echo, Link{.delay = 40ms}};
  sim.left->start(sim.now());
  ASSERT_TRUE(sim.run_until([&] { return sim.left.saw<Answered>(); }, 1s));
  EXPECT_EQ(sim.left.time_of<Answered>(), virtual_start + 80ms);
  EXPECT_EQ(sim.left.transmits, 1U);
}

TEST(Simulation, RetransmissionGetsThroughAnyLoss) {
  for (const Seed seed : seeds(20)) {
    Simulation sim{asker(50), echo, Link{.delay = 40ms, .loss = 0.3}, seed};
    sim.left->start(sim.now());
    EXPECT_TRUE(sim.run_until([&] { return sim.left.count<Answered>() == 50; }, 2min));
    EXPECT_GT(sim.left_to_right.stats().lost, 0U);
  }
}

TEST(Simulation, GivesUpAtTheLimitAndKeepsTheTime) {
  Simulation sim{asker(1), echo, Link{.loss = 1}};
  sim.left->start(sim.now());
  EXPECT_FALSE(sim.run_until([&] { return sim.left.saw<Answered>(); }, 10s));
  EXPECT_EQ(sim.now(), virtual_start + 10s);
  EXPECT_EQ(sim.left.transmits, 51U);
}

TEST(Simulation, TheSameSeedGivesTheSameRun) {
  const auto run = [](Seed seed) {
    Simulation sim{asker(100), echo,
                   Link{.delay = 40ms, .jitter = 20ms, .loss = 0.1, .duplicate = 0.1}, seed};
    std::vector<std::uint8_t> bytes;
    sim.left_to_right.filter([&](Packet& packet) {
      bytes.insert(bytes.end(), packet.bytes.bytes().begin(), packet.bytes.bytes().end());
      return true;
    });
    sim.left->start(sim.now());
    sim.run_until([&] { return sim.left.count<Answered>() == 100; }, 1min);
    return std::pair{sim.now(), bytes};
  };
  EXPECT_EQ(run(Seed{7}), run(Seed{7}));
  EXPECT_NE(run(Seed{7}), run(Seed{8}));
}

TEST(Simulation, PathsAreSeenFromEachSide) {
  Simulation sim{[](core::Context c) { return test::PathAsker{1, c}; },
                 [](core::Context c) { return test::PathEcho{c}; }, Link{.delay = 1ms}};
  sim.left->start(sim.now());
  ASSERT_TRUE(sim.run_until([&] { return sim.left.saw<Answered>(); }, 1s));
  const auto& heard = *sim.right.first<Heard>();
  EXPECT_EQ(heard.path.text(), "udp 192.0.2.2:2000 -> 192.0.2.1:1000");
  EXPECT_EQ(heard.ecn, core::Ecn::ect1);
}

TEST(Simulation, TakesMachinesThatAreMadeAlready) {
  core::Pool pool;
  core::SeededRandom random{1};
  const core::Context context{random, pool};
  Simulation sim{test::Asker{1, context}, test::Echo{context}, Link{.delay = 5ms}, Link{}};
  sim.left->start(sim.now());
  EXPECT_TRUE(sim.run_until([&] { return sim.left.saw<Answered>(); }, 6ms));
}

TEST(Simulation, AHandlerOfOneSideMayCommandTheOther) {
  Simulation sim{asker(1), asker(1)};
  int events = 0;
  sim.left.on_event = [&](auto&) { ++events; };
  sim.right->start(sim.now());
  sim.left->start(sim.now());
  EXPECT_TRUE(sim.run_until([&] { return events == 1; }, 1s));
}

TEST(Simulation, AFilterSeesAndDropsDatagrams) {
  Simulation sim{asker(1), echo, Link{.delay = 10ms}};
  int seen = 0;
  sim.left_to_right.filter([&](Packet&) { return ++seen != 1; });
  sim.left->start(sim.now());
  ASSERT_TRUE(sim.run_until([&] { return sim.left.saw<Answered>(); }, 1s));
  EXPECT_EQ(sim.now(), virtual_start + 220ms);
  EXPECT_EQ(sim.left_to_right.stats().filtered, 1U);
}

TEST(SimulationDeathTest, ADeadlineThatStaysInThePastIsNamed) {
  struct Stuck : test::Echo {
    using test::Echo::Echo;
    std::optional<core::Time> next_timeout() const { return virtual_start; }
  };
  EXPECT_DEATH(
      {
        Simulation sim([](core::Context c) { return Stuck{c}; }, echo);
        sim.run_for(1s);
      },
      "time stands still");
}

}  // namespace
}  // namespace lucid::sim
