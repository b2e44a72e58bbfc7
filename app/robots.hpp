#pragma once
#include "app/hub.hpp"
#include "app/robot.hpp"
#include "signaling/broadcast.hpp"
#include "signaling/chat.hpp"
#include "signaling/rooms.hpp"
#include "signaling/socket_io.hpp"

namespace lucid::app {

// The robot in each dialect: a user of the chat, in the room "lucid" of rooms and of socket.io, and
// at the other end of a broadcast for who is alone there and asks for a call.
class Robots {
 public:
  static constexpr const char* name = "lucid";

  Robots(net::Loop& loop, std::shared_ptr<Feeds> feeds, SessionConfig config,
         Hub<signaling::ChatServer>& chat, Hub<signaling::BroadcastServer>& broadcast,
         Hub<signaling::RoomsServer>& rooms, Hub<signaling::SocketIoServer>& socket_io);
  ~Robots();

  std::size_t calls() const;

 private:
  template <class Server>
  class In;

  std::shared_ptr<Feeds> feeds_;
  std::unique_ptr<In<signaling::ChatServer>> chat_;
  std::unique_ptr<In<signaling::BroadcastServer>> broadcast_;
  std::unique_ptr<In<signaling::RoomsServer>> rooms_;
  std::unique_ptr<In<signaling::SocketIoServer>> socket_io_;
};

}  // namespace lucid::app
