#include "signaling/client/rooms.hpp"

#include "signaling/client/detail/json.hpp"

namespace lucid::signaling::client {

using detail::dump;
using detail::json;
using detail::text_of;

void Rooms::opened() {
  if (room_.empty()) return queues_.tell(Ready{name_});
  join();
}

void Rooms::closed() {
  queues_.forget_texts();
  others_.clear();
}

void Rooms::join() { queues_.send(dump({{"type", "join"}, {"room", room_}, {"name", name_}})); }

void Rooms::hear(const std::string& text) {
  const json message = detail::parse(text);
  const std::string type = text_of(message, "type");
  const std::string from = name_of(text_of(message, "from"));
  if (type == "joined") {
    list(detail::part_of(message, "peers"));
    queues_.tell(Ready{name_});
    for (const auto& [name, other] : others_) {
      in_a_call_.insert(name);
      queues_.tell(Begin{name, Part::offers, other.manners});
    }
  } else if (type == "peers") {
    list(detail::part_of(message, "peers"));
  } else if (type == "left") {
    const std::string gone = name_of(text_of(message, "id"));
    in_a_call_.erase(gone);
    if (others_.erase(gone) > 0) queues_.tell(HungUp{gone});
  } else if (type == "full") {
    queues_.tell(Refused{"the room " + text_of(message, "room") + " is full"});
  } else if (type == "error" && text_of(message, "error") != "no-such-peer") {
    queues_.tell(Refused{text_of(message, "message")});
  } else if (from.empty()) {
    return;
  } else if (type == "offer" || type == "answer") {
    auto description = detail::description_of(detail::part_of(message, "sdp"), type);
    if (!description) return;
    if (type == "offer" && in_a_call_.insert(from).second) queues_.tell(Ring{from});
    queues_.tell(Described{from, std::move(*description)});
  } else if (type == "candidate") {
    queues_.tell(Trickled{from, detail::candidate_of(detail::part_of(message, "candidate"))});
  } else if (type == "hang-up") {
    in_a_call_.erase(from);
    queues_.tell(HungUp{from});
  } else if (type == "message") {
    queues_.tell(Chatted{from, text_of(message, "text")});
  }
}

template <class Json>
void Rooms::list(const Json& peers) {
  std::map<std::string, Other> before = std::exchange(others_, {});
  // Who has a name keeps it, whoever comes.
  for (const auto& [name, other] : before) {
    for (const json& peer : peers) {
      if (text_of(peer, "id") == other.id) others_.emplace(name, other);
    }
  }
  Peers names;
  for (const json& peer : peers) list_one(peer);
  for (const auto& [name, other] : others_) names.peers.push_back(name);
  queues_.tell(std::move(names));
}

template <class Json>
void Rooms::list_one(const Json& peer) {
  const std::string id = text_of(peer, "id");
  if (id.empty() || !name_of(id).empty()) return;
  std::string name = text_of(peer, "name");
  if (name.empty() || others_.contains(name)) name = id;
  const bool polite = peer.value("polite", json{}) == json(true);
  others_.emplace(name, Other{id, polite ? Manners::polite : Manners::impolite});
}

std::string Rooms::name_of(const std::string& id) const {
  for (const auto& [name, other] : others_) {
    if (other.id == id) return name;
  }
  return {};
}

std::string Rooms::id_of(const std::string& name) const {
  const auto found = others_.find(name);
  return found == others_.end() ? std::string{} : found->second.id;
}

void Rooms::invite(const std::string& room) {
  room_ = room;
  join();
}

void Rooms::accept(const std::string& peer) {
  const auto found = others_.find(peer);
  const Manners manners = found == others_.end() ? Manners::polite : found->second.manners;
  queues_.tell(Begin{peer, Part::answers, manners});
}

void Rooms::hang_up(const std::string& peer) {
  queues_.send(dump({{"type", "hang-up"}, {"to", id_of(peer)}}));
  in_a_call_.erase(peer);
  if (!in_a_call_.empty()) return;
  queues_.send(dump({{"type", "leave"}}));
  room_.clear();
}

void Rooms::describe(const std::string& peer, const Description& description) {
  queues_.send(dump(
      {{"type", description.type}, {"to", id_of(peer)}, {"sdp", detail::to_json(description)}}));
}

void Rooms::trickle(const std::string& peer, const std::optional<Candidate>& candidate) {
  queues_.send(dump(
      {{"type", "candidate"}, {"to", id_of(peer)}, {"candidate", detail::to_json(candidate)}}));
}

bool Rooms::say(const std::string& text) {
  queues_.send(dump({{"type", "message"}, {"text", text}}));
  return true;
}

}  // namespace lucid::signaling::client
