#include "signaling/client/chat.hpp"

#include <algorithm>

#include "signaling/client/detail/json.hpp"

namespace lucid::signaling::client {

using detail::dump;
using detail::json;
using detail::text_of;
using detail::to_json;

void Chat::opened() { ready_ = false; }

void Chat::closed() {
  ready_ = false;
  queues_.forget_texts();
}

void Chat::hear(const std::string& text) {
  const json message = detail::parse(text);
  const std::string type = text_of(message, "type");
  const std::string from = text_of(message, "name");
  if (type == "id") {
    const json id = detail::part_of(message, "id");
    if (id.is_number_unsigned()) id_ = id.get<std::uint64_t>();
    queues_.send(dump({{"type", "username"}, {"name", name_}, {"id", id_}}));
  } else if (type == "rejectusername" && !from.empty()) {
    name_ = from;
  } else if (type == "userlist" || type == "user-list") {
    listed(message.value("users", json::array()));
  } else if (type == "message") {
    if (from != name_) queues_.tell(Chatted{from, text_of(message, "text")});
  } else if (type == "video-offer" || type == "video-answer") {
    auto description = detail::description_of(detail::part_of(message, "sdp"), type.substr(6));
    if (!description || from.empty()) return;
    if (type == "video-offer") return offered(from, std::move(*description));
    inviting_.erase(from);
    queues_.tell(Described{from, std::move(*description)});
  } else if (type == "new-ice-candidate") {
    // MDN's candidates do not say whom they are from.
    queues_.tell(Trickled{from, detail::candidate_of(detail::part_of(message, "candidate"))});
  } else if (type == "hang-up") {
    known_.erase(from);
    inviting_.erase(from);
    queues_.tell(HungUp{from});
  }
}

template <class Json>
void Chat::listed(const Json& users) {
  Peers others;
  bool there = false;
  for (const Json& user : users) {
    if (!user.is_string()) continue;
    if (user == name_) {
      there = true;
    } else {
      others.peers.push_back(user.template get<std::string>());
    }
  }
  if (there && !std::exchange(ready_, true)) queues_.tell(Ready{name_});
  queues_.tell(std::move(others));
}

void Chat::offered(const std::string& from, Description description) {
  if (inviting_.contains(from)) {
    if (name_ < from) return;  // it answers our offer
    inviting_.erase(from);
    queues_.tell(Begin{from, Part::answers, Manners::polite});
  } else if (known_.insert(from).second) {
    queues_.tell(Ring{from});
  }
  queues_.tell(Described{from, std::move(description)});
}

void Chat::invite(const std::string& peer) {
  known_.insert(peer);
  inviting_.insert(peer);
  queues_.tell(Begin{peer, Part::offers, Manners::impolite});
}

void Chat::accept(const std::string& peer) {
  queues_.tell(Begin{peer, Part::answers, Manners::polite});
}

void Chat::decline(const std::string& peer) { hang_up(peer); }

void Chat::hang_up(const std::string& peer) {
  known_.erase(peer);
  inviting_.erase(peer);
  queues_.send(dump({{"type", "hang-up"}, {"name", name_}, {"target", peer}}));
}

void Chat::describe(const std::string& peer, const Description& description) {
  queues_.send(dump({{"type", "video-" + description.type},
                     {"name", name_},
                     {"target", peer},
                     {"sdp", to_json(description)}}));
}

void Chat::trickle(const std::string& peer, const std::optional<Candidate>& candidate) {
  // Those who listen for this dialect make an RTCIceCandidate of it, which null is not.
  if (!candidate) return;
  queues_.send(dump({{"type", "new-ice-candidate"},
                     {"name", name_},
                     {"target", peer},
                     {"candidate", to_json(candidate)}}));
}

bool Chat::say(const std::string& text) {
  queues_.send(dump({{"type", "message"}, {"text", text}, {"id", id_}}));
  return true;
}

}  // namespace lucid::signaling::client
