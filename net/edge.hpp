#pragma once
#include <memory>
#include <optional>
#include <span>

#include "core/effects.hpp"
#include "core/trace.hpp"
#include "net/loop.hpp"
#include "net/tls.hpp"
#include "net/udp_socket.hpp"

namespace lucid::net {

enum class WatchInterfaces : std::uint8_t { yes, no };

struct EdgeOptions {
  UdpOptions udp = {};
  // Ports for sockets whose owner does not ask for one; 0 to 0 leaves the choice to the system.
  std::uint16_t first_port = 0;
  std::uint16_t last_port = 0;
  // Whether the machine is told the host's interfaces, if it has the command.
  WatchInterfaces watch_interfaces = WatchInterfaces::yes;
  // For OpenStream over TLS; by default the system's authorities are trusted.
  std::optional<TlsContext> tls = {};
  // Is told of each datagram that comes or goes.
  core::trace::Tracer tracer = {};
};

// The world as one machine sees it: carries out the effects of core/effects.hpp with real sockets,
// sends what it is given, keeps one deadline, and tells the answers to its client.
class Edge {
 public:
  // The answers of core/effects.hpp, on the loop's thread; some from within perform() or send().
  struct Client {
    virtual ~Client() = default;
    virtual void received(std::span<core::Datagram> batch, core::Time now) = 0;
    virtual void deadline(core::Time now) = 0;
    virtual void bound(core::SocketId id, core::Address local, core::Time now) = 0;
    virtual void bind_failed(core::SocketId id, core::PathError error, core::Time now) = 0;
    virtual void opened(core::StreamId id, core::Path path, core::Time now) = 0;
    virtual void listening(core::StreamId id, core::Address local, core::Time now) = 0;
    virtual void closed(core::StreamId id, core::PathError error, core::Time now) = 0;
    virtual void resolved(core::ResolveId id, std::span<const core::Ip> list, core::Time now) = 0;
    virtual void interfaces(std::span<const core::Interface> list, core::Time now) = 0;
    virtual void path_errors(std::span<const UdpSocket::Refusal> errors, core::Time now) = 0;
  };

  Edge(Loop& loop, Client& client, EdgeOptions options = {});
  ~Edge();
  Edge(const Edge&) = delete;
  Edge& operator=(const Edge&) = delete;

  void perform(core::BindUdp effect);
  void perform(core::CloseUdp effect);
  void perform(core::OpenStream effect);
  void perform(core::Listen effect);
  void perform(core::CloseStream effect);
  void perform(core::Resolve effect);
  void perform(core::PublishName effect);
  void perform(const core::WithdrawName& effect);

  // Takes the datagrams and sends each on the socket or stream of its path.
  void send(std::span<core::Datagram> batch);
  void wake_at(std::optional<core::Time> deadline);
  core::Time now() const;
  // The host's interfaces, told to the client from now on after each change.
  std::span<const core::Interface> watch_interfaces();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lucid::net
