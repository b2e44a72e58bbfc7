#pragma once
#include <optional>
#include <string>

#include "ice/candidate.hpp"
#include "sdp/candidate.hpp"
#include "sdp/session.hpp"

// Candidates between ice, which knows addresses, and sdp, which knows text.
namespace lucid::peer::detail {

sdp::Candidate to_sdp(const ice::Candidate& candidate, const std::string& ufrag);
// Nullopt for what ICE cannot use here: other transports, components but the first, unknown types.
std::optional<ice::Candidate> to_ice(const sdp::Candidate& candidate);

// Adds a candidate of ours, or with null the end of them, to the sections of this generation.
void record_candidate(sdp::Session& session, const std::string& ufrag, const sdp::Candidate* line);

}  // namespace lucid::peer::detail
