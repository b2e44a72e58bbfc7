#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "peer/peer_connection.hpp"

// What the test peer prints: one JSON object a line.
namespace lucid::test {

using nlohmann::json;

void say(const json& line);

// The report of an event; null for one that is not worth a line. Channels are told by their key:
// one that has closed has no label any more.
json report_of(const peer::Event& event);

json to_json(const peer::SessionDescription& it);
json to_json(const std::optional<peer::IceCandidate>& it);
json to_json(peer::Transceiver it);
std::optional<peer::IceCandidate> candidate_of(const json& it);
peer::DataChannelInit channel_init_of(const json& it);

}  // namespace lucid::test
