#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "dtls/certificate.hpp"
#include "ice/config.hpp"
#include "peer/rtp_parameters.hpp"

namespace lucid::peer {

// RTCIceServer. urls: stun:, turn:, turns: with ?transport=udp|tcp (RFC 7064, RFC 7065).
struct IceServer {
  std::vector<std::string> urls;
  std::string username;
  std::string credential;

  friend bool operator==(const IceServer&, const IceServer&) = default;
};

enum class IceTransportPolicy : std::uint8_t { all, relay };
std::string_view to_string(IceTransportPolicy policy);

// RFC 9429 4.1.1: how many transports to have ready for a peer that does not bundle.
enum class BundlePolicy : std::uint8_t {
  balanced,    // one for each kind of media
  max_compat,  // one for each section
  max_bundle,  // one
};
std::string_view to_string(BundlePolicy policy);

enum class RtcpMuxPolicy : std::uint8_t { require };

// RTCConfiguration, and below the line what a browser knows by itself.
struct Configuration {
  std::vector<IceServer> ice_servers;
  IceTransportPolicy ice_transport_policy = IceTransportPolicy::all;
  BundlePolicy bundle_policy = BundlePolicy::balanced;
  RtcpMuxPolicy rtcp_mux_policy = RtcpMuxPolicy::require;
  std::vector<dtls::Certificate> certificates;  // empty: one is made (ECDSA P-256)
  std::uint8_t ice_candidate_pool_size = 0;

  // ---- not in the W3C's dictionary
  core::WallClock wall_clock;  // for certificate dates, NTP times and statistics
  std::vector<RtpCodec> codecs = default_codecs();  // what this program can send and receive
  std::uint32_t max_message_size = 256 * 1024;      // the largest data-channel message we take
  bool gather_loopback = false;                     // candidates on 127.0.0.1 and ::1: tests
  bool gather_tcp = true;                           // RFC 6544
  ice::HostNames host_names = ice::HostNames::addresses;  // or hidden behind ".local" names
};

}  // namespace lucid::peer
