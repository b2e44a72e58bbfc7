#pragma once
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "core/machine.hpp"
#include "signaling/rate.hpp"
#include "signaling/server.hpp"

namespace lucid::signaling {

// The "chat" dialect of MDN's "Signaling and video calling": a list of users, messages to all, and
// calls from one user to another by messages with a target, which are passed on as they are.
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
  struct Stats {
    std::uint64_t messages = 0;
    std::uint64_t malformed = 0;
    std::uint64_t no_such_target = 0;
    std::uint64_t dismissed = 0;
  };

  ChatServer(Limits limits, core::WallClock wall, core::Context context);

  void handle_datagram(Incoming incoming, core::Time now);
  void handle_timeout(core::Time) {}
  std::optional<Outgoing> poll_transmit();
  std::optional<Event> poll_event() { return std::nullopt; }
  std::optional<core::Time> next_timeout() const { return std::nullopt; }

  std::size_t users() const { return users_.size(); }
  const Stats& stats() const { return stats_; }

 private:
  struct User {
    std::uint64_t number = 0;
    std::string name;  // empty until it was given
    Allowance allowance;
  };
  void joined(ClientId client, core::Time now);
  void said(const Said& said, core::Time now);
  void left(ClientId client);
  void rename(ClientId client, User& user, const std::string& wanted);
  std::string free_name(const std::string& wanted) const;
  void tell_users();
  void tell_all(const std::string& text);
  void dismiss(ClientId client, std::string reason);

  Limits limits_;
  core::WallClock wall_;
  std::map<ClientId, User> users_;
  std::map<std::string, ClientId> names_;
  std::uint64_t next_number_ = 1;
  std::deque<Outgoing> out_;
  Stats stats_;
};
static_assert(core::Machine<ChatServer>);

// `text` without anything between < and >, and without the brackets.
std::string without_markup(std::string_view text);

}  // namespace lucid::signaling
