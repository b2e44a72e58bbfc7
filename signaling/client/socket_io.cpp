#include "signaling/client/socket_io.hpp"

#include "signaling/client/detail/json.hpp"

namespace lucid::signaling::client {

using detail::dump;
using detail::json;
using detail::text_of;

namespace {

// The first character of an Engine.IO packet, and the second one of a message.
constexpr char engine_open = '0', engine_ping = '2', engine_message = '4';
constexpr char socket_connect = '0', socket_event = '2', socket_error = '4';

}  // namespace

void SocketIo::closed() {
  connected_ = false;
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
    in_a_call_ = true;
    queues_.tell(Peers{{somebody}});
    queues_.tell(Begin{somebody, Part::offers, Manners::impolite});
  } else if (name == "full") {
    queues_.tell(Refused{"the room " + room_ + " is full"});
  } else if (name == "bye") {
    gone();
  } else if (name == "message") {
    message(argument);
  }
}

template <class Json>
void SocketIo::message(const Json& message) {
  const std::string type = text_of(message, "type");
  if (type == "offer" || type == "answer") {
    auto description = detail::description_of(message);
    if (!description) return;
    if (type == "offer" && !std::exchange(in_a_call_, true)) queues_.tell(Ring{somebody});
    queues_.tell(Described{somebody, std::move(*description)});
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
  }
}

void SocketIo::gone() {
  in_a_call_ = false;
  queues_.tell(HungUp{somebody});
}

template <class Json>
void SocketIo::emit(const char* event, const Json& argument) {
  if (connected_) queues_.send("42" + dump(json::array({event, argument})));
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
  in_a_call_ = false;
  emit("message", json("bye"));
}

void SocketIo::describe(const std::string&, const Description& description) {
  emit("message", detail::to_json(description));
}

void SocketIo::trickle(const std::string&, const std::optional<Candidate>& candidate) {
  if (!candidate || candidate->candidate.empty()) return;
  emit("message", json{{"type", "candidate"},
                       {"label", candidate->m_line_index.value_or(0)},
                       {"id", candidate->mid.value_or("")},
                       {"candidate", candidate->candidate}});
}

}  // namespace lucid::signaling::client
