#pragma once
#include <memory>
#include <optional>
#include <string>

#include "ice/agent.hpp"
#include "sim/actor.hpp"
#include "sim/gateway.hpp"
#include "sim/world.hpp"
#include "tests/ice/stun_server.hpp"

// A laboratory: two agents, each at home behind whatever box it is given, a STUN server between
// them, and a signalling channel that takes as long as a link.
namespace lucid::ice {

using namespace std::chrono_literals;

struct Home {
  std::optional<sim::Nat> nat;  // none: on the internet itself
  sim::Firewall firewall{};
  sim::Link link{.delay = 10ms};  // between the home and the internet
};

class Lab {
 public:
  using AgentActor = sim::Actor<Agent>;

  explicit Lab(Home left = {}, Home right = {}, Config config = {},
               sim::Seed seed = sim::default_seed())
      : world{seed} {
    sim::Host& server = world.add_host("server");
    server.connect(world.internet(), "198.51.100.53");
    world.name("stun.example.org", {*core::Ip::parse("198.51.100.53")});
    server.run([](core::Context c) { return StunServer{*core::Ip::parse("198.51.100.53"), c}; });
    if (config.servers.empty()) {
      config.servers.push_back({.host = "stun.example.org", .url = "stun:stun.example.org"});
    }
    left_ = &settle("left", left, "203.0.113.1", "192.168.1.2", config, Role::controlling);
    right_ = &settle("right", right, "203.0.113.2", "192.168.2.2", config, Role::controlled);
    introduce(*left_, *right_);
    introduce(*right_, *left_);
  }

  // Both gather, and hear of each other at once.
  void connect() {
    (*left_)->gather(world.now());
    (*right_)->gather(world.now());
    (*left_)->set_remote_credentials(right_->machine.local_credentials(), world.now());
    (*right_)->set_remote_credentials(left_->machine.local_credentials(), world.now());
  }
  bool run_until_selected(core::Duration limit = 30s) {
    return world.run_until(
        [&] { return left_->saw<Agent::Selected>() && right_->saw<Agent::Selected>(); }, limit);
  }

  AgentActor& left() { return *left_; }
  AgentActor& right() { return *right_; }

  sim::World world;

 private:
  AgentActor& settle(std::string name, const Home& home, std::string_view outside,
                     std::string_view inside, Config config, Role role) {
    sim::Host& host = world.add_host(name);
    const sim::Access access = sim::Access::both(home.link);
    if (home.nat || !home.firewall.udp) {
      sim::Gateway::Config box;
      box.name = name + "'s box";
      box.address = *core::Ip::parse(outside);
      box.nat = home.nat;
      box.firewall = home.firewall;
      box.access = access;
      sim::Gateway& gateway = world.add_gateway(box);
      host.connect(gateway.inside(), home.nat ? inside : outside);
    } else {
      host.connect(world.internet(), outside, access);
    }
    config.role = role;
    return host.run([config](core::Context c) { return Agent{config, c}; });
  }
  void introduce(AgentActor& from, AgentActor& to) {
    from.on_event = [this, &to](Agent::Event& event) {
      if (const auto* found = std::get_if<Agent::LocalCandidate>(&event)) {
        world.after(20ms, [this, &to, candidate = found->candidate] {
          to->add_remote_candidate(candidate, world.now());
        });
      }
      const auto* gathering = std::get_if<Agent::GatheringChanged>(&event);
      if (gathering != nullptr && gathering->state == GatheringState::complete) {
        world.after(20ms, [this, &to] { to->end_of_remote_candidates(world.now()); });
      }
    };
  }

  AgentActor* left_ = nullptr;
  AgentActor* right_ = nullptr;
};

}  // namespace lucid::ice
