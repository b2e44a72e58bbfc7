#pragma once
#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "core/machine.hpp"
#include "sim/clock_seam.hpp"

// The contract of core/machine.hpp as tests that every machine must pass:
//
//   struct AgentContract {
//     using Machine = ice::Agent;
//     static Machine make(core::Context context);              // a fresh one
//     static void start(Machine& machine, core::Time now);     // sets it to work
//     static std::vector<std::vector<std::uint8_t>> inputs();  // datagrams it understands
//     // Optional: closes it or lets it fail; where datagrams come from.
//     static void end(Machine& machine, core::Time now);
//     static core::Path path();
//     // For machines whose datagrams and transmits are types of their own.
//     static Machine::Datagram datagram(const std::vector<std::uint8_t>& bytes, core::Pool& pool);
//     static std::string text(const Machine::Transmit& transmit);
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(Agent, MachineContract, AgentContract);
//
// Each rule is a function that says how it is broken, so that tests can prove that it notices.
namespace lucid::core::contract {

using Violation = std::string;  // empty: the rule holds

// How one machine is driven through a script that follows from a seed alone.
struct Manner {
  bool early_timeouts = false;  // call handle_timeout between deadlines too
  int drain_every = 1;          // steps between polls
  bool events_first = false;    // which queue is polled first
};

template <class Traits>
class Player {
 public:
  using M = typename Traits::Machine;
  static constexpr int most_deadlines = 10'000;

  explicit Player(std::uint64_t seed = 1) : random_{seed}, machine{make(Context{random_, pool_})} {}

