#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "peer/description.hpp"

// Descriptions and candidates as browsers write them in JSON.
namespace lucid::app {

using nlohmann::json;

inline std::string text_of(const json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && found != object.end() && found->is_string()
             ? found->get<std::string>()
             : std::string{};
}

inline std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

inline json to_json(const peer::SessionDescription& it) {
  return {{"type", to_string(it.type)}, {"sdp", it.sdp}};
}

inline std::optional<peer::SessionDescription> description_of(const json& it) {
  const auto type = peer::sdp_type_from_string(text_of(it, "type"));
  if (!type) return std::nullopt;
  return peer::SessionDescription{*type, text_of(it, "sdp")};
}

inline json to_json(const peer::IceCandidate& it) {
  json out{{"candidate", it.candidate}};
  if (it.sdp_mid) out["sdpMid"] = *it.sdp_mid;
  if (it.sdp_m_line_index) out["sdpMLineIndex"] = *it.sdp_m_line_index;
  if (it.username_fragment) out["usernameFragment"] = *it.username_fragment;
  return out;
}

inline std::optional<peer::IceCandidate> candidate_of(const json& it) {
  if (!it.is_object()) return std::nullopt;
  peer::IceCandidate out;
  out.candidate = text_of(it, "candidate");
  const auto filled = [&](const char* key) {
    const auto found = it.find(key);
    return found != it.end() && found->is_string() ? std::optional{found->get<std::string>()}
                                                   : std::nullopt;
  };
  out.sdp_mid = filled("sdpMid");
  out.username_fragment = filled("usernameFragment");
  if (const auto index = it.find("sdpMLineIndex");
      index != it.end() && index->is_number_unsigned() && *index <= 0xffff) {
    out.sdp_m_line_index = index->get<std::uint16_t>();
  }
  return out;
}

}  // namespace lucid::app
