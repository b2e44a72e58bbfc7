#pragma once
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "core/machine.hpp"
#include "signaling/detail/roster.hpp"

namespace lucid::signaling {

// One packet of Socket.IO, protocols 5 (of its version 4) and 4 (of its version 2):
//
//   type [attachments "-"] [namespace ","] [id] [JSON]
struct SocketPacket {
  enum class Type : std::uint8_t {
    connect,
    disconnect,
    event,
    ack,
    connect_error,
    binary_event,
    binary_ack
  };
  Type type = Type::event;
  std::string name_space = "/";
  std::optional<std::uint64_t> id{};  // the sender wants an acknowledgement, or this is one
  std::string data{};                 // JSON

  static std::optional<SocketPacket> parse(std::string_view text);
  std::string text() const;
};

// The "socket.io" dialect: rooms by the events of the tutorials, in the default namespace.
//
//   client: create or join ROOM    server, to the first:   empty ROOM, created ROOM, ID
//                                  to the next: joined ROOM, ID   to those there: join ROOM, ID
//                                  then to all in it: ready ROOM   to one too many: full ROOM
//   client: message ANYTHING       message ANYTHING, to the others in the room
//   client: bye                    bye, to the others; the sender is out of the room
//   server: log [TEXT...]          what it has just done, for the console
//
// Who is gone without a word has said "bye" all the same. An event that wants an acknowledgement
// gets one: {"event":"created"|"joined"|"full","room":...,"id":...} or {"to":how many}.
class SocketIoServer {
 public:
  using Datagram = Incoming;
  using Transmit = Outgoing;
  using Event = std::monostate;

  SocketIoServer(Limits limits, core::WallClock wall, core::Context context);

  // Before it joins: a client whose Engine.IO revision is 3 is connected without asking, and known
  // by its sid.
  void is_revision_3(ClientId client, std::string sid);

  void handle_datagram(Incoming incoming, core::Time now);
  void handle_timeout(core::Time now);
  std::optional<Outgoing> poll_transmit() { return roster_.poll_transmit(); }
  std::optional<Event> poll_event() { return std::nullopt; }
  std::optional<core::Time> next_timeout() const { return roster_.next_timeout(); }
  void farewell() { roster_.farewell(); }

  const Roster& roster() const { return roster_; }
  const ServerStats& stats() const { return roster_.stats; }

 private:
  struct Socket {
    std::string id{};  // as the client knows it
    bool connected = false;
    bool revision_3 = false;
    bool said_bye = true;                // nothing to take back
    std::optional<std::uint64_t> ack{};  // of "create or join", which may take its time
  };
  void settle(core::Time now);
  void said(const Said& said, core::Time now);
  void connect(ClientId client, Socket& socket);
  void event(ClientId client, Socket& socket, const SocketPacket& packet, core::Time now);
  void entered(const Roster::Entered& entered);
  void full(const Roster::Full& full);
  void bye(ClientId client);
  void log(ClientId client, const std::string& text);
  void acknowledge(ClientId client, std::optional<std::uint64_t> id, const std::string& data);

  Limits limits_;
  core::Random& random_;
  Roster roster_;
  std::map<ClientId, Socket> sockets_;
};
static_assert(core::Machine<SocketIoServer>);

}  // namespace lucid::signaling
