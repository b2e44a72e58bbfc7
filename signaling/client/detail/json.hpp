#pragma once
#include <optional>
#include <string_view>

#include "signaling/client/events.hpp"
#include "signaling/detail/json.hpp"

// Descriptions and candidates in the JSON that the dialects share. For their sources alone.
namespace lucid::signaling::client::detail {

using signaling::detail::dump;
using signaling::detail::json;
using signaling::detail::parse;
using signaling::detail::part_of;
using signaling::detail::text_of;

json to_json(const Description& it);
json to_json(const std::optional<Candidate>& it);

// `{type, sdp}`, or a bare text when the message itself says the type.
std::optional<Description> description_of(const json& it, std::string_view type = {});
std::optional<Candidate> candidate_of(const json& it);

}  // namespace lucid::signaling::client::detail
