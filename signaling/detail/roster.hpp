#pragma once
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "core/machine.hpp"
#include "signaling/rate.hpp"
#include "signaling/server.hpp"

namespace lucid::signaling {

// Who is a client here, and who is in which group, here or at another server on the same bus. The
// dialects stand on it; it knows none of them.
//
//   out   --enter--> entering --(applied)--> in --enter--> ... --leave--> out
//
// Without a bus an entry is applied at once; with one, when it comes back from the bus, which puts
// the entries of all servers in one order, so that all decide alike who is one too many. What a
// client says meanwhile waits.
class Roster {
 public:
  using Datagram = Incoming;
  using Transmit = Outgoing;

  struct Config {
    Limits limits;
    std::size_t group = 0;      // members of a group at most; 0: any number
    bool unique_names = false;  // within a group: a taken name gets a number
  };
  struct Member {
    std::string id;
    std::string name;
    std::string group;
    std::string node;                // the server it is at
    std::int64_t since = 0;          // orders a group, in milliseconds of 1970
    std::optional<ClientId> client;  // here
  };
  struct Came {  // a client, into no group yet
    ClientId client{};
  };
  // A member has come, or changed its name.
  struct Entered {
    Member member;
    std::string wanted;  // the name it asked for
    bool renamed = false;
  };
  struct Full {
    ClientId client{};
    std::string group;
  };
  struct Gone {
    Member member;
  };
  struct Told {  // somebody at another server has told a group, the members here have heard it
    std::string group;
    std::string text;
  };
  // Said: by a client, within the limits.
  using Event = std::variant<Came, Said, Entered, Full, Gone, Told>;

  Roster(Config config, core::WallClock wall, core::Context context);

  void handle_datagram(Incoming incoming, core::Time now);
  void handle_timeout(core::Time now);
  std::optional<Outgoing> poll_transmit();
  std::optional<Event> poll_event();
  std::optional<core::Time> next_timeout() const;
  void farewell();  // to the other servers

  // ---- clients
  void dismiss(ClientId client, std::string reason);
  void say(ClientId client, std::string text);
  void say_all(std::vector<ClientId> clients, std::string text);

  // ---- groups
  void enter(ClientId client, const std::string& group, const std::string& name, core::Time now);
  void leave(ClientId client);
  // Says it to one member, or to all of a group but one.
  void tell(const std::string& to, std::string text);
  void tell_group(const std::string& group, std::string text, const std::string& but = {});
  // At other servers alone: to the member of this id, or to all of a group.
  void publish_told(const std::string& id, const std::string& group, const std::string& text);

  const Member* member(ClientId client) const;
  const Member* member(const std::string& id) const;
  const Member* named(const std::string& name) const;               // where names are unique
  std::vector<const Member*> group(const std::string& name) const;  // who came first is first
  // All names and whose they are, where names are unique.
  const std::map<std::string, std::string>& names() const { return names_; }
  std::vector<ClientId> clients() const;
  std::size_t client_count() const { return clients_.size(); }
  std::size_t member_count() const { return members_.size(); }
  std::size_t group_count() const { return groups_.size(); }
  std::size_t servers() const { return 1 + nodes_.size(); }

  ServerStats stats;

 private:
  struct Entry {  // on its way over the bus
    Member member;
    core::Time give_up;
  };
  struct Client {
    Allowance messages;
    Allowance bytes;
    std::string id{};  // in a group under this one
    std::optional<Entry> entering{};
    std::vector<std::string> waiting{};
  };
  struct Node {
    core::Time heard;
  };
  struct Message;

  void joined(ClientId client, core::Time now);
  void said(Said said, core::Time now);
  void left(ClientId client);
  void bus_up(core::Time now);
  void bus_down(core::Time now);
  void bus_said(const std::string& text, core::Time now);
  void apply(Member member);
  void insert(const Member& member);
  void remove(const std::string& id);
  void drop_name(const Member& member);
  void drop_from_group(const Member& member);
  bool is_of_another(const std::string& id, const std::string& node) const;
  void resume(ClientId client);
  std::string free_name(const Member& member) const;
  void publish(const std::string& text);
  void publish_entry(const Member& member);
  void publish_leave(const std::string& id);
  void publish_members();
  void publish_alive(core::Time now);
  void apply_entering();
  void catch_up(const std::string& heard);
  void hear_entry(const Message& message);
  void hear_told(const Message& message);
  void hear_members(const Message& message, core::Time now);
  void settle_name(const Member& theirs, core::Time now);
  void forget_node(const std::string& node);
  core::Time expiry(const Node& node) const;
  std::uint64_t digest(const std::string& node) const;

  Config config_;
  core::WallClock wall_;
  std::string node_;
  std::map<ClientId, Client> clients_;
  std::map<std::string, Member> members_;  // by id
  std::map<std::string, std::set<std::pair<std::int64_t, std::string>>> groups_;
  std::map<std::string, std::string> names_;              // to ids, where names are unique
  std::map<std::string, Node> nodes_;                     // the others
  std::deque<std::pair<core::Time, ClientId>> give_ups_;  // of entries, the earliest first
  std::uint64_t next_ = 1;
  bool bus_ = false;
  bool had_bus_ = false;
  core::Time down_since_;
  core::Time next_alive_;
  std::deque<std::string> unsent_;  // told while the bus was down
  std::set<std::string> unheard_;   // servers that are to come back after that
  std::deque<Outgoing> out_;
  std::deque<Event> events_;
};
static_assert(core::Machine<Roster>);

}  // namespace lucid::signaling
