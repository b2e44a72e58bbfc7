#pragma once
#include "peer/detail/model.hpp"

namespace lucid::peer::detail {

// W3C webrtc-pc 4.7.3: whether what the application wants differs from what was negotiated.
bool negotiation_needed(const Model& model);

}  // namespace lucid::peer::detail
