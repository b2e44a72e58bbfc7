#pragma once
#include <string>

#include "ice/turn_client.hpp"
#include "sim/actor.hpp"
#include "sim/gateway.hpp"
#include "sim/turn_server.hpp"
#include "sim/world.hpp"
#include "tests/sim/puppet.hpp"

// A TURN server on the internet, clients of it at 192.0.2.n, and peers at 203.0.113.n.
namespace lucid::ice {

using namespace std::chrono_literals;
using sim::test::address;
using sim::test::Got;
using sim::test::ip;
using sim::test::Player;

class TurnLab {
 public:
  using Client = sim::Actor<TurnClient>;
  using ServerActor = sim::Actor<sim::TurnServer>;

  explicit TurnLab(sim::TurnServer::Config config = {}, sim::Link link = {.delay = 10ms},
                   sim::Seed seed = sim::default_seed())
      : world{seed}, link_{link}, server{&add_server("198.51.100.1", std::move(config))} {}

  ServerActor& add_server(std::string_view at, sim::TurnServer::Config config) {
    config.addresses = {{ip(at), 3478}};
    config.tls_addresses = {{ip(at), 5349}};
    if (config.relays.empty()) config.relays = {ip(at)};
    config.credentials.users = {{"user", "secret"}, {"other", "word"}};
    sim::Host& host = world.add_host(std::string{at});
    for (const core::Ip& relay : config.relays) {
      if (relay != ip(at)) host.connect(world.internet(), relay.text());
    }
    uplinks.push_back(&host.connect(world.internet(), at));
    ServerActor& actor = host.run([=](core::Context c) { return sim::TurnServer{config, c}; });
    world.run_for(0s);
    return actor;
  }
  // As it comes: user, secret, over UDP, with a socket of its own.
  static TurnClient::Config config(core::Transport transport = core::Transport::udp) {
    TurnClient::Config made;
    made.server = {.kind = Server::Kind::turn,
                   .host = "turn.example.org",
                   .port = 3478,
                   .transport = transport,
                   .username = "user",
                   .password = "secret",
                   .url = "turn:turn.example.org"};
    made.address =
        address(transport == core::Transport::tls ? "198.51.100.1:5349" : "198.51.100.1:3478");
    return made;
  }
  Client& add_client(TurnClient::Config with = config()) {
    const std::string at = "192.0.2." + std::to_string(++clients_);
    sim::Host& host = world.add_host(at);
    host.connect(world.internet(), at, sim::Access::both(link_));
    with.local.ip = ip(at);
    Client& client = host.run([with](core::Context c) { return TurnClient{with, c}; });
    client->start(world.now());
    return client;
  }
  Client& allocated_client(TurnClient::Config with = config()) {
    Client& client = add_client(std::move(with));
    EXPECT_TRUE(world.run_until([&] { return client.saw<TurnClient::Allocated>(); }, 10s));
    return client;
  }
  Player& add_peer(std::string_view at = "203.0.113.9") {
    return sim::test::add_player(world, world.internet(), at, {.delay = 10ms});
  }
  void send(Client& client, std::string_view to, std::string_view text, core::Duration wait = 1s) {
    core::Datagram out{{core::Transport::udp, {}, address(to)},
                       core::Ecn::not_ect,
                       pool_.copy(core::as_bytes(text))};
    client->send(std::move(out), world.now());
    world.run_for(wait);
  }
  bool runs_until_failed(Client& client, core::Duration limit = 60s) {
    return world.run_until([&] { return client.saw<TurnClient::Failed>(); }, limit);
  }

  sim::World world;

 private:
  core::Pool pool_;
  sim::Link link_;
  int clients_ = 0;

 public:
  std::vector<sim::Attachment*> uplinks;  // of the servers
  ServerActor* server;
};

}  // namespace lucid::ice
