#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "peer/peer_connection.hpp"
#include "sim/actor.hpp"
#include "sim/clock_seam.hpp"
#include "sim/world.hpp"

// Two PeerConnections on two hosts of a simulated internet, and the signaling between them, which
// takes no time and loses nothing unless a test does it by itself.
namespace lucid::peer {

inline Configuration test_configuration() {
  Configuration configuration;
  configuration.wall_clock = sim::virtual_wall_clock;
  configuration.gather_tcp = false;
  return configuration;
}

// What a test wants other than test_configuration() or what its stage has instead.
struct Wishes {
  std::function<void(Configuration&)> left = [](Configuration&) {};
  std::function<void(Configuration&)> right = [](Configuration&) {};

  static Configuration granted(const auto& wish, Configuration configuration) {
    wish(configuration);
    return configuration;
  }
};

// Makes a connection where `now` is the start of the world.
inline auto maker(Configuration configuration) {
  return [configuration = std::move(configuration)](core::Context context) {
    auto made = PeerConnection::create(configuration, context, sim::virtual_start);
    EXPECT_TRUE(made) << (made ? "" : made.error().text());
    return std::move(*made);
  };
}

// What two connections do with each other, on whatever they run.
template <class Derived>
class Calling {
 public:
  // One round of offer and answer.
  void negotiate(auto& offerer, auto& answerer) {
    const auto now = self().now();
    expect(offerer->set_local_description(now));
    expect(answerer->set_remote_description(*offerer.machine.local_description(), now));
    expect(answerer->set_local_description(now));
    expect(offerer->set_remote_description(*answerer.machine.local_description(), now));
  }
  void negotiate() { negotiate(self().left, self().right); }
  bool connected() {
    return self().left.machine.connection_state() == ConnectionState::connected &&
           self().right.machine.connection_state() == ConnectionState::connected;
  }
  static void expect(const Result<void>& result) {
    EXPECT_TRUE(result) << (result ? "" : result.error().text());
  }

 protected:
  // Each candidate of one goes to the other at once; `handler` sees all events after that.
  void trickle(auto& from, auto& to) {
    from.on_event = [this, &to](Event& event) {
      if (!trickling) return;
      if (const auto* found = std::get_if<events::IceCandidate>(&event)) {
        self().deliver([this, &to, candidate = found->candidate] {
          expect(to->add_ice_candidate(candidate, self().now()));
        });
      }
    };
  }

 public:
  bool trickling = true;

 private:
  Derived& self() { return static_cast<Derived&>(*this); }
};

class Call : public Calling<Call> {
 public:
  using Actor = sim::Actor<PeerConnection>;

  explicit Call(sim::Link link = {.delay = std::chrono::milliseconds{10}},
                Configuration left_is = test_configuration(),
                Configuration right_is = test_configuration(), sim::Seed seed = sim::default_seed())
      : world{seed},
        left{at("left", "192.0.2.1", link).run(maker(std::move(left_is)))},
        right{at("right", "198.51.100.1", link).run(maker(std::move(right_is)))} {
    trickle(left, right);
    trickle(right, left);
  }
  explicit Call(const Wishes& wishes)
      : Call{{.delay = std::chrono::milliseconds{10}},
             Wishes::granted(wishes.left, test_configuration()),
             Wishes::granted(wishes.right, test_configuration())} {}

  core::Time now() const { return world.now(); }
  void wait(core::Duration time) { world.run_for(time); }
  void deliver(auto message) { message(); }
  template <class Predicate>
  bool run_until(Predicate&& done, core::Duration limit = std::chrono::seconds{10}) {
    return world.run_until(std::forward<Predicate>(done), limit);
  }

  sim::World world;
  Actor& left;
  Actor& right;

 private:
  sim::Host& at(const char* name, const char* ip, sim::Link link) {
    sim::Host& host = world.add_host(name);
    host.connect(world.internet(), ip, sim::Access::both(link));
    return host;
  }
};

}  // namespace lucid::peer
