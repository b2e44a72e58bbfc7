#pragma once
#include <optional>
#include <string>
#include <vector>

#include "sim/nat.hpp"
#include "sim/network.hpp"

namespace lucid::sim {

// What a gateway lets pass.
struct Firewall {
  bool udp = true;
  std::vector<std::uint16_t> tcp_ports;  // outgoing connections to these alone; empty: to any
  bool incoming_tcp = true;              // connections that nobody inside asked for
  bool tells = false;                    // refuses with an ICMP error; otherwise in silence

  static Firewall open() { return {}; }
  static Firewall no_udp() { return {.udp = false, .tcp_ports = {}}; }
  static Firewall only_https() { return {.udp = false, .tcp_ports = {443}, .incoming_tcp = false}; }
};

// A box between a network of its own and one outside: a NAT, a firewall, or both. Boxes nest: the
// network outside of one may be the inside of another.
class Gateway {
 public:
  struct Config {
    std::string name;
    core::Ip address;                // its own on the network outside
    std::optional<Nat> nat = Nat{};  // without one, addresses pass unchanged
    Firewall firewall{};
    Access access{};  // its wire to the network outside
  };
  struct Stats {
    std::uint64_t out = 0;
    std::uint64_t in = 0;
    std::uint64_t refused_out = 0;  // by the firewall
    std::uint64_t refused_in = 0;   // by the firewall, or for want of a mapping that allows it
  };

  Gateway(World& world, Network& outside, Config config);

  Network& inside() { return inside_; }
  // Its wire pair on the network outside: to change, cut or look at.
  Attachment& uplink() { return uplink_; }
  NatTable& table() { return table_; }
  const Stats& stats() const { return stats_; }

 private:
  struct Side final : Receiver {
    Side(Gateway& of, bool from_inside) : gateway{of}, inside{from_inside} {}
    void receive(Packet packet, core::Time now) override {
      if (inside) {
        gateway.outgoing(std::move(packet), now);
      } else {
        gateway.incoming(std::move(packet), now);
      }
    }
    Gateway& gateway;
    bool inside;
  };

  bool permits(const Packet& packet, bool outgoing) const;
  void refuse(Packet packet, core::Time now);
  void outgoing(Packet packet, core::Time now);
  void incoming(Packet packet, core::Time now);

  Config config_;
  NatTable table_;
  Network inside_;
  Side inner_;
  Side outer_;
  Attachment& uplink_;    // on the network outside
  Attachment& downlink_;  // on the network inside
  Stats stats_;
};

}  // namespace lucid::sim
