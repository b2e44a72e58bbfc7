#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "peer/peer_connection.hpp"
#include "signaling/client/events.hpp"

// What the dialects carry, as a connection takes it and gives it.
namespace lucid::app {

inline signaling::client::Description to_client(const peer::SessionDescription& it) {
  return {std::string{to_string(it.type)}, it.sdp};
}

inline std::optional<signaling::client::Candidate> to_client(
    const std::optional<peer::IceCandidate>& it) {
  if (!it) return std::nullopt;
  return signaling::client::Candidate{it->candidate, it->sdp_mid, it->sdp_m_line_index,
                                      it->username_fragment};
}

inline std::optional<peer::SessionDescription> to_peer(const signaling::client::Description& it) {
  const auto type = peer::sdp_type_from_string(it.type);
  if (!type) return std::nullopt;
  return peer::SessionDescription{*type, it.sdp};
}

inline std::optional<peer::IceCandidate> to_peer(
    const std::optional<signaling::client::Candidate>& it) {
  if (!it) return std::nullopt;
  return peer::IceCandidate{it->candidate, it->mid, it->m_line_index, it->username_fragment};
}

// MDN's candidate messages do not say whom they are from, so the fragment in the candidate must.
inline bool is_from(const signaling::client::Trickled& it, const peer::PeerConnection& pc) {
  const std::string ufrag =
      it.candidate ? it.candidate->username_fragment.value_or("") : std::string{};
  const auto description = pc.remote_description();
  return !ufrag.empty() && description &&
         description->sdp.find("a=ice-ufrag:" + ufrag + "\r\n") != std::string::npos;
}

}  // namespace lucid::app
