#pragma once
#include <memory>

#include "app/engine_door.hpp"
#include "app/gate.hpp"
#include "app/hub.hpp"
#include "app/redis_bus.hpp"
#include "app/relay.hpp"
#include "app/robots.hpp"
#include "app/serve_options.hpp"
#include "net/http_server.hpp"
#include "net/static_files.hpp"
#include "signaling/broadcast.hpp"
#include "signaling/chat.hpp"
#include "signaling/rate.hpp"
#include "signaling/rooms.hpp"

namespace lucid::app {

// All that `lucid serve` serves, on one loop: the dialects, the pages, what can be asked about it.
class Service {
 public:
  Service(net::Loop& loop, const ServeOptions& options, core::trace::Sink* sink);
  ~Service();

  // False: it has said why.
  bool join_bus();

  // One request to the common port.
  void serve(net::HttpExchange exchange);
  // One to a dialect's own port, whatever its path.
  void serve_chat(net::HttpExchange exchange);
  void serve_broadcast(net::HttpExchange exchange);
  void serve_socket_io(net::HttpExchange exchange);

  // Says goodbye to all clients and other servers; `clients` comes to be 0 as they go.
  void farewell();
  std::size_t clients() const;

 private:
  template <class Server>
  void enter(Hub<Server>& hub, net::HttpExchange exchange);
  bool serve_dialect(net::HttpExchange& exchange);
  bool serve_report(net::HttpExchange& exchange);
  net::HttpResponse qr(const net::HttpRequest& request);
  std::string metrics() const;
  template <class Do>
  void each_hub(Do what);

  net::Loop& loop_;
  const ServeOptions& options_;
  Gate gate_;
  net::StaticFiles pages_;
  Hub<signaling::ChatServer> chat_;
  Hub<signaling::BroadcastServer> broadcast_;
  Hub<signaling::RoomsServer> rooms_;
  Hub<signaling::SocketIoServer> socket_io_;
  EngineDoor engine_door_;
  Relay relay_;
  signaling::Allowance qr_codes_;
  std::unique_ptr<Robots> robots_;
  std::unique_ptr<RedisBus> bus_;
  core::Time began_;
  bool leaving_ = false;
};

}  // namespace lucid::app
