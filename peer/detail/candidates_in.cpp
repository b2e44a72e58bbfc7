#include <algorithm>

#include "peer/detail/candidates.hpp"
#include "peer/detail/connection.hpp"

// Candidates of the peer on their way in (RFC 8838, W3C webrtc-pc 4.4.2 addIceCandidate).
namespace lucid::peer::detail {
namespace {

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

// Adds the line to the description if it is of its generation. RFC 8838 14: an empty candidate
// ends.
bool record(Description& description, const IceCandidate& candidate, std::string_view ufrag) {
  sdp::MediaSection* section = named_section(description.session, candidate);
  if (section == nullptr) return false;
  if (!ufrag.empty() && ufrag_of(description.session, *section) != ufrag) return false;
  if (candidate.candidate.empty()) {
    if (!section->has("end-of-candidates")) section->add_attribute("end-of-candidates");
  } else if (const auto line = sdp::parse_candidate(candidate.candidate)) {
    section->add(*line);
  }
  return true;
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
    for (std::size_t i = 0; i < model.remote()->session.media.size(); ++i) {
      IceCandidate end;
      end.sdp_m_line_index = static_cast<std::uint16_t>(i);
      end.username_fragment = candidate.username_fragment;
      (void)add_candidate(end, now);
    }
    return {};
  }
  std::string ufrag = candidate.username_fragment.value_or("");
  if (ufrag.empty() && line && line->ufrag()) ufrag = std::string{*line->ufrag()};
  bool named = false;
  bool recorded = false;
  const sdp::Session* session = nullptr;
  for (auto* description : {&model.pending_remote, &model.current_remote}) {
    if (!*description || recorded) continue;
    named = named || named_section((*description)->session, candidate) != nullptr;
    recorded = record(**description, candidate, ufrag);
    session = &(*description)->session;
  }
  if (recorded) {
    // A pending offer's candidates take effect with its answer (RFC 9429 5.10).
    if (session == &model.current_remote->session || !model.pending_remote ||
        model.pending_remote->type != SdpType::offer) {
      give_candidates(*session, now);
      pump(now);
    }
    return {};
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

// Gives the agents what the description has that they do not know yet: an agent drops repetitions.
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
      for (const sdp::Candidate& line : section->all<sdp::Candidate>()) {
        auto candidate = to_ice(line);
        if (!candidate) continue;
        if (candidate->ufrag.empty()) candidate->ufrag = ufrag;
        entry->transport.ice().add_remote_candidate(std::move(*candidate), now);
      }
      if (section->has("end-of-candidates") || remote.head.has("end-of-candidates")) {
        entry->transport.ice().end_of_remote_candidates(now);
      }
    }
  }
}

}  // namespace lucid::peer::detail
