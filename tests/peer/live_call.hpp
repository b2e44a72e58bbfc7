#pragma once
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "net/driver.hpp"
#include "net/loop.hpp"
#include "tests/peer/call.hpp"

// The same as Call, over real sockets of this host.
namespace lucid::peer {

class LiveSide {
 public:
  explicit LiveSide(net::Loop& loop, Configuration configuration)
      : machine{std::move(
            *PeerConnection::create(std::move(configuration), loop.context(), loop.now()))},
        driver_{loop, machine, [this, &loop](Event event, core::Time) {
                  if (on_event) on_event(event);
                  events.push_back({loop.now(), std::move(event)});
                }} {}

  // A call from outside; what it brings about is carried out after it.
  class Call {
   public:
    explicit Call(LiveSide& side) : side_{side} {}
    ~Call() { side_.driver_.pump(); }
    PeerConnection* operator->() { return &side_.machine; }

   private:
    LiveSide& side_;
  };
  Call operator->() { return Call{*this}; }

  template <class E>
  std::size_t count() const {
    std::size_t found = 0;
    for (const auto& [time, event] : events) found += std::holds_alternative<E>(event) ? 1 : 0;
    return found;
  }
  template <class E>
  bool saw() const {
    return count<E>() > 0;
  }
  template <class E>
  const E* first() const {
    for (const auto& [time, event] : events) {
      if (const E* it = std::get_if<E>(&event)) return it;
    }
    return nullptr;
  }

  struct Heard {
    core::Time time;
    Event event;
  };
  PeerConnection machine;
  std::function<void(Event&)> on_event;
  std::vector<Heard> events;

 private:
  net::Driver<PeerConnection> driver_;
};

class LiveCall : public Calling<LiveCall> {
 public:
  explicit LiveCall(const Wishes& wishes = {})
      : left{loop, Wishes::granted(wishes.left, configuration())},
        right{loop, Wishes::granted(wishes.right, configuration())} {
    trickle(left, right);
    trickle(right, left);
  }

  core::Time now() const { return loop.now(); }
  void wait(core::Duration time) {
    (void)loop.run_until([] { return false; }, time);
  }
  // A candidate does not overtake the description that it belongs to.
  void deliver(auto message) { loop.post(std::move(message)); }
  template <class Predicate>
  bool run_until(Predicate&& done, core::Duration limit = std::chrono::seconds{10}) {
    return loop.run_until(done, limit);
  }

  net::Loop loop;
  LiveSide left;
  LiveSide right;

 private:
  Configuration configuration() {
    Configuration with;
    with.wall_clock = loop.wall_clock();
    with.gather_loopback = true;
    return with;
  }
};

// What a case runs on.
using Stages = testing::Types<Call, LiveCall>;

}  // namespace lucid::peer
