#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lucid::peer {

// RTCSdpType.
enum class SdpType : std::uint8_t { offer, pranswer, answer, rollback };
std::string_view to_string(SdpType type);
std::optional<SdpType> sdp_type_from_string(std::string_view text);

// RTCSessionDescription: what goes over the signaling channel.
struct SessionDescription {
  SdpType type = SdpType::offer;
  std::string sdp;

  friend bool operator==(const SessionDescription&, const SessionDescription&) = default;
};

// RTCIceCandidateInit: one candidate line on its way over the signaling channel. An empty
// `candidate` says that no more come for its section and generation (RFC 8838 14).
struct IceCandidate {
  std::string candidate;
  std::optional<std::string> sdp_mid;
  std::optional<std::uint16_t> sdp_m_line_index;
  std::optional<std::string> username_fragment;

  friend bool operator==(const IceCandidate&, const IceCandidate&) = default;
};

struct OfferOptions {
  bool ice_restart = false;
  // The legacy way to say "I want to receive": true adds a recvonly transceiver where none
  // receives, false takes receiving away from those there are.
  std::optional<bool> offer_to_receive_audio;
  std::optional<bool> offer_to_receive_video;
};

}  // namespace lucid::peer
