#pragma once
#include <functional>
#include <string>
#include <vector>

#include "ice/agent.hpp"
#include "sim/simulation.hpp"

// Two agents with a link between them, each with host addresses made up here; candidates are
// signalled at once and without loss unless a test does it itself.
namespace lucid::ice {

inline core::Interface interface_with(std::string_view ip) {
  core::Interface interface;
  interface.name = "eth0";
  interface.type = core::NetworkType::ethernet;
  interface.ip = *core::Ip::parse(ip);
  return interface;
}

struct Host {
  Config config;
  std::vector<core::Interface> interfaces;
};

inline Host host(std::string_view ip, Role role) {
  Host made;
  made.config.role = role;
  made.config.tcp = false;
  made.interfaces.push_back(interface_with(ip));
  return made;
}
inline Host left_host() { return host("192.0.2.1", Role::controlling); }
inline Host right_host() { return host("198.51.100.1", Role::controlled); }

// An agent behind a firewall of the test's, which may count as well.
class TestAgent : public Agent {
 public:
  using Agent::Agent;
  std::function<bool(const core::Path&)> lets_in;

  void handle_datagram(core::Datagram in, core::Time now) {
    if (!lets_in || lets_in(in.path)) Agent::handle_datagram(std::move(in), now);
  }
};

struct AgentMaker {
  Config config;
  TestAgent operator()(core::Context context) const { return TestAgent{config, context}; }
};

class PairOfAgents {
 public:
  explicit PairOfAgents(sim::Link link = {}, Host left_is = left_host(),
                        Host right_is = right_host(), sim::Seed seed = sim::default_seed())
      : sim{AgentMaker{left_is.config}, AgentMaker{right_is.config}, link, seed} {
    answer_effects(sim.left, left_port_);
    answer_effects(sim.right, right_port_);
    sim.left->interfaces(left_is.interfaces, sim.now());
    sim.right->interfaces(right_is.interfaces, sim.now());
    sim.left->gather(sim.now());
    sim.right->gather(sim.now());
    sim.run_for({});
  }

  // Each side gets the other's credentials, and the candidates found so far.
  void exchange() {
    exchange_credentials();
    give(sim.left, sim.right);
    give(sim.right, sim.left);
  }
  void exchange_credentials() {
    sim.left->set_remote_credentials(sim.right.machine.local_credentials(), sim.now());
    sim.right->set_remote_credentials(sim.left.machine.local_credentials(), sim.now());
  }
  template <class From, class To>
  void give(From& from, To& to) {
    for (const Candidate& candidate : from.machine.local_candidates()) {
      to->add_remote_candidate(candidate, sim.now());
    }
    to->end_of_remote_candidates(sim.now());
  }

  bool both_saw_usable() const {
    return sim.left.saw<Agent::Usable>() && sim.right.saw<Agent::Usable>();
  }
  bool both_saw_selected() const {
    return sim.left.saw<Agent::Selected>() && sim.right.saw<Agent::Selected>();
  }

  sim::Simulation<TestAgent, TestAgent> sim;

 private:
  template <class Side>
  void answer_effects(Side& side, std::uint16_t& port) {
    side.on_event = [this, &side, &port](Agent::Event& event) {
      const auto* effect = std::get_if<core::Effect>(&event);
      if (effect == nullptr) return;
      if (const auto* bind = std::get_if<core::BindUdp>(effect)) {
        side->bound(bind->id, {bind->local.ip, port++}, sim.now());
      }
    };
  }

  std::uint16_t left_port_ = 5000;
  std::uint16_t right_port_ = 6000;
};

}  // namespace lucid::ice
