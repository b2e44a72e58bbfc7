#pragma once
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>

#include "net/loop.hpp"
#include "peer/peer_connection.hpp"

// Signaling as browsers write it in JSON: {"type":...,"sdp":...} and {"candidate":{...}|null}; and
// bundles of both, {"sdp":{"type":...,"sdp":...},"candidates":[...]}.
namespace examples {

using nlohmann::json;

inline void say(const json& line) { std::cout << line.dump() << std::endl; }

inline json to_json(const lucid::peer::SessionDescription& it) {
  return {{"type", to_string(it.type)}, {"sdp", it.sdp}};
}

inline std::optional<lucid::peer::SessionDescription> description_of(const json& it) {
  if (!it.is_object() || !it.contains("sdp")) return std::nullopt;
  if (it["sdp"].is_object()) return description_of(it["sdp"]);
  const json type = it.value("type", json{});
  if (!type.is_string() || !it["sdp"].is_string()) return std::nullopt;
  const auto known = lucid::peer::sdp_type_from_string(type.get<std::string>());
  if (!known) return std::nullopt;
  return lucid::peer::SessionDescription{*known, it["sdp"].get<std::string>()};
}

inline json to_json(const std::optional<lucid::peer::IceCandidate>& it) {
  if (!it) return nullptr;
  return {{"candidate", it->candidate},
          {"sdpMid", it->sdp_mid.value_or("")},
          {"sdpMLineIndex", it->sdp_m_line_index.value_or(0)},
          {"usernameFragment", it->username_fragment.value_or("")}};
}

inline std::optional<lucid::peer::IceCandidate> candidate_of(const json& it) {
  if (!it.is_object()) return std::nullopt;
  const auto text = [&](const char* name) -> std::optional<std::string> {
    if (!it.contains(name) || !it[name].is_string()) return std::nullopt;
    return it[name].get<std::string>();
  };
  lucid::peer::IceCandidate made;
  made.candidate = text("candidate").value_or("");
  made.sdp_mid = text("sdpMid");
  made.username_fragment = text("usernameFragment");
  if (it.contains("sdpMLineIndex") && it["sdpMLineIndex"].is_number_unsigned()) {
    made.sdp_m_line_index = it["sdpMLineIndex"].get<std::uint16_t>();
  }
  return made;
}

inline void report(const lucid::peer::Result<void>& result) {
  if (!result) say({{"event", "error"}, {"message", result.error().text()}});
}
inline void say_local(const lucid::peer::PeerConnection& pc) {
  say(to_json(*pc.local_description()));
}

// What the peer signals: a candidate or a description. True for an offer, which wants an answer.
inline bool take_signal(lucid::peer::PeerConnection& pc, const json& line, lucid::core::Time now) {
  if (line.is_object() && line.contains("candidate")) {
    report(pc.add_ice_candidate(candidate_of(line["candidate"]), now));
    return false;
  }
  const auto description = description_of(line);
  if (!description) return false;
  const auto set = pc.set_remote_description(*description, now);
  report(set);
  return set && description->type == lucid::peer::SdpType::offer;
}
// One line of the peer's: a candidate, an answer, or an offer, which is answered.
inline void take(lucid::peer::PeerConnection& pc, const std::string& text, lucid::core::Time now) {
  if (!take_signal(pc, json::parse(text, nullptr, false), now)) return;
  report(pc.set_local_description(now));
  say_local(pc);
}

// Runs the loop, with each line of standard input handed to it, until the input ends.
template <class OnLine, class OnEnd>
void run_with_input(lucid::net::Loop& loop, OnLine on_line, OnEnd on_end) {
  std::thread input{[&] {
    for (std::string text; std::getline(std::cin, text);) {
      loop.post([&on_line, text] { on_line(text); });
    }
    loop.post([&] {
      on_end();
      loop.stop();
    });
  }};
  loop.run();
  input.join();
}

}  // namespace examples
