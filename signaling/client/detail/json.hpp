#pragma once
#include <nlohmann/json.hpp>

#include "signaling/client/events.hpp"

// The JSON that the dialects share. For their sources alone.
namespace lucid::signaling::client::detail {

using nlohmann::json;

inline std::string text_of(const json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

inline json part_of(const json& object, const char* key) {
  return object.is_object() && object.contains(key) ? object.at(key) : json{};
}

// Invalid UTF-8 is replaced rather than thrown over.
inline std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

inline json to_json(const Description& it) { return {{"type", it.type}, {"sdp", it.sdp}}; }

// `{type, sdp}`, or a bare text when the message itself says the type.
inline std::optional<Description> description_of(const json& it, std::string_view type = {}) {
  Description out{text_of(it, "type"), it.is_string() ? it.get<std::string>() : text_of(it, "sdp")};
  if (out.type.empty()) out.type = type;
  if (out.type.empty() || (out.sdp.empty() && out.type != "rollback")) return std::nullopt;
  return out;
}

inline json to_json(const std::optional<Candidate>& it) {
  if (!it) return nullptr;
  json out{{"candidate", it->candidate}};
  out["sdpMid"] = it->mid ? json(*it->mid) : json{};
  out["sdpMLineIndex"] = it->m_line_index ? json(*it->m_line_index) : json{};
  if (it->username_fragment) out["usernameFragment"] = *it->username_fragment;
  return out;
}

inline std::optional<Candidate> candidate_of(const json& it) {
  if (!it.is_object() || !it.contains("candidate")) return std::nullopt;
  Candidate out{.candidate = text_of(it, "candidate")};
  const json index = part_of(it, "sdpMLineIndex");
  if (index.is_number_unsigned() && index.get<std::uint64_t>() <= 0xffff) {
    out.m_line_index = index.get<std::uint16_t>();
  }
  if (part_of(it, "sdpMid").is_string()) out.mid = text_of(it, "sdpMid");
  if (part_of(it, "usernameFragment").is_string()) {
    out.username_fragment = text_of(it, "usernameFragment");
  }
  return out;
}

}  // namespace lucid::signaling::client::detail
