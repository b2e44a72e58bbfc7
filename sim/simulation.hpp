#pragma once
#include <algorithm>
#include <cstdio>
#include <utility>

#include "sim/channel.hpp"
#include "sim/side.hpp"

namespace lucid::sim {

// Two machines and a link each way, in virtual time: jumps from one deadline to the next, so an
// hour takes as long as its packets. The same seed gives the same run.
//
//   Simulation sim{[](core::Context c) { return Client{{}, c}; },
//                  [](core::Context c) { return Server{{}, c}; }, Link{.delay = 40ms, .loss =
//                  0.3}};
//   EXPECT_TRUE(sim.run_until([&] { return sim.left.saw<Connected>(); }, 10s));
template <core::Machine Left, core::Machine Right>
class Simulation {
 public:
  template <class L, class R>
  Simulation(L&& make_left, R&& make_right, Link both = {}, Seed seed = default_seed())
      : Simulation{std::forward<L>(make_left), std::forward<R>(make_right), both, both, seed} {}
  template <class L, class R>
  Simulation(L&& make_left, R&& make_right, Link to_right, Link to_left, Seed seed = default_seed())
      : left{std::forward<L>(make_left), derive(seed, 0), now_},
        right{std::forward<R>(make_right), derive(seed, 1), now_},
        left_to_right{to_right, derive(seed, 2), left.pool},
        right_to_left{to_left, derive(seed, 3), right.pool},
        seed_{seed} {
    remember_seed(seed);
  }
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

 private:
  core::Time now_ = virtual_start;

 public:
  Side<Left> left;
  Side<Right> right;
  Channel left_to_right;
  Channel right_to_left;

  core::Time now() const { return now_; }
  Seed seed() const { return seed_; }

  // Runs until the predicate holds; false when it did not within `limit`.
  template <class Predicate>
  bool run_until(Predicate&& done, core::Duration limit) {
    const core::Time end = now_ + limit;
    settle();
    while (!done()) {
      const auto next = next_deadline();
      if (!next || *next > end) {
        now_ = end;
        return false;
      }
      step(*next);
    }
    return true;
  }
  void run_for(core::Duration duration) {
    run_until([] { return false; }, duration);
  }

 private:
  // More steps than this without time moving: a machine whose deadline stays in the past.
  static constexpr int stuck_after = 100'000;

  std::optional<core::Time> next_deadline() const {
    return core::earliest(core::earliest(left.machine.next_timeout(), right.machine.next_timeout()),
                          core::earliest(left_to_right.next(), right_to_left.next()));
  }

  void step(core::Time next) {
    standing_ = next > now_ ? 0 : standing_ + 1;
    if (standing_ > stuck_after) {
      std::fprintf(stderr,
                   "sim: time stands still: a machine's next_timeout() stays in the past\n");
      core::check(false);
    }
    now_ = std::max(now_, next);
    deliver(left_to_right, right);
    deliver(right_to_left, left);
    time_out(left);
    time_out(right);
    settle();
  }

  template <class M>
  void deliver(Channel& channel, Side<M>& side) {
    while (std::optional<Packet> packet = channel.pop(now_)) {
      const VirtualTimeScope scope{now_, side.random};
      if constexpr (std::same_as<typename M::Datagram, core::Datagram>) {
        std::swap(packet->path.local, packet->path.remote);
        side.machine.handle_datagram({packet->path, packet->ecn, std::move(packet->bytes)}, now_);
      } else if constexpr (std::same_as<typename M::Datagram, core::Buffer>) {
        side.machine.handle_datagram(std::move(packet->bytes), now_);
      } else {
        side.machine.handle_datagram(typename M::Datagram{packet->bytes.bytes()}, now_);
      }
      drain(left, left_to_right);
      drain(right, right_to_left);
    }
  }

  template <class M>
  void time_out(Side<M>& side) {
    const auto deadline = side.machine.next_timeout();
    if (!deadline || *deadline > now_) return;
    const VirtualTimeScope scope{now_, side.random};
    side.machine.handle_timeout(now_);
  }

  void settle() {
    while (drain(left, left_to_right) | drain(right, right_to_left)) {
    }
  }

  template <class M>
  bool drain(Side<M>& side, Channel& channel) {
    bool any = false;
    const VirtualTimeScope scope{now_, side.random};
    while (std::optional<typename M::Transmit> out = side.machine.poll_transmit()) {
      any = true;
      ++side.transmits;
      if constexpr (std::same_as<typename M::Transmit, core::Datagram>) {
        channel.send({out->path, out->ecn, std::move(out->bytes)}, now_);
      } else {
        channel.send({{}, core::Ecn::not_ect, std::move(*out)}, now_);
      }
    }
    while (std::optional<typename M::Event> event = side.machine.poll_event()) {
      any = true;
      if (side.on_event) side.on_event(*event);
      side.events.push_back({now_, std::move(*event)});
    }
    return any;
  }

  Seed seed_;
  int standing_ = 0;
};

template <class L, class R, class... Rest>
Simulation(L&&, R&&, Rest...)
    -> Simulation<typename detail::Made<L>::type, typename detail::Made<R>::type>;

}  // namespace lucid::sim
