#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/session.hpp"
#include "signaling/client/broadcast.hpp"
#include "signaling/client/chat.hpp"
#include "signaling/client/rooms.hpp"
#include "signaling/client/socket_io.hpp"

namespace lucid::app {

// The user called "lucid", in one dialect: answers every call with a picture and a tone, and echoes
// chat and data. Whoever says "echo" to it sees and hears himself from then on. It is a client like
// any other; `say` carries its words to the server.
class Robot {
 public:
  static constexpr std::size_t most_calls = 50;
  using Dialect = std::variant<signaling::client::Chat, signaling::client::Broadcast,
                               signaling::client::Rooms, signaling::client::SocketIo>;
  using SayText = std::move_only_function<void(std::string)>;

  Robot(const Robot&) = delete;
  Robot& operator=(const Robot&) = delete;
  ~Robot() { *alive_ = false; }
  Robot(net::Loop& loop, std::shared_ptr<Feeds> feeds, SessionConfig config, Dialect dialect,
        SayText say);

  void open();  // it is connected to the server
  void hear(const std::string& text);
  void hang_up_all();
  std::size_t calls() const { return calls_.size(); }

 private:
  struct Call {
    std::shared_ptr<Session> session;  // once the call has begun
    std::vector<std::variant<signaling::client::Described, signaling::client::Trickled>> heard;
  };

  void settle();
  void handle(const signaling::client::Ring& it);
  void handle(const signaling::client::Begin& it);
  void handle(const signaling::client::Described& it);
  void handle(const signaling::client::Trickled& it);
  void handle(const signaling::client::HungUp& it) { end(it.peer); }
  void handle(const signaling::client::Chatted& it);
  void handle(const signaling::client::Peers& it);
  void handle(const signaling::client::Ready&) {}
  void handle(const signaling::client::Refused&) {}
  void handle(const signaling::client::Wait& it) { wait_.set(loop_.now() + it.time); }
  std::shared_ptr<Session> open_session(const std::string& peer);
  void hang_up(const std::string& peer);
  void end(const std::string& peer);
  Session* session_of(const signaling::client::Trickled& it);

  net::Loop& loop_;
  std::shared_ptr<Feeds> feeds_;
  SessionConfig config_;
  Dialect dialect_;
  SayText say_;
  std::map<std::string, Call> calls_;  // by the peer's name
  std::string latest_;
  std::uint32_t next_id_ = 1;
  net::Timer wait_;                                             // that the dialect has asked for
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for what is posted
};

}  // namespace lucid::app
