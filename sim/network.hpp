#pragma once
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/agenda.hpp"
#include "sim/channel.hpp"

namespace lucid::sim {

class World;

// What a wire ends at.
class Receiver {
 public:
  virtual ~Receiver() = default;
  virtual void receive(Packet packet, core::Time now) = 0;
};

// A channel in a World: what goes in comes out at the receiver, when its time has come.
class Wire final : public Element {
 public:
  Wire(World& world, Link link, Receiver& end);

  void send(Packet packet, core::Time now);
  const Link& link() const { return channel_.link(); }
  void change(Link link);
  void deliver_at(Deliveries deliveries);
  // A wire that is cut loses all that it is given and all that is on the way.
  void cut(bool cut) { cut_ = cut; }
  void filter(Channel::Filter filter) { channel_.filter(std::move(filter)); }
  const Channel::Stats& stats() const { return channel_.stats(); }

  std::optional<core::Time> next() const override { return channel_.next(); }
  void fire(core::Time now) override;

 private:
  World& world_;
  Channel channel_;
  Receiver& end_;
  bool cut_ = false;
};

// Both directions between something and the network it is attached to.
struct Access {
  Link up;
  Link down;
  static Access both(Link link) { return {link, link}; }
};
struct Attachment {
  Wire up;    // towards the network
  Wire down;  // out of it
  void cut(bool cut) {
    up.cut(cut);
    down.cut(cut);
  }
};

// A place where addresses are known: a home's network, or the internet. A packet goes to whoever
// has its destination, else to the gateway, else nowhere.
class Network {
 public:
  Network(World& world, std::string name);

  const std::string& name() const { return name_; }
  // A wire pair between this network and `end`; `gateway` takes what nobody here has an address
  // for.
  Attachment& attach(Access access, Receiver& end);
  // The way out: the gateway's wire pair on the network outside, and whether it hides IPv4
  // addresses by translating them.
  struct Uplink {
    Network& network;
    Attachment& attachment;
    bool translates;
  };
  Attachment& attach_gateway(Receiver& end, Uplink uplink);
  // From now on `ip` is reached over this wire; what no gateway hides is known outside too.
  void announce(core::Ip ip, Attachment& attachment);
  void withdraw(core::Ip ip);
  std::uint64_t unroutable() const { return unroutable_; }

 private:
  // Where packets enter: from a host, or from the gateway, to which nothing is sent back.
  struct Entrance final : Receiver {
    Entrance(Network& to, bool gateway) : network{to}, from_gateway{gateway} {}
    void receive(Packet packet, core::Time now) override {
      network.forward(std::move(packet), from_gateway, now);
    }
    Network& network;
    bool from_gateway;
  };
  const Uplink* uplink_for(const core::Ip& ip) const;
  void forward(Packet packet, bool from_gateway, core::Time now);

  World& world_;
  std::string name_;
  Entrance from_host_;
  Entrance from_gateway_;
  std::optional<Uplink> uplink_;
  Attachment* gateway_ = nullptr;
  std::vector<std::unique_ptr<Attachment>> attachments_;
  std::unordered_map<core::Ip, Attachment*> routes_;
  std::uint64_t unroutable_ = 0;
};

}  // namespace lucid::sim
