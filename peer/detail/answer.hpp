#pragma once
#include "peer/detail/section.hpp"
#include "peer/error.hpp"

namespace lucid::peer::detail {

// RFC 9429 5.3: the answer to model.pending_remote.
Result<sdp::Session> make_answer(Model& model, Means& means);

}  // namespace lucid::peer::detail
