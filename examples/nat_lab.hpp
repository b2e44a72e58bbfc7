#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "ice/agent.hpp"
#include "sim/actor.hpp"
#include "sim/gateway.hpp"
#include "sim/stun_server.hpp"
#include "sim/turn_server.hpp"
#include "sim/world.hpp"

// A laboratory in virtual time: two agents at home, each behind whatever box it is given, a STUN
// and a TURN server between them, and a signalling channel of its own.
namespace lucid::examples {

using namespace std::chrono_literals;

// What stands between a home and the internet.
struct Home {
  std::optional<sim::Nat> nat;  // none: addresses pass as they are
  sim::Firewall firewall{};
  sim::Link link{.delay = 10ms};
};

struct Kind {
  std::string_view name;
  Home home;
};
inline const std::array kinds{
    Kind{"open", {}},
    Kind{"full-cone", {.nat = sim::Nat::full_cone()}},
    Kind{"address-restricted", {.nat = sim::Nat::address_restricted()}},
    Kind{"port-restricted", {.nat = sim::Nat::port_restricted()}},
    Kind{"symmetric", {.nat = sim::Nat::symmetric()}},
    Kind{"udp-blocked", {.nat = sim::Nat::port_restricted(), .firewall = sim::Firewall::no_udp()}},
};

// The laboratory's own servers, as configurations name them.
inline ice::Server stun_server() {
  return {.host = "stun.example.org", .url = "stun:stun.example.org"};
}
inline ice::Server turn_server(core::Transport transport = core::Transport::udp) {
  const bool tls = transport == core::Transport::tls;
  return {.kind = ice::Server::Kind::turn,
          .host = "turn.example.org",
          .port = static_cast<std::uint16_t>(tls ? 5349 : 3478),
          .transport = transport,
          .username = "user",
          .password = "secret",
          .url = std::string{tls ? "turns:turn.example.org" : "turn:turn.example.org"} +
                 (transport == core::Transport::tcp ? "?transport=tcp" : "")};
}

class NatLab {
 public:
  using AgentActor = sim::Actor<ice::Agent>;

  explicit NatLab(const Home& left = {}, const Home& right = {}, ice::Config config = {},
                  sim::Seed seed = sim::default_seed(), core::trace::Sink* sink = nullptr)
      : world{seed, sink} {
    sim::Host& server = world.add_host("server");
    server.connect(world.internet(), "198.51.100.53");
    world.name("stun.example.org", {*core::Ip::parse("198.51.100.53")});
    server.run([](core::Context c) {
      return sim::StunServer{{.address = *core::Address::parse("198.51.100.53:3478")}, c};
    });
    sim::Host& relay = world.add_host("relay");
    uplink = &relay.connect(world.internet(), "198.51.100.54");
    world.name("turn.example.org", {*core::Ip::parse("198.51.100.54")});
    turn = &relay.run([](core::Context c) {
      sim::TurnServer::Config settings{
          .addresses = {*core::Address::parse("198.51.100.54:3478")},
          .tls_addresses = {*core::Address::parse("198.51.100.54:5349")},
          .relays = {*core::Ip::parse("198.51.100.54")}};
      settings.credentials.users["user"] = "secret";
      return sim::TurnServer{std::move(settings), c};
    });
    if (config.servers.empty()) config.servers.push_back(stun_server());
    left_ = &settle({"left", "203.0.113.1", "192.168.1.2"}, left, config, ice::Role::controlling);
    right_ = &settle({"right", "203.0.113.2", "192.168.2.2"}, right, config, ice::Role::controlled);
    introduce(*left_, *right_);
    introduce(*right_, *left_);
  }

  // Both gather, and hear of each other as they go.
  void connect() {
    (*left_)->gather(world.now());
    (*right_)->gather(world.now());
    (*left_)->set_remote_credentials(right_->machine.local_credentials(), world.now());
    (*right_)->set_remote_credentials(left_->machine.local_credentials(), world.now());
  }
  bool run_until_selected(core::Duration limit = 30s) {
    return world.run_until(
        [&] { return left_->saw<ice::Agent::Selected>() && right_->saw<ice::Agent::Selected>(); },
        limit);
  }

  AgentActor& left() { return *left_; }
  AgentActor& right() { return *right_; }

  sim::World world;
  sim::Actor<sim::TurnServer>* turn = nullptr;
  sim::Attachment* uplink = nullptr;  // the TURN server's

 private:
  struct Addresses {
    std::string_view name, outside, inside;
  };

  AgentActor& settle(Addresses where, const Home& home, ice::Config config, ice::Role role) {
    sim::Host& host = world.add_host(std::string{where.name});
    sim::Gateway& box = world.add_gateway({.name = std::string{where.name} + "'s box",
                                           .address = *core::Ip::parse(where.outside),
                                           .nat = home.nat,
                                           .firewall = home.firewall,
                                           .access = sim::Access::both(home.link)});
    host.connect(box.inside(), home.nat ? where.inside : where.outside);
    config.role = role;
    return host.run([config](core::Context c) { return ice::Agent{config, c}; });
  }
  // Candidates and their end reach the other side 20 ms later.
  void introduce(AgentActor& from, AgentActor& to) {
    from.on_event = [this, &to](ice::Agent::Event& event) {
      const auto* gathering = std::get_if<ice::Agent::GatheringChanged>(&event);
      if (const auto* found = std::get_if<ice::Agent::LocalCandidate>(&event)) {
        world.after(20ms, [this, &to, candidate = found->candidate] {
          to->add_remote_candidate(candidate, world.now());
        });
      } else if (gathering != nullptr && gathering->state == ice::GatheringState::complete) {
        world.after(20ms, [this, &to] { to->end_of_remote_candidates(world.now()); });
      }
    };
  }

  AgentActor* left_ = nullptr;
  AgentActor* right_ = nullptr;
};

}  // namespace lucid::examples
