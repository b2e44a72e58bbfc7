#pragma once
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "peer/description.hpp"

// Signaling as browsers write it in JSON: {"type":...,"sdp":...} and {"candidate":{...}|null}.
namespace examples {

using nlohmann::json;

inline void say(const json& line) { std::cout << line.dump() << std::endl; }

inline json to_json(const lucid::peer::SessionDescription& it) {
  return {{"type", to_string(it.type)}, {"sdp", it.sdp}};
}

inline std::optional<lucid::peer::SessionDescription> description_of(const json& it) {
  if (!it.is_object()) return std::nullopt;
  const auto type = lucid::peer::sdp_type_from_string(it.value("type", ""));
  if (!type) return std::nullopt;
  return lucid::peer::SessionDescription{*type, it.value("sdp", "")};
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

}  // namespace examples
