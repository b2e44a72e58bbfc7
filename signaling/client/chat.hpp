#pragma once
#include <set>

#include "signaling/client/events.hpp"

namespace lucid::signaling::client {

// A user of the chat dialect (signaling/chat.hpp). The first offer of somebody is the ring. Of two
// who call each other at the same moment, the one whose name comes first calls and the other
// answers.
class Chat {
 public:
  explicit Chat(std::string name) : name_{std::move(name)} {}

  void opened();
  void closed();
  void hear(const std::string& text);
  void invite(const std::string& peer);
  void accept(const std::string& peer);
  void decline(const std::string& peer);
  void hang_up(const std::string& peer);
  void describe(const std::string& peer, const Description& description);
  void trickle(const std::string& peer, const std::optional<Candidate>& candidate);
  bool say(const std::string& text);
  std::optional<std::string> poll_text() { return queues_.poll_text(); }
  std::optional<Event> poll_event() { return queues_.poll_event(); }

  const std::string& name() const { return name_; }

 private:
  template <class Json>
  void listed(const Json& users);
  void offered(const std::string& from, Description description);

  std::string name_;
  std::uint64_t id_ = 0;
  bool ready_ = false;
  std::set<std::string, std::less<>> known_;     // those that ring or are in a call
  std::set<std::string, std::less<>> inviting_;  // called by us, no answer yet
  Queues queues_;
};
static_assert(Client<Chat>);

}  // namespace lucid::signaling::client
