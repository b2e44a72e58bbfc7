#pragma once
#include <list>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/network.hpp"
#include "sim/resident.hpp"
#include "sim/stream.hpp"

namespace lucid::sim {

// A computer: interfaces, UDP sockets, TCP connections, and machines that run on it.
class Host final : public Element, private Receiver {
 public:
  Host(World& world, std::string name);

  const std::string& name() const { return name_; }
  World& world() const { return world_; }

  // An address on a network. The machines are told; so they are when it goes down or comes up.
  Attachment& connect(Network& network, std::string_view ip, Access access = {},
                      std::string_view interface = "eth0",
                      core::NetworkType type = core::NetworkType::ethernet);
  Attachment& attachment(std::string_view ip);
  void down(std::string_view ip);
  void up(std::string_view ip);
  std::vector<core::Interface> interfaces() const;
  // What this host's TLS server shows; empty suits every client.
  void certify(std::string name) { answers_.certificate = std::move(name); }
  // Whether a UDP port that nobody listens on is answered by an ICMP error.
  void tell_refusals(bool tell) { answers_.refusals = tell; }

  // Starts a machine here, given as itself or as a function of a core::Context (sim/actor.hpp).
  template <class Source>
  auto& run(Source&& source);
  void adopt(std::unique_ptr<Resident> resident);
  // Gives a machine without effects its socket.
  void bind(Resident& resident, core::Address local);

  void send(Resident& from, core::Datagram out, core::Time now);
  void perform(Resident& by, const core::BindUdp& effect, core::Time now);
  void perform(Resident& by, const core::CloseUdp& effect, core::Time now);
  void perform(Resident& by, const core::OpenStream& effect, core::Time now);
  void perform(Resident& by, const core::Listen& effect, core::Time now);
  void perform(Resident& by, const core::CloseStream& effect, core::Time now);
  void perform(Resident& by, const core::Resolve& effect, core::Time now);
  void perform(Resident& by, const core::PublishName& effect, core::Time now);
  void perform(Resident& by, const core::WithdrawName& effect, core::Time now);

  std::optional<core::Time> next() const override;
  void fire(core::Time now) override;

 private:
  enum class Kind : std::uint8_t { udp, tcp };
  struct Connection {
    core::Interface interface;
    Network* network;
    Attachment* attachment;
    bool up = true;
  };
  // To those who ask for what is not there, or who it is.
  struct Answers {
    std::string certificate;
    bool refusals = true;
  };
  struct Socket {
    Resident* owner;
    core::SocketId id;
  };
  using Sockets = std::unordered_map<core::Address, Socket>;
  struct Listener {
    Resident* owner;
    core::StreamId id;
  };
  struct Open {
    Stream stream;
    Resident* owner;
    std::optional<core::StreamId> id;  // none for a connection that came in
  };

  void receive(Packet packet, core::Time now) override;
  Sockets::iterator socket_at(const core::Address& local);
  void receive_udp(Packet packet, core::Time now);
  void receive_stream(Packet packet, core::Time now);
  void receive_error(Packet packet, core::Time now);
  void pump(Open& open, core::Time now);
  void report(Open& open, Stream::Event event, core::Time now);
  void put_on_wire(Packet packet, core::Time now);
  Connection* find(const core::Ip& ip);  // the unspecified address: any that is up
  Connection& at(std::string_view ip);
  void set_up(Connection& connection, bool up);
  std::optional<core::Address> free_address(core::Address wanted, Kind kind);
  void tell_interfaces();

  World& world_;
  std::string name_;
  std::list<Connection> connections_;
  Sockets sockets_;
  std::map<core::Address, Listener> listeners_;
  std::map<core::Path, Open> streams_;
  std::vector<std::unique_ptr<Resident>> residents_;
  Wire loopback_;
  Answers answers_;
  std::uint16_t next_port_;
};

}  // namespace lucid::sim
