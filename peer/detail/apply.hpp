#pragma once
#include <string>
#include <variant>
#include <vector>

#include "core/random.hpp"
#include "peer/detail/model.hpp"
#include "peer/detail/signaling.hpp"
#include "peer/error.hpp"
#include "sdp/rule.hpp"

// Setting a description, as far as the model goes (RFC 9429 5.9 to 5.11, W3C webrtc-pc 4.4.1.5).
namespace lucid::peer::detail {

// What a description does to tracks, in the order in which the W3C fires it.
struct TrackMuted {
  TransceiverId id{};
};
struct StreamLeft {
  TransceiverId id{};
  std::string stream;
};
struct TrackAdded {
  TransceiverId id{};
};
struct TrackEnded {
  TransceiverId id{};
};
using TrackChange = std::variant<TrackMuted, StreamLeft, TrackAdded, TrackEnded>;

// A broken rule of SDP as the W3C's error.
Error error_of(ErrorName name, const sdp::Problem& problem);

// Text to a description that keeps all rules that bind it, alone and beside those before it.
Result<Description> read_description(const Model& model, Side side, SdpType type,
                                     const std::string& text);

// The model with the description applied; it must have been read for this model.
std::vector<TrackChange> apply_description(Model& model, Side side, Description description,
                                           core::Random& random);
std::vector<TrackChange> roll_back(Model& model);

}  // namespace lucid::peer::detail
