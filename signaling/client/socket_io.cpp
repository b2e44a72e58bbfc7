#include "signaling/client/socket_io.hpp"

#include "signaling/client/detail/json.hpp"

namespace lucid::signaling::client {

using detail::dump;
using detail::json;
using detail::text_of;

namespace {

// The first character of an Engine.IO packet, and the second one of a message.
constexpr char engine_open = '0', engine_ping = '2', engine_message = '4';
constexpr core::Duration patience = std::chrono::seconds{1};
constexpr char socket_connect = '0', socket_event = '2', socket_error = '4';

std::string text_of_event(const char* event, const json& argument) {
  return "42" + dump(json::array({event, argument}));
}

}  // namespace

void SocketIo::closed() {
  connected_ = false;
  about_to_offer_ = false;
  offered_.clear();
  queues_.forget_texts();
}

void SocketIo::hear(const std::string& text) {
  if (text.empty()) return;
  if (text[0] == engine_open) queues_.send("40");
  if (text[0] == engine_ping) queues_.send("3" + text.substr(1));
  if (text[0] == engine_message) packet(text.substr(1));
}

void SocketIo::packet(const std::string& text) {
  if (text.empty()) return;
  if (text[0] == socket_connect) {
    connected_ = true;
    if (room_.empty()) return queues_.tell(Ready{});
    return join();
  }
  if (text[0] == socket_error) {
    return queues_.tell(Refused{"the server refuses: " + text.substr(1)});
  }
  if (text[0] != socket_event) return;
  // An acknowledgement's number may stand before the array; none is asked of us.
  const std::size_t array = text.find('[');
  if (array == std::string::npos) return;
  const json parts = detail::parse(text.substr(array));
  if (!parts.is_array() || parts.empty() || !parts[0].is_string()) return;
  event(parts[0].get<std::string>(), parts.size() > 1 ? parts[1] : json{});
}

template <class Json>
void SocketIo::event(const std::string& name, const Json& argument) {
  if (name == "created") {
    queues_.tell(Ready{});
  } else if (name == "joined") {
    queues_.tell(Ready{});
    queues_.tell(Peers{{somebody}});
    // Pages of this dialect offer once both have their cameras, and are told so.
    emit("message", json("got user media"));
  } else if (name == "join") {
    // Pages of this dialect may fall over an offer that comes before they have their cameras.
    about_to_offer_ = true;
    queues_.tell(Peers{{somebody}});
    queues_.tell(Wait{patience});
  } else if (name == "full") {
    queues_.tell(Refused{"the room " + room_ + " is full"});
  } else if (name == "bye") {
    gone();
  } else if (name == "message") {
    message(argument);
  }
}

template <class Json>
void SocketIo::described(const Json& message, bool offer) {
  auto description = detail::description_of(message);
  if (!description) return;
  if (offer) {
    about_to_offer_ = false;
    // Said again, because we might have missed it.
    if (std::exchange(heard_offer_, description->sdp) == description->sdp && in_a_call_) return;
    if (!std::exchange(in_a_call_, true)) queues_.tell(Ring{somebody});
  } else if (std::exchange(offered_, {}).empty()) {
    return;  // to an offer of ours that was said twice
  }
  queues_.tell(Described{somebody, std::move(*description)});
}

template <class Json>
void SocketIo::message(const Json& message) {
  const std::string type = text_of(message, "type");
  if (type == "offer" || type == "answer") {
    described(message, type == "offer");
  } else if (type == "candidate") {
    Candidate candidate{.candidate = text_of(message, "candidate")};
    const json label = detail::part_of(message, "label");
    if (label.is_number_unsigned() && label.template get<std::uint64_t>() <= 0xffff) {
      candidate.m_line_index = label.template get<std::uint16_t>();
    }
    if (detail::part_of(message, "id").is_string()) candidate.mid = text_of(message, "id");
    queues_.tell(Trickled{somebody, std::move(candidate)});
  } else if (message.is_string() && message == "bye") {
    gone();
  } else if (message.is_string() && message == "got user media") {
    wake();
    // If it has not been answered yet, it came too early.
    for (const std::string& text : offered_) queues_.send(text);
  }
}

void SocketIo::wake() {
  if (!std::exchange(about_to_offer_, false)) return;
  in_a_call_ = true;
  queues_.tell(Begin{somebody, Part::offers, Manners::impolite});
}

void SocketIo::end() {
  in_a_call_ = about_to_offer_ = false;
  offered_.clear();
}

void SocketIo::gone() {
  end();
  queues_.tell(HungUp{somebody});
}

template <class Json>
void SocketIo::emit(const char* event, const Json& argument) {
  if (connected_) queues_.send(text_of_event(event, argument));
}

void SocketIo::join() { emit("create or join", json(room_)); }

void SocketIo::invite(const std::string& room) {
  room_ = room;
  join();
}

void SocketIo::accept(const std::string&) {
  in_a_call_ = true;
  queues_.tell(Begin{somebody, Part::answers, Manners::polite});
}

void SocketIo::hang_up(const std::string&) {
  end();
  emit("message", json("bye"));
}

void SocketIo::describe(const std::string&, const Description& description) {
  const json it = detail::to_json(description);
  offered_.clear();
  if (description.type == "offer") offered_.push_back(text_of_event("message", it));
  emit("message", it);
}

void SocketIo::trickle(const std::string&, const std::optional<Candidate>& candidate) {
  if (!candidate || candidate->candidate.empty()) return;
  const json it{{"type", "candidate"},
                {"label", candidate->m_line_index.value_or(0)},
                {"id", candidate->mid.value_or("")},
                {"candidate", candidate->candidate}};
  if (!offered_.empty()) offered_.push_back(text_of_event("message", it));
  emit("message", it);
}

}  // namespace lucid::signaling::client
