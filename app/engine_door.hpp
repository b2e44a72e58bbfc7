#pragma once
#include <map>

#include "app/gate.hpp"
#include "app/hub.hpp"
#include "net/http_server.hpp"
#include "signaling/engine_io.hpp"
#include "signaling/socket_io.hpp"

namespace lucid::app {

// /socket.io/: carries requests and WebSockets to Engine.IO, and its sessions to the hub.
class EngineDoor {
 public:
  EngineDoor(net::Loop& loop, Hub<signaling::SocketIoServer>& hub, Gate& gate,
             signaling::EngineIo::Config config);

  void serve(net::HttpExchange exchange);
  std::size_t sessions() const { return engine_.sessions(); }

 private:
  using Engine = signaling::EngineIo;
  struct Socket {
    net::WebSocket socket;
    Gate::Pass pass;
  };
  class SessionCarrier;

  void open_socket(net::HttpExchange exchange);
  void feed(Engine::Datagram datagram);
  void pump();
  void handle(const Engine::Transmit& transmit);
  void handle(const Engine::Event& event);
  void answer(const Engine::Answer& answer);

  net::Loop& loop_;
  Hub<signaling::SocketIoServer>& hub_;
  Gate& gate_;
  Engine engine_;
  net::Timer timer_;
  std::map<Engine::RequestId, net::HttpExchange> requests_;
  std::map<Engine::SocketId, Socket> sockets_;
  std::map<Engine::SessionId, signaling::ClientId> clients_;
  std::uint64_t next_ = 1;
  bool pumping_ = false;
};

}  // namespace lucid::app
