#include "app/robot.hpp"

#include <algorithm>
#include <cstdio>

#include "app/json.hpp"

namespace lucid::app {

struct Robot::Message {
  json body;
  std::string type, from;
};

Robot::Robot(net::Loop& loop, SessionConfig config, SayText say)
    : loop_{loop}, config_{std::move(config)}, say_{std::move(say)} {
  say_(dump({{"type", "username"}, {"name", name_}}));
}

void Robot::hear(std::string_view text) {
  Message message{json::parse(text, nullptr, false), {}, {}};
  if (!message.body.is_object()) return;
  message.type = text_of(message.body, "type");
  message.from = text_of(message.body, "name");
  if (message.type == "rejectusername") name_ = message.from;
  if (message.type == "video-offer") offered(message);
  if (message.type == "new-ice-candidate") candidate(message);
  if (message.type == "hang-up") ended(message.from);
  if (message.type == "message") greet(message);
  if (message.type != "userlist") return;
  // Who has left the list has left the call, with or without a word.
  const json users = message.body.value("users", json::array());
  std::vector<std::string> gone;
  for (const auto& [caller, session] : calls_) {
    if (std::ranges::find(users, json(caller)) == users.end()) gone.push_back(caller);
  }
  for (const std::string& caller : gone) ended(caller);
}

void Robot::offered(const Message& message) {
  const auto offer = description_of(message.body.value("sdp", json{}));
  if (!offer || message.from.empty() ||
      (calls_.size() >= most_calls && !calls_.contains(message.from)))
    return;
  std::shared_ptr<Session>& session = calls_[message.from];
  latest_ = message.from;
  if (!session) {
    SessionConfig config = config_;
    config.id = static_cast<std::uint32_t>(calls_.size());
    const std::string caller = message.from;
    session =
        std::make_shared<Session>(loop_, config,
                                  SessionHandlers{[this, caller](const peer::IceCandidate& it) {
                                                    say_(dump({{"type", "new-ice-candidate"},
                                                               {"name", name_},
                                                               {"target", caller},
                                                               {"candidate", to_json(it)}}));
                                                  },
                                                  [this, caller](peer::ConnectionState state) {
                                                    if (state == peer::ConnectionState::failed)
                                                      loop_.post([this, caller] { ended(caller); });
                                                  }});
  }
  const auto answer = session->answer(*offer);
  if (!answer) {
    std::fprintf(stderr, "lucid: the call of %s: %s\n", message.from.c_str(),
                 answer.error().text().c_str());
    say_(dump({{"type", "hang-up"}, {"name", name_}, {"target", message.from}}));
    return ended(message.from);
  }
  say_(dump({{"type", "video-answer"},
             {"name", name_},
             {"target", message.from},
             {"sdp", to_json(*answer)}}));
}

// MDN's candidate messages do not say whom they are from, so the fragment in the candidate must.
Session* Robot::call_of(const Message& message) {
  if (const auto found = calls_.find(message.from); found != calls_.end())
    return found->second.get();
  const std::string ufrag = text_of(message.body.value("candidate", json{}), "usernameFragment");
  for (const auto& [caller, session] : calls_) {
    if (!ufrag.empty() && session->has_remote_ufrag(ufrag)) return session.get();
  }
  const auto latest = calls_.find(latest_);
  return latest == calls_.end() ? nullptr : latest->second.get();
}

void Robot::candidate(const Message& message) {
  Session* session = call_of(message);
  if (session == nullptr) return;
  const auto candidate = candidate_of(message.body.value("candidate", json{}));
  if (candidate) (void)session->add_candidate(candidate);
}

void Robot::ended(const std::string& caller) {
  const auto found = calls_.find(caller);
  if (found == calls_.end()) return;
  // It may be asking for its end itself: let it come back first.
  loop_.post([session = std::move(found->second)] { session->close(); });
  calls_.erase(found);
}

void Robot::greet(const Message& message) {
  if (message.from.empty() || message.from == name_) return;
  const std::string text = text_of(message.body, "text");
  say_(dump({{"type", "message"}, {"text", "You said: " + text}}));
}

}  // namespace lucid::app
