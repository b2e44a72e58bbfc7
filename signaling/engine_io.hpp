#pragma once
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/machine.hpp"
#include "signaling/engine_io_payload.hpp"

namespace lucid::signaling {

// The server side of Engine.IO, revisions 4 and 3: sessions that begin by polling or by WebSocket
// and may change over to the WebSocket.
//
//   polling --probe--> probing --upgrade--> socket
//                         +--the socket closes--> polling
class EngineIo {
 public:
  enum class SessionId : std::uint64_t {};
  enum class RequestId : std::uint64_t {};
  enum class SocketId : std::uint64_t {};

  struct Asked {  // a request by HTTP
    RequestId id{};
    std::string method{};
    std::string body{};
    bool bytes = false;                          // by its content type
    std::string revision{}, transport{}, sid{};  // EIO, transport, sid of its query
    std::string from{};                          // the client's address
  };
  struct GaveUp {  // who asked does not wait any more
    RequestId id{};
  };
  struct Opened {  // a WebSocket
    SocketId id{};
    std::string revision{}, sid{};
    std::string from{};
  };
  struct Heard {
    SocketId id{};
    std::string data{};
    bool binary = false;
  };
  struct Closed {
    SocketId id{};
  };
  using Datagram = std::variant<Asked, GaveUp, Opened, Heard, Closed>;

  struct Answer {
    RequestId id{};
    int status = 200;
    std::string type = "text/plain; charset=UTF-8";
    std::string body{};
  };
  struct Send {
    SocketId id{};
    std::string data{};
    bool binary = false;
  };
  struct Close {
    SocketId id{};
    std::string reason{};
  };
  using Transmit = std::variant<Answer, Send, Close>;

  struct SessionOpened {
    SessionId id{};
    int revision = 4;
    std::string sid{};
  };
  struct Message {
    SessionId id{};
    std::string data{};
    bool binary = false;
  };
  struct SessionClosed {
    SessionId id{};
  };
  using Event = std::variant<SessionOpened, Message, SessionClosed>;

  struct Config {
    core::Duration ping_interval = std::chrono::seconds{25};
    core::Duration ping_timeout = std::chrono::seconds{20};
    std::size_t sessions = 10'000;
    std::size_t sessions_per_address = 10'000;
    std::size_t message = std::size_t{256} * 1024;
    std::size_t queue = std::size_t{1} << 20;  // bytes that a client has not fetched yet
  };

  EngineIo(Config config, core::Context context);

  void send(SessionId id, std::string text, core::Time now);
  void close(SessionId id, core::Time now);

  void handle_datagram(Datagram datagram, core::Time now);
  void handle_timeout(core::Time now);
  std::optional<Transmit> poll_transmit();
  std::optional<Event> poll_event();
  std::optional<core::Time> next_timeout() const;

  std::size_t sessions() const { return sessions_.size(); }

 private:
  struct Session {
    int revision = 4;
    std::string sid{};
    std::string from{};
    std::optional<RequestId> poll{};
    std::optional<SocketId> socket{};
    bool upgraded = false;  // the socket is in use; before that it is probed
    std::deque<EnginePacket> queue{};
    std::size_t queued = 0;
    core::Time ping_at{};  // revision 4: the next ping
    core::Time dead_at{};  // nothing was heard until then
  };
  using Sessions = std::map<SessionId, Session>;

  void asked(const Asked& asked, core::Time now);
  void polled(SessionId id, RequestId request, core::Time now);
  void posted(SessionId id, const Asked& asked, core::Time now);
  void opened(const Opened& opened, core::Time now);
  void heard(const Heard& heard, core::Time now);
  void handle(SessionId id, const EnginePacket& packet, core::Time now);
  std::optional<SessionId> begin(const std::string& revision, const std::string& from,
                                 core::Time now);
  void queue(SessionId id, EnginePacket packet, core::Time now);
  void flush(Session& session);
  void end(SessionId id);
  void alive(Session& session, core::Time now) const;
  void refuse(RequestId id, int code);
  EnginePacket open_packet(const Session& session, bool may_upgrade) const;
  std::optional<SessionId> find(const std::string& sid) const;

  Config config_;
  core::Random& random_;
  Sessions sessions_;
  std::map<std::string, SessionId, std::less<>> sids_;
  std::map<SocketId, SessionId> sockets_;
  std::map<std::string, std::size_t> addresses_;
  std::uint64_t next_ = 1;
  core::Time next_look_;
  std::deque<Transmit> out_;
  std::deque<Event> events_;
};
static_assert(core::Machine<EngineIo>);

}  // namespace lucid::signaling
