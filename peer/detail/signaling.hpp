#pragma once
#include "peer/description.hpp"
#include "peer/error.hpp"
#include "peer/states.hpp"

// The figure of peer/states.hpp as a table (RFC 9429 3.2, W3C webrtc-pc 4.4.1.5).
namespace lucid::peer::detail {

enum class Side : std::uint8_t { local, remote };

// Where setting a description of this type leads; InvalidStateError where it may not be set.
Result<SignalingState> next_state(SignalingState from, Side side, SdpType type);

}  // namespace lucid::peer::detail
