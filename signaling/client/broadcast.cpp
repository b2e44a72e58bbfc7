#include "signaling/client/broadcast.hpp"

#include "signaling/client/detail/json.hpp"

namespace lucid::signaling::client {

using detail::dump;
using detail::json;
using detail::text_of;
using detail::to_json;

void Broadcast::opened() {
  queues_.tell(Ready{});
  queues_.tell(Peers{{somebody}});
}

void Broadcast::hear(const std::string& text) {
  const json message = detail::parse(text);
  if (!message.is_object()) return;
  if (const std::string type = text_of(message, "message_type"); !type.empty()) {
    form_ = Form::enveloped;
    const json content = detail::part_of(message, "content");
    if (type == "SDP") described(detail::description_of(content));
    if (type == "CANDIDATE") queues_.tell(Trickled{somebody, detail::candidate_of(content)});
    return;
  }
  if (const std::string word = text_of(message, "call"); !word.empty()) {
    form_ = Form::bare;
    called(word);
  } else if (message.contains("sdp")) {
    form_ = Form::bare;
    // {"type":"offer","sdp":"..."}, or {"sdp":{"type":"offer","sdp":"..."}}.
    const json& sdp = message.at("sdp");
    described(detail::description_of(sdp.is_object() ? sdp : message));
  } else if (message.contains("candidate")) {
    form_ = Form::bare;
    // {"candidate":{...}}, or the candidate itself, which has a member of that name.
    const json& candidate = message.at("candidate");
    queues_.tell(
        Trickled{somebody, detail::candidate_of(candidate.is_string() ? message : candidate)});
  }
}

void Broadcast::described(std::optional<Description> description) {
  if (!description) return;
  if (description->type == "offer" && (state_ == State::idle || state_ == State::asking)) {
    // Who has asked for a call does not have to be asked whether it wants one.
    const bool wanted = std::exchange(state_, State::offered) == State::asking;
    if (wanted) {
      accept(somebody);
    } else {
      queues_.tell(Ring{somebody});
    }
  }
  queues_.tell(Described{somebody, std::move(*description)});
}

void Broadcast::called(const std::string& word) {
  if (word == "request") {
    if (state_ == State::idle) {
      state_ = State::asked;
      queues_.tell(Ring{somebody});
    } else if (state_ == State::asking) {
      // Both have asked: both offer, and their manners decide.
      queues_.send(dump({{"call", "accept"}}));
      begin(Part::offers);
    }
  } else if (word == "accept" && state_ == State::asking) {
    begin(Part::offers);
  } else if (word == "hangup") {
    state_ = State::idle;
    queues_.tell(HungUp{somebody});
  }
}

void Broadcast::invite(const std::string&) {
  if (form_ == Form::bare) {
    state_ = State::asking;
    return queues_.send(dump({{"call", "request"}}));
  }
  begin(Part::offers);
}

void Broadcast::accept(const std::string&) {
  if (state_ == State::asked) queues_.send(dump({{"call", "accept"}}));
  begin(Part::answers);
}

void Broadcast::begin(Part part) {
  state_ = State::in_a_call;
  const Manners usual = part == Part::offers ? Manners::impolite : Manners::polite;
  queues_.tell(Begin{somebody, part, manners_.value_or(usual)});
}

void Broadcast::hang_up(const std::string&) {
  state_ = State::idle;
  queues_.send(dump({{"call", "hangup"}}));
}

void Broadcast::describe(const std::string&, const Description& description) {
  const json it = to_json(description);
  queues_.send(dump(form_ == Form::bare ? it : json{{"message_type", "SDP"}, {"content", it}}));
}

void Broadcast::trickle(const std::string&, const std::optional<Candidate>& candidate) {
  const json it = to_json(candidate);
  queues_.send(dump(form_ == Form::bare ? json{{"candidate", it}}
                                        : json{{"message_type", "CANDIDATE"}, {"content", it}}));
}

}  // namespace lucid::signaling::client
