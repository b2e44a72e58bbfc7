#include "app/call_words.hpp"

#include <map>

namespace lucid::app {

namespace {

// %p stands for the peer, %n for the attempt. Events of other states need no words.
const std::map<std::string_view, std::map<std::string_view, std::string_view>> state_words{
    {"ice",
     {{"checking", "Looking for a way to %p."},
      {"connected", "There is a way to %p."},
      {"disconnected", "Nothing has been heard of %p for a while. Waiting."}}},
    {"connection",
     {{"connected", "Connected with %p."}, {"failed", "The connection with %p is broken."}}},
    {"call",
     {{"calling", "Calling %p."},
      {"answering", "Answering %p."},
      {"busy", "%p calls too, and is told that you are busy."},
      {"restarting ICE", "Looking for another way to %p (attempt %n of 3)."},
      {"hung up", "The call with %p has ended."},
      {"declined", "%p declined."},
      {"remote hung up", "%p has hung up."},
      {"no answer", "%p does not answer."},
      {"lost", "The connection with %p could not be brought back. The call has ended."},
      {"gone", "%p is gone. The call has ended."}}},
};

std::string replaced(std::string_view text, std::string_view mark, const std::string& by) {
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return std::string{text};
  return std::string{text.substr(0, at)} + by + std::string{text.substr(at + mark.size())};
}

std::string state(const json& event, const std::string& peer) {
  const auto machine = state_words.find(text_of(event, "machine"));
  if (machine == state_words.end()) return {};
  const auto words = machine->second.find(text_of(event, "state"));
  if (words == machine->second.end()) return {};
  return replaced(replaced(words->second, "%p", peer), "%n",
                  std::to_string(event.value("attempt", 0)));
}

std::string file(const json& event, const std::string& peer) {
  const std::string state = text_of(event, "state");
  const std::string name = text_of(event, "name");
  if (state == "sending") return "Sending " + name + ".";
  if (state == "sent") return peer + " has received " + name + ".";
  if (state == "received") return peer + " has sent you " + text_of(event, "path") + ".";
  if (state == "refused") return peer + " wants to send " + name + ": " + text_of(event, "message");
  return name + " was " + state + ": " + text_of(event, "message");
}

std::string list(const json& names) {
  std::string out;
  for (const json& name : names) {
    if (name.is_string()) out += (out.empty() ? "" : ", ") + name.get<std::string>();
  }
  return out;
}

}  // namespace

std::string words_of(const json& event) {
  const std::string type = text_of(event, "event");
  std::string peer = text_of(event, "peer");
  if (peer.empty()) peer = "the other side";
  if (type == "state") return state(event, peer);
  if (type == "ring") return peer + " is calling. Answer? (answer, decline)";
  if (type == "file") return file(event, peer);
  if (type == "error") return "Problem: " + text_of(event, "message");
  if (type == "chat") {
    const std::string from = text_of(event, "from");
    return (from.empty() ? peer : from) + ": " + text_of(event, "text");
  }
  if (type == "ready") {
    const std::string name = text_of(event, "name");
    return name.empty() ? "On the server." : "On the server as " + name + ".";
  }
  if (type == "peers") {
    const std::string names = list(event.value("peers", json::array()));
    return names.empty() ? "Nobody else is here." : "Here: " + names + ".";
  }
  return {};
}

}  // namespace lucid::app
