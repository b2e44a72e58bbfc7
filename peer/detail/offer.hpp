#pragma once
#include "peer/detail/section.hpp"
#include "peer/error.hpp"

namespace lucid::peer::detail {

// RFC 9429 5.2. Changes nothing of the model but the record of what was created, the mids given out
// and, for the legacy options, transceivers.
Result<sdp::Session> make_offer(Model& model, const OfferOptions& options, Means& means);

}  // namespace lucid::peer::detail
