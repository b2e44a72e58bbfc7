#pragma once
#include <optional>
#include <span>
#include <string>

#include "ice/candidate.hpp"
#include "sdp/candidate.hpp"
#include "sdp/session.hpp"

// Candidates between ice, which knows addresses, and sdp, which knows text.
namespace lucid::peer::detail {

sdp::Candidate to_sdp(const ice::Candidate& candidate, const std::string& ufrag);
// Nullopt for what ICE cannot use here: other transports, components but the first, unknown types.
std::optional<ice::Candidate> to_ice(const sdp::Candidate& candidate);

// RFC 9429 5.2.1: where a candidate is known it is the default; otherwise port 9 at no address.
void write_default_address(sdp::MediaSection& section, std::span<const sdp::Candidate> candidates);

// Adds a candidate of ours, or with null the end of them, to those of these sections that are of
// this generation.
void record_candidate(sdp::Session& session, std::span<const std::string> mids,
                      const std::string& ufrag, const sdp::Candidate* line);

}  // namespace lucid::peer::detail
