// Which of several pairs that work carries the data, and when it moves to another.
#include <gtest/gtest.h>

#include <map>

#include "ice/agent.hpp"
#include "sim/actor.hpp"
#include "sim/world.hpp"
#include "tests/ice/pair_of_agents.hpp"

namespace lucid::ice {
namespace {

using namespace std::chrono_literals;
using AgentActor = sim::Actor<Agent>;

// The left host has two addresses, of which the first has the higher priority; the right one has
// one. Delays are one way.
struct TwoWays {
  struct Second {
    core::Duration delay{};
    core::NetworkType type = core::NetworkType::ethernet;
  };

  TwoWays(core::Duration first_delay, Second second_way, bool renomination = false)
      : first_way{&host("left").connect(world.internet(), "192.0.2.1", over(first_delay))} {
    host("left").connect(world.internet(), "192.0.2.2", over(second_way.delay), "eth1",
                         second_way.type);
    host("right").connect(world.internet(), "198.51.100.1");
    left = &agent("left", Role::controlling, renomination);
    right = &agent("right", Role::controlled, renomination);
    introduce(*left, *right);
    introduce(*right, *left);
    (*left)->gather(world.now());
    (*right)->gather(world.now());
    (*left)->set_remote_credentials(right->machine.local_credentials(), world.now());
    (*right)->set_remote_credentials(left->machine.local_credentials(), world.now());
  }

  void delay_first_way(core::Duration delay) {
    first_way->up.change({.delay = delay});
    first_way->down.change({.delay = delay});
  }
  std::string in_use(const AgentActor& side, std::string_view end) {
    const auto path = side.machine.path();
    if (!path) return "none";
    return end == "local" ? path->local.ip.text() : path->remote.ip.text();
  }
  // By both sides, after some time.
  std::string used_after(core::Duration time) {
    world.run_for(time);
    const std::string ours = in_use(*left, "local");
    return ours == in_use(*right, "remote") ? ours : "not the same";
  }

  sim::World world;
  core::Time start = world.now();
  std::map<std::string, sim::Host*, std::less<>> hosts;
  sim::Attachment* first_way;
  AgentActor* left = nullptr;
  AgentActor* right = nullptr;

 private:
  static sim::Access over(core::Duration delay) { return sim::Access::both({.delay = delay}); }
  sim::Host& host(std::string_view name) {
    const auto it = hosts.find(name);
    if (it != hosts.end()) return *it->second;
    return *hosts.emplace(name, &world.add_host(std::string{name})).first->second;
  }
  AgentActor& agent(std::string_view where, Role role, bool renomination) {
    Config config;
    config.role = role;
    config.tcp = false;
    config.renomination = renomination;
    return host(where).run([config](core::Context c) { return Agent{config, c}; });
  }
  void introduce(AgentActor& from, AgentActor& to) {
    from.on_event = [this, &to](Agent::Event& event) {
      if (const auto* found = std::get_if<Agent::LocalCandidate>(&event)) {
        to->add_remote_candidate(found->candidate, world.now());
      }
    };
  }
};

// The first way is a detour, of the same kind as far as candidates tell.
TEST(IceNomination, OfOneKindTheClearlyShorterRoundTripIsTakenAndKept) {
  TwoWays lab{150ms, {10ms}};
  EXPECT_EQ(lab.used_after(10s), "192.0.2.2");
  EXPECT_EQ(lab.left->count<Agent::Selected>(), 1U);
  EXPECT_EQ(lab.right->count<Agent::Selected>(), 1U);
  // Not held back by the slow one: a round trip, 50 ms of patience, a round trip.
  EXPECT_LE(*lab.right->time_of<Agent::Selected>() - lab.start, 100ms);
}

// RFC 8445 5.1.2: where round trips are about the same the priority decides.
TEST(IceNomination, ALittleSoonerIsNotClearlyShorter) {
  TwoWays lab{30ms, {20ms}};
  EXPECT_EQ(lab.used_after(10s), "192.0.2.1");
}

// What costs money is of another kind, however fast it is.
TEST(IceNomination, AMeteredInterfaceDoesNotWinByItsRoundTrip) {
  TwoWays lab{150ms, {10ms, core::NetworkType::cellular}};
  EXPECT_EQ(lab.used_after(10s), "192.0.2.1");
}

// draft-thatcher-ice-renomination: the data moves when the gain is clear and lasts.
TEST(IceNomination, RenominatesForAGainThatLastsAndNotForOneThatDoesNot) {
  TwoWays lab{20ms, {20ms}, true};
  EXPECT_EQ(lab.used_after(10s), "192.0.2.1");
  lab.delay_first_way(200ms);
  EXPECT_EQ(lab.used_after(20s), "192.0.2.1");
  lab.delay_first_way(20ms);
  EXPECT_EQ(lab.used_after(60s), "192.0.2.1");
  lab.delay_first_way(200ms);
  EXPECT_EQ(lab.used_after(90s), "192.0.2.2");
  // And back, should that last as well.
  lab.delay_first_way(0ms);
  EXPECT_EQ(lab.used_after(120s), "192.0.2.1");
}

// Firefox stays with the higher priority, so that the two directions would part.
TEST(IceNomination, WithoutRenominationASelectedPairThatWorksIsNotLeftForItsRoundTrip) {
  TwoWays lab{20ms, {20ms}};
  EXPECT_EQ(lab.used_after(10s), "192.0.2.1");
  lab.delay_first_way(200ms);
  EXPECT_EQ(lab.used_after(5min), "192.0.2.1");
  EXPECT_EQ(lab.left->count<Agent::Selected>(), 1U);
}

Host with_three_addresses(Host host, const std::string& network) {
  host.interfaces.clear();
  for (int i = 1; i <= 3; ++i) {
    host.interfaces.push_back(interface_with(network + std::to_string(i)));
  }
  return host;
}

// Of two nominations the earlier may be the one that arrives last, or again: without a word more
// each side would stay with another pair.
TEST(IceNomination, BothSidesEndOnOnePairWhateverBecameOfTheNominations) {
  const sim::Link bad{
      .delay = 40ms, .loss = 0.3, .reorder = 0.5, .reorder_delay = 100ms, .duplicate = 0.2};
  const Host left = with_three_addresses(left_host(), "192.0.2.");
  const Host right = with_three_addresses(right_host(), "198.51.100.");
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    PairOfAgents pair{bad, left, right, sim::Seed{seed}};
    pair.exchange();
    ASSERT_TRUE(pair.sim.run_until([&] { return pair.both_saw_selected(); }, 60s)) << seed;
    pair.sim.right_to_left.change({.delay = 40ms});
    pair.sim.left_to_right.change({.delay = 40ms});
    pair.sim.run_for(40s);
    const core::Path ours = *pair.sim.left.machine.path();
    const core::Path theirs = *pair.sim.right.machine.path();
    EXPECT_EQ(ours.local, theirs.remote) << seed;
    EXPECT_EQ(ours.remote, theirs.local) << seed;
  }
}

}  // namespace
}  // namespace lucid::ice
