#pragma once
#include <concepts>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/time.hpp"

// The client's side of a signaling dialect: texts from the server go in, texts for it come out, and
// what they mean for calls comes out as events. Who carries the texts is not its business.
namespace lucid::signaling::client {

// Descriptions and candidates as browsers write them in JSON (RTCSessionDescriptionInit,
// RTCIceCandidateInit).
struct Description {
  std::string type;
  std::string sdp;
  friend bool operator==(const Description&, const Description&) = default;
};
struct Candidate {
  std::string candidate;
  std::optional<std::string> mid;
  std::optional<std::uint16_t> m_line_index;
  std::optional<std::string> username_fragment;
  friend bool operator==(const Candidate&, const Candidate&) = default;
};

struct Ready {  // on the server, under this name; again after each reconnection
  std::string name;
};
struct Peers {  // who can be called
  std::vector<std::string> peers;
};
struct Ring {  // somebody calls: accept() or decline()
  std::string peer;
};
enum class Part : std::uint8_t {
  offers,   // we make the first offer
  answers,  // the peer does
};
enum class Manners : std::uint8_t { impolite, polite };  // perfect negotiation
struct Begin {                                           // the call goes on from here
  std::string peer;
  Part part = Part::offers;
  Manners manners = Manners::polite;
};
// Of a peer that rings or is in a call. An empty `peer`: the message does not say whom it is from.
struct Described {
  std::string peer;
  Description description;
};
struct Trickled {  // nullopt: there are no more
  std::string peer;
  std::optional<Candidate> candidate;
};
struct HungUp {  // or declined, or gone
  std::string peer;
};
struct Chatted {  // over the server
  std::string from;
  std::string text;
};
struct Refused {  // what we asked for cannot be: a sentence
  std::string reason;
};
struct Wait {  // call wake() after this time
  core::Duration time;
};

using Event =
    std::variant<Ready, Peers, Ring, Begin, Described, Trickled, HungUp, Chatted, Refused, Wait>;

// What all clients look like. `opened` and `closed` tell of the connection to the server, which may
// come and go; calls outlive it.
template <class C>
concept Client = requires(C c, const std::string& text, const Description& description,
                          const std::optional<Candidate>& candidate) {
  { c.opened() } -> std::same_as<void>;
  { c.closed() } -> std::same_as<void>;
  { c.hear(text) } -> std::same_as<void>;
  { c.invite(text) } -> std::same_as<void>;  // call this peer; in rooms: join this room
  { c.accept(text) } -> std::same_as<void>;  // a peer that rings
  { c.decline(text) } -> std::same_as<void>;
  { c.hang_up(text) } -> std::same_as<void>;
  { c.describe(text, description) } -> std::same_as<void>;
  { c.trickle(text, candidate) } -> std::same_as<void>;
  { c.say(text) } -> std::same_as<bool>;  // chat over the server; false: this dialect has none
  { c.poll_text() } -> std::same_as<std::optional<std::string>>;
  { c.poll_event() } -> std::same_as<std::optional<Event>>;
};

// Of those who ask for a Wait.
template <Client C>
void wake(C& client) {
  if constexpr (requires { client.wake(); }) client.wake();
}

// The two queues of a client.
class Queues {
 public:
  void send(std::string text) { texts_.push_back(std::move(text)); }
  void tell(Event event) { events_.push_back(std::move(event)); }
  void forget_texts() { texts_.clear(); }
  std::optional<std::string> poll_text() { return pop(texts_); }
  std::optional<Event> poll_event() { return pop(events_); }

 private:
  template <class T>
  static std::optional<T> pop(std::deque<T>& queue) {
    if (queue.empty()) return std::nullopt;
    std::optional<T> first{std::move(queue.front())};
    queue.pop_front();
    return first;
  }
  std::deque<std::string> texts_;
  std::deque<Event> events_;
};

}  // namespace lucid::signaling::client
