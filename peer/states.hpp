#pragma once
#include <cstdint>
#include <string_view>

// The four states of a connection, as the W3C API has them. to_string gives the W3C's spelling.
namespace lucid::peer {

// Where offer and answer stand (RFC 9429 3.2).
//
//              set local offer            set remote answer
//   stable ───────────────────▶ have_local_offer ───────────────▶ stable
//      │                           │    ▲ set remote pranswer ▶ have_remote_pranswer ─ answer ─▶
//      stable │ set remote offer          └────┘ set local offer again └──────────────▶
//      have_remote_offer ── set local answer ───▶ stable
//                          set local pranswer ▶ have_local_pranswer ─ answer ─▶ stable
//   rollback: from either offer state back to stable.  close: from any state to closed.
enum class SignalingState : std::uint8_t {
  stable,
  have_local_offer,
  have_remote_offer,
  have_local_pranswer,
  have_remote_pranswer,
  closed,
};
std::string_view to_string(SignalingState state);

enum class IceGatheringState : std::uint8_t { new_, gathering, complete };
std::string_view to_string(IceGatheringState state);

enum class IceConnectionState : std::uint8_t {
  new_,
  checking,
  connected,
  completed,
  disconnected,
  failed,
  closed,
};
std::string_view to_string(IceConnectionState state);

// ICE and DTLS of all transports in one word.
enum class ConnectionState : std::uint8_t {
  new_,
  connecting,
  connected,
  disconnected,
  failed,
  closed,
};
std::string_view to_string(ConnectionState state);

// One DTLS transport (RTCDtlsTransportState).
enum class DtlsState : std::uint8_t { new_, connecting, connected, closed, failed };
std::string_view to_string(DtlsState state);

}  // namespace lucid::peer
