#include "signaling/client/detail/json.hpp"

namespace lucid::signaling::client::detail {

json to_json(const Description& it) { return {{"type", it.type}, {"sdp", it.sdp}}; }

json to_json(const std::optional<Candidate>& it) {
  if (!it) return nullptr;
  json out{{"candidate", it->candidate}};
  out["sdpMid"] = it->mid ? json(*it->mid) : json{};
  out["sdpMLineIndex"] = it->m_line_index ? json(*it->m_line_index) : json{};
  if (it->username_fragment) out["usernameFragment"] = *it->username_fragment;
  return out;
}

std::optional<Description> description_of(const json& it, std::string_view type) {
  Description out{text_of(it, "type"), it.is_string() ? it.get<std::string>() : text_of(it, "sdp")};
  if (out.type.empty()) out.type = type;
  if (out.type.empty() || (out.sdp.empty() && out.type != "rollback")) return std::nullopt;
  return out;
}

std::optional<Candidate> candidate_of(const json& it) {
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
