#pragma once
#include "signaling/client/events.hpp"

namespace lucid::signaling::client {

// One of two who share a broadcast server (signaling/broadcast.hpp). Two forms are in use, and it
// answers in the one it has heard last:
//
//   enveloped   {"message_type":"SDP"|"CANDIDATE","content":...}
//   bare        {"type":"offer","sdp":...}, {"candidate":...}
//
// The bare one asks before it offers: {"call":"request"|"accept"|"hangup"}. Both sides may offer at
// once, and nothing here says who gives way: `manners` does.
class Broadcast {
 public:
  enum class Form : std::uint8_t { bare, enveloped };
  static constexpr const char* somebody = "somebody";  // nobody has a name here

  // Without a word about manners, who calls is impolite and who accepts is polite.
  explicit Broadcast(Form form, std::optional<Manners> manners = {})
      : form_{form}, manners_{manners} {}

  void opened();
  void closed() { queues_.forget_texts(); }
  void hear(const std::string& text);
  void invite(const std::string& peer);
  void accept(const std::string& peer);
  void decline(const std::string& peer) { hang_up(peer); }
  void hang_up(const std::string& peer);
  void describe(const std::string& peer, const Description& description);
  void trickle(const std::string& peer, const std::optional<Candidate>& candidate);
  bool say(const std::string&) { return false; }
  std::optional<std::string> poll_text() { return queues_.poll_text(); }
  std::optional<Event> poll_event() { return queues_.poll_event(); }

 private:
  enum class State : std::uint8_t {
    idle,
    asking,   // we have sent a request
    asked,    // we have heard one
    offered,  // an offer has come without a request
    in_a_call,
  };
  void described(std::optional<Description> description);
  void called(const std::string& word);
  void begin(Part part);

  Form form_;
  std::optional<Manners> manners_;
  State state_ = State::idle;
  Queues queues_;
};
static_assert(Client<Broadcast>);

}  // namespace lucid::signaling::client
