#pragma once
#include <span>

#include "ice/agent.hpp"
#include "peer/states.hpp"

// All transports in one word each: W3C webrtc-pc 4.3.2, 4.3.3 and 4.3.4. A closed connection is not
// their business.
namespace lucid::peer::detail {

struct TransportState {
  ice::GatheringState gathering = ice::GatheringState::idle;
  ice::ConnectionState ice = ice::ConnectionState::idle;
  DtlsState dtls = DtlsState::new_;
};

IceGatheringState summarise_gathering(std::span<const TransportState> transports);
IceConnectionState summarise_ice(std::span<const TransportState> transports);
ConnectionState summarise_connection(std::span<const TransportState> transports);

}  // namespace lucid::peer::detail
