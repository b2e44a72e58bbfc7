#pragma once
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "core/machine.hpp"
#include "signaling/detail/roster.hpp"

namespace lucid::signaling {

// The "chat" dialect of MDN's "Signaling and video calling": a list of users, messages to all, and
// calls from one user to another by messages with a target, which are passed on as they are; a
// "name" in them is the sender's, and nobody says what the server says.
//
//   server: {"type":"id","id":1}
//   client: {"type":"username","name":"ann","id":1,"date":...}
//   server: {"type":"rejectusername","id":1,"name":"ann1"}     when the name was taken
//   server: {"type":"userlist","users":["ann"]}                and the same as "user-list"
//   client: {"type":"message","text":...}                      to all, without markup, stamped
//   client: {"type":...,"target":"bob",...}                    to bob alone
//   client: {"type":...}                                       to all, the sender included
class ChatServer {
 public:
  using Datagram = Incoming;
  using Transmit = Outgoing;
  using Event = std::monostate;

  ChatServer(Limits limits, core::WallClock wall, core::Context context);

  void handle_datagram(Incoming incoming, core::Time now);
  void handle_timeout(core::Time now);
  std::optional<Outgoing> poll_transmit() { return roster_.poll_transmit(); }
  std::optional<Event> poll_event() { return std::nullopt; }
  std::optional<core::Time> next_timeout() const;
  void farewell() { roster_.farewell(); }

  const Roster& roster() const { return roster_; }
  const ServerStats& stats() const { return roster_.stats; }

 private:
  struct User {
    std::uint64_t number = 0;
    std::string asked{};  // the name, as the client gave it
    bool behind = false;  // has not heard of the last change of the list
  };
  void settle(core::Time now);
  void came(ClientId client);
  void said(const Said& said, core::Time now);
  void entered(const Roster::Entered& entered);
  void tell_all(const std::string& text);
  void list_changed();
  void send_lists(core::Time now);
  std::vector<ClientId> nameless() const;

  Limits limits_;
  core::WallClock wall_;
  Roster roster_;
  std::map<ClientId, User> users_;
  std::uint64_t next_number_ = 1;
  // Long lists to many go out in turns.
  std::deque<ClientId> behind_;
  double list_budget_ = 0;  // bytes, as of `list_at_`
  core::Time list_at_;
  std::optional<core::Time> list_due_;
};
static_assert(core::Machine<ChatServer>);

}  // namespace lucid::signaling
