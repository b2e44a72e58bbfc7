#pragma once
#include <map>
#include <set>

#include "signaling/client/events.hpp"

namespace lucid::signaling::client {

// One of a few in a room (the rooms dialect of signaling/README.md). Peers are known by their
// names, or by their identifiers where two have the same. Who comes later offers.
class Rooms {
 public:
  // An empty room: none is joined before invite().
  Rooms(std::string room, std::string name) : room_{std::move(room)}, name_{std::move(name)} {}

  void opened();
  void closed();
  void hear(const std::string& text);
  void invite(const std::string& room);
  void accept(const std::string& peer);
  void decline(const std::string& peer) { hang_up(peer); }
  void hang_up(const std::string& peer);
  void describe(const std::string& peer, const Description& description);
  void trickle(const std::string& peer, const std::optional<Candidate>& candidate);
  bool say(const std::string& text);
  std::optional<std::string> poll_text() { return queues_.poll_text(); }
  std::optional<Event> poll_event() { return queues_.poll_event(); }

 private:
  struct Other {
    std::string id;
    Manners manners = Manners::polite;
  };
  void join();
  template <class Json>
  void list(const Json& peers);
  template <class Json>
  void list_one(const Json& peer);
  std::string name_of(const std::string& id) const;
  std::string id_of(const std::string& name) const;

  std::string room_;
  std::string name_;
  std::map<std::string, Other> others_;  // by what we call them
  std::set<std::string> in_a_call_;
  Queues queues_;
};
static_assert(Client<Rooms>);

}  // namespace lucid::signaling::client