  void play(int steps, Manner manner = {}, std::uint64_t script_seed = 7) {
    SeededRandom script{script_seed};
    const auto inputs = Traits::inputs();
    start();
    for (int i = 0; i < steps; ++i) {
      const auto until = now + Duration{static_cast<std::int64_t>(script.below(400'000))};
      stuck = stuck || run_deadlines(until) >= most_deadlines;
      if (stuck) return;
      now = until;
      if (manner.early_timeouts) time_out();
      if (!inputs.empty() && script.below(3) == 0) {
        feed(inputs[static_cast<std::size_t>(script.below(inputs.size()))]);
      }
      if (i % manner.drain_every == 0) drain(manner.events_first);
    }
    drain(manner.events_first);
  }
  void start() {
    const sim::VirtualTimeScope scope{now, random_};
    Traits::start(machine, now);
  }
  void time_out() {
    const sim::VirtualTimeScope scope{now, random_};
    machine.handle_timeout(now);
  }
  void feed(const std::vector<std::uint8_t>& bytes) {
    const sim::VirtualTimeScope scope{now, random_};
    if constexpr (requires { Traits::datagram(bytes, pool_); }) {
      machine.handle_datagram(Traits::datagram(bytes, pool_), now);
    } else if constexpr (std::same_as<typename M::Datagram, Datagram>) {
      machine.handle_datagram({path(), Ecn::not_ect, pool_.copy(bytes)}, now);
    } else if constexpr (std::same_as<typename M::Datagram, Buffer>) {
      machine.handle_datagram(pool_.copy(bytes), now);
    } else {
      machine.handle_datagram(typename M::Datagram{Bytes{bytes}}, now);
    }
  }
  // Lets every deadline up to `until` come, on time; stops after `most` of them.
  int run_deadlines(Time until, int most = most_deadlines) {
    int count = 0;
    for (auto next = machine.next_timeout(); next && *next <= until && count < most; ++count) {
      now = std::max(now, *next);
      time_out();
      next = machine.next_timeout();
    }
    return count;
  }
  // Polls until both queues are empty. False when they do not get empty.
  bool drain(bool events_first = false) {
    const sim::VirtualTimeScope scope{now, random_};
    const std::size_t limit = transmits.size() + events.size() + 100'000;
    if (events_first) drain_events(limit);
    while (auto out = machine.poll_transmit()) {
      transmits.push_back(text(*out));
      if (transmits.size() > limit) return false;
    }
    drain_events(limit);
    return events.size() <= limit;
  }

 private:
  Pool pool_;
  SeededRandom random_;

 public:
  M machine;
  Time now = sim::virtual_start;
  bool stuck = false;                  // a deadline stayed where it is while it was played
  std::vector<std::string> transmits;  // what it sent, as text to compare
  std::vector<std::size_t> events;     // which kinds of event it gave

 private:
  M make(Context context) {
    const sim::VirtualTimeScope scope{sim::virtual_start, random_};
    return Traits::make(context);
  }
  static Path path() {
    if constexpr (requires { Traits::path(); }) {
      return Traits::path();
    } else {
      return {Transport::udp, {Ip::v4(0xC0000201), 1000}, {Ip::v4(0xC0000202), 2000}};
    }
  }
  static std::string text(const typename M::Transmit& out) {
    if constexpr (requires { Traits::text(out); }) {
      return Traits::text(out);
    } else if constexpr (std::same_as<typename M::Transmit, Datagram>) {
      return out.path.text() + " " + to_hex(out.bytes);
    } else {
      return to_hex(out);
    }
  }
  void drain_events(std::size_t limit) {
    while (auto event = machine.poll_event()) {
      if constexpr (requires { event->index(); }) {
        events.push_back(event->index());
      } else {
        events.push_back(0);
      }
      if (events.size() > limit) return;
    }
  }
};

template <class Traits>
Violation same_outputs(const Player<Traits>& a, const Player<Traits>& b) {
  if (a.events != b.events) return "the events differ";
  for (std::size_t i = 0; i < std::min(a.transmits.size(), b.transmits.size()); ++i) {
    if (a.transmits[i] != b.transmits[i]) {
      return "transmit " + std::to_string(i) + " differs:\n  " + a.transmits[i] + "\n  " +
             b.transmits[i];
    }
  }
  if (a.transmits.size() != b.transmits.size()) return "one sent more than the other";
  if (a.machine.next_timeout() != b.machine.next_timeout()) return "the next deadlines differ";
  return {};
}

template <class Traits>
Violation deterministic() {
  Player<Traits> a;
  Player<Traits> b;
  a.play(200);
  b.play(200);
  return same_outputs(a, b);
}

template <class Traits>
Violation early_timeouts_are_harmless() {
  Player<Traits> a;
  Player<Traits> b;
  a.play(200);
  b.play(200, {.early_timeouts = true});
  return same_outputs(a, b);
}

template <class Traits>
Violation polls_only_pop() {
  Player<Traits> a;
  Player<Traits> b;
  Player<Traits> c;
  a.play(200);
  b.play(200, {.drain_every = 4});
  c.play(200, {.events_first = true});
  if (auto violation = same_outputs(a, b); !violation.empty()) return "polled later: " + violation;
  if (auto violation = same_outputs(a, c); !violation.empty()) return "events first: " + violation;
  Player<Traits> d;
  d.start();
  const auto deadline = d.machine.next_timeout();
  if (!d.drain()) return "polling never ends";
  if (d.machine.next_timeout() != deadline) return "polling moved the deadline";
  if (d.machine.poll_transmit() || d.machine.poll_event()) return "an empty queue filled by itself";
  return {};
}

template <class Traits>
Violation deadlines_move() {
  Player<Traits> spoken_to;
  spoken_to.play(200);
  if (spoken_to.stuck) return "next_timeout() stays where it is after an input";
  Player<Traits> player;
  player.start();
  for (int i = 0; i < 500; ++i) {
    player.drain();
    const auto next = player.machine.next_timeout();
    if (!next) return {};
    player.now = std::max(player.now, *next);
    // A few steps at one instant are well; standing still is not.
    if (player.run_deadlines(player.now, 100) >= 100) return "next_timeout() stays where it is";
  }
  return {};
}

template <class Traits>
Violation late_timeouts_catch_up() {
  Player<Traits> player;
  player.start();
  player.now += std::chrono::hours{24};
  if (player.run_deadlines(player.now, 1000) >= 1000) return "a day later it is still busy";
  if (!player.drain()) return "polling never ends";
  const auto next = player.machine.next_timeout();
  return next && *next < player.now ? "next_timeout() lies in the past" : Violation{};
}

// Nothing, noise, and inputs cut short or changed in one bit: no crash, and an end to the answers.
template <class Traits>
Violation noise_is_harmless() {
  Player<Traits> player;
  SeededRandom random{3};
  auto fed = Traits::inputs();
  for (int pass = 0; pass < 2; ++pass) {
    player.feed({});
    for (std::size_t size = 1; size < 1500; size = size * 3 / 2 + 1) {
      std::vector<std::uint8_t> noise(size);
      for (int first = 0; first < 256; first += 5) {
        random.fill(noise);
        noise[0] = static_cast<std::uint8_t>(first);
        player.feed(noise);
      }
    }
    for (const auto& input : fed) {
      for (std::size_t size = 0; size < input.size(); size += 1 + input.size() / 200) {
        player.feed({input.begin(), input.begin() + static_cast<std::ptrdiff_t>(size)});
        auto changed = input;
        changed[size] ^= static_cast<std::uint8_t>(1U << random.below(8));
        player.feed(changed);
      }
      player.now += std::chrono::milliseconds{50};
      player.run_deadlines(player.now);
      if (!player.drain()) return "polling never ends";
    }
    if (pass == 0) player.start();
  }
  return {};
}

template <class Traits>
Violation quiet_after_the_end() {
  if constexpr (requires(typename Traits::Machine& m, Time now) { Traits::end(m, now); }) {
    Player<Traits> player;
    player.play(20);
    {
      SeededRandom random{5};
      const sim::VirtualTimeScope scope{player.now, random};
      Traits::end(player.machine, player.now);
    }
    // Parting words and a while of lingering are well.
    player.now += std::chrono::hours{1};
    if (player.run_deadlines(player.now, 1000) >= 1000) return "it does not come to rest";
    player.drain();
    player.transmits.clear();
    player.events.clear();
    for (const auto& input : Traits::inputs()) player.feed(input);
    player.feed({});
    player.time_out();
    player.drain();
    if (!player.transmits.empty()) return "it sends after the end";
    if (!player.events.empty()) return "it gives events after the end";
    if (player.machine.next_timeout()) return "it waits for something after the end";
  }
  return {};
}

}  // namespace lucid::core::contract

namespace lucid::core {

template <class Traits>
class MachineContract : public testing::Test {};
TYPED_TEST_SUITE_P(MachineContract);

TYPED_TEST_P(MachineContract, IsDeterministic) {
  EXPECT_EQ(contract::deterministic<TypeParam>(), "");
}
TYPED_TEST_P(MachineContract, EarlyTimeoutsAreHarmless) {
  EXPECT_EQ(contract::early_timeouts_are_harmless<TypeParam>(), "");
}
TYPED_TEST_P(MachineContract, PollsOnlyPop) {
  EXPECT_EQ(contract::polls_only_pop<TypeParam>(), "");
}
TYPED_TEST_P(MachineContract, DeadlinesMove) {
  EXPECT_EQ(contract::deadlines_move<TypeParam>(), "");
}
TYPED_TEST_P(MachineContract, LateTimeoutsCatchUp) {
  EXPECT_EQ(contract::late_timeouts_catch_up<TypeParam>(), "");
}
TYPED_TEST_P(MachineContract, NoiseIsHarmless) {
  EXPECT_EQ(contract::noise_is_harmless<TypeParam>(), "");
}
TYPED_TEST_P(MachineContract, IsQuietAfterTheEnd) {
  EXPECT_EQ(contract::quiet_after_the_end<TypeParam>(), "");
}

REGISTER_TYPED_TEST_SUITE_P(MachineContract, IsDeterministic, EarlyTimeoutsAreHarmless,
                            PollsOnlyPop, DeadlinesMove, LateTimeoutsCatchUp, NoiseIsHarmless,
                            IsQuietAfterTheEnd);

}  // namespace lucid::core
