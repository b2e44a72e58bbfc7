#pragma once
#include <map>
#include <memory>
#include <string>

#include "app/relay_leg.hpp"
#include "app/serve_options.hpp"
#include "net/http_server.hpp"
#include "signaling/whip.hpp"

namespace lucid::app {

// /whip/ROOM and /whep/ROOM: what one publishes into a room all who watch it get, as packets. Who
// begins to watch gets a key frame at once.
class Relay {
 public:
  Relay(net::Loop& loop, const ServeOptions& options, core::trace::Sink* sink);

  void serve(net::HttpExchange exchange);
  std::size_t publishers() const { return rooms_.size(); }
  std::size_t viewers() const { return peers_.size() - rooms_.size(); }
  std::uint64_t packets() const { return packets_; }
  void farewell();

 private:
  using Server = signaling::WhipServer;
  using SessionId = Server::SessionId;
  struct Peer {
    Server::Role role{};
    std::string room{};
    std::unique_ptr<RelayLeg> leg{};
    bool restarting = false;
  };
  struct Room {  // while somebody publishes
    SessionId publisher{};
    std::string rid{};          // of its simulcast encodings the one that is passed on
    core::Time key_frame_at{};  // when one was last asked for
    bool key_frame_due = false;
  };

  void settle();
  void offered(const Server::Offered& offered);
  void restart(const Server::RestartAsked& asked);
  void ready(SessionId id);
  void changed(SessionId id, peer::ConnectionState state);
  void pass_on(SessionId publisher, const peer::events::Packet& packet);
  void want_key_frame(const std::string& room);
  void ask_due();
  void end(SessionId id);

  net::Loop& loop_;
  const ServeOptions& options_;
  core::trace::Sink* sink_;
  Server server_;
  std::map<Server::RequestId, net::HttpExchange> requests_;
  std::map<SessionId, Peer> peers_;
  std::map<std::string, Room> rooms_;
  std::uint64_t next_ = 1;
  std::uint64_t packets_ = 0;
  net::Timer key_frames_;  // for those that were asked for too soon after another
};

}  // namespace lucid::app
