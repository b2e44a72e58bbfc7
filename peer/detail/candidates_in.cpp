#include <algorithm>

#include "peer/detail/candidates.hpp"
#include "peer/detail/connection.hpp"

// Candidates of the peer on their way in (RFC 8838, W3C webrtc-pc 4.4.2 addIceCandidate).
namespace lucid::peer::detail {
namespace {

constexpr std::size_t most_candidates = 256;  // of a section: an agent keeps no more

std::string ufrag_of(const sdp::Session& session, const sdp::MediaSection& section) {
  const auto ufrag = session.effective<sdp::IceUfrag>(section);
  return ufrag ? ufrag->text : std::string{};
}

// The section that a candidate names; null when there is none.
sdp::MediaSection* named_section(sdp::Session& session, const IceCandidate& candidate) {
  if (candidate.sdp_mid) return session.find_mid(*candidate.sdp_mid);
  const std::size_t index = *candidate.sdp_m_line_index;
  return index < session.media.size() ? &session.media[index] : nullptr;
}

std::vector<sdp::Candidate> candidates_of(const sdp::MediaSection& section) {
  auto candidates = section.all<sdp::Candidate>();
  if (candidates.size() > most_candidates) candidates.resize(most_candidates);
  return candidates;
}

// Adds the line to the description if it is of its generation. RFC 8838 14: an empty candidate
// ends.
bool record(Description& description, const IceCandidate& candidate, std::string_view ufrag) {
  sdp::MediaSection* section = named_section(description.session, candidate);
  if (section == nullptr) return false;
  if (!ufrag.empty() && ufrag_of(description.session, *section) != ufrag) return false;
  if (candidate.candidate.empty()) {
    if (!section->has("end-of-candidates")) section->add_attribute("end-of-candidates");
  } else if (const auto line = sdp::parse_candidate(candidate.candidate)) {
    const auto known = candidates_of(*section);
    const bool fresh = std::ranges::find(known, *line) == known.end();
    if (fresh && known.size() < most_candidates) section->add(*line);
  }
  return true;
}

// The remote description that has it now; null when it fits none.
Description* record(Model& model, const IceCandidate& candidate, std::string_view ufrag) {
  for (auto* description : {&model.pending_remote, &model.current_remote}) {
    if (*description && record(**description, candidate, ufrag)) return &**description;
  }
  return nullptr;
}

// A pending offer's candidates take effect with its answer (RFC 9429 5.10).
bool in_effect(const Model& model, const Description& description) {
  return &description != model.remote() || !model.pending_remote ||
         description.type != SdpType::offer;
}

}  // namespace

Result<void> Connection::add_candidate(const std::optional<IceCandidate>& given, core::Time now) {
  if (closed()) return {};
  const IceCandidate candidate = given.value_or(IceCandidate{});
  const bool everywhere = !candidate.sdp_mid && !candidate.sdp_m_line_index;
  if (!candidate.candidate.empty() && everywhere) {
    return refuse(ErrorName::type_error,
                  "A candidate needs sdp_mid or sdp_m_line_index to say whose it is.");
  }
  std::optional<sdp::Candidate> line;
  if (!candidate.candidate.empty()) {
    auto parsed = sdp::parse_candidate(candidate.candidate);
    if (!parsed) {
      return refuse(ErrorName::operation_error,
                    "The candidate cannot be read: " + parsed.error().text());
    }
    line = std::move(*parsed);
  }
  if (model.remote() == nullptr) {
    // Signaling may overtake itself; what comes early waits for its description.
    if (early_candidates.size() < 256) early_candidates.push_back(given);
    return {};
  }
  if (everywhere) {
    end_everywhere(candidate, now);
    return {};
  }
  std::string ufrag = candidate.username_fragment.value_or("");
  if (ufrag.empty() && line && line->ufrag()) ufrag = std::string{*line->ufrag()};
  if (const Description* in = record(model, candidate, ufrag)) {
    if (in_effect(model, *in)) {
      give_candidates(in->session, now);
      pump(now);
    }
    return {};
  }
  bool named = false;
  for (auto* description : {&model.pending_remote, &model.current_remote}) {
    named = named || (*description && named_section((*description)->session, candidate) != nullptr);
  }
  if (named && took_back) {
    // Between a rollback and the description that follows, candidates of that one come already.
    if (early_candidates.size() < 256) early_candidates.push_back(given);
    return {};
  }
  return refuse(ErrorName::operation_error,
                named ? "The candidate's username fragment " + ufrag +
                            " is not one of the remote description; it belongs to another "
                            "generation."
                      : std::string{"The candidate names a section that the remote description "
                                    "does not have."});
}

// Every section is told first, and the agents then at once.
void Connection::end_everywhere(const IceCandidate& candidate, core::Time now) {
  const std::string ufrag = candidate.username_fragment.value_or("");
  std::set<const Description*> ended;
  for (std::size_t i = 0; i < model.remote()->session.media.size(); ++i) {
    IceCandidate end;
    end.sdp_m_line_index = static_cast<std::uint16_t>(i);
    const Description* in = record(model, end, ufrag);
    if (in != nullptr && in_effect(model, *in)) ended.insert(in);
  }
  for (const Description* each : ended) give_candidates(each->session, now);
  pump(now);
}

namespace {

// An agent drops repetitions.
void give(ice::Agent& agent, const sdp::MediaSection& section, const std::string& ufrag,
          core::Time now) {
  for (const sdp::Candidate& line : candidates_of(section)) {
    auto candidate = to_ice(line);
    if (!candidate) continue;
    if (candidate->ufrag.empty()) candidate->ufrag = ufrag;
    agent.add_remote_candidate(std::move(*candidate), now);
  }
}

}  // namespace

// Gives the agents what the description has that they do not know yet.
void Connection::give_candidates(const sdp::Session& remote, core::Time now) {
  for (const auto& entry : transports.entries()) {
    if (!entry->transport.remote()) continue;
    std::string generation;
    for (const std::string& mid : entry->mids) {
      const sdp::MediaSection* section = remote.find_mid(mid);
      if (section == nullptr || section->has("bundle-only")) continue;
      const std::string ufrag = ufrag_of(remote, *section);
      // Of sections that were bundled, those with a transport of their own meant another one.
      if (generation.empty()) generation = ufrag;
      if (ufrag != generation) continue;
      give(entry->transport.ice(), *section, ufrag, now);
      if (section->has("end-of-candidates") || remote.head.has("end-of-candidates")) {
        entry->transport.ice().end_of_remote_candidates(now);
      }
    }
  }
}

}  // namespace lucid::peer::detail
