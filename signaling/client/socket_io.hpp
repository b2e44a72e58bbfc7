#pragma once
#include "signaling/client/events.hpp"

namespace lucid::signaling::client {

// One of two in a room of a socket.io server: Engine.IO 4 over a WebSocket
// (/socket.io/?EIO=4&transport=websocket), Socket.IO's default namespace, and the events of the
// classic two-party room: "create or join", "created", "join", "joined", "full", "message". Who was
// there first offers, when the other one says "got user media", or after a second.
class SocketIo {
 public:
  static constexpr const char* somebody = "somebody";  // nobody has a name here

  // An empty room: none is joined before invite().
  explicit SocketIo(std::string room) : room_{std::move(room)} {}

  void opened() {}
  void closed();
  void hear(const std::string& text);
  void invite(const std::string& room);
  void accept(const std::string& peer);
  void decline(const std::string& peer) { hang_up(peer); }
  void hang_up(const std::string& peer);
  void describe(const std::string& peer, const Description& description);
  void trickle(const std::string& peer, const std::optional<Candidate>& candidate);
  bool say(const std::string&) { return false; }
  void wake();  // after a Wait
  std::optional<std::string> poll_text() { return queues_.poll_text(); }
  std::optional<Event> poll_event() { return queues_.poll_event(); }

 private:
  void packet(const std::string& text);
  template <class Json>
  void event(const std::string& name, const Json& argument);
  template <class Json>
  void message(const Json& message);
  template <class Json>
  void described(const Json& message, bool offer);
  template <class Json>
  void emit(const char* event, const Json& argument);
  void gone();
  void join();
  void end();

  std::string room_;
  bool connected_ = false;
  bool in_a_call_ = false;
  bool about_to_offer_ = false;       // waits until the other one has its camera
  std::vector<std::string> offered_;  // our offer and its candidates, until it is answered
  std::string heard_offer_;
  Queues queues_;
};
static_assert(Client<SocketIo>);

}  // namespace lucid::signaling::client
