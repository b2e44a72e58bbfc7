#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/media.hpp"
#include "peer/error.hpp"
#include "peer/rtp_parameters.hpp"

namespace lucid::peer::detail {

// W3C webrtc-svc: "L2T3_KEY" is of two spatial and three temporal layers, "S2T1" likewise.
struct Layers {
  std::uint8_t spatial = 1;
  std::uint8_t temporal = 1;
};
std::optional<Layers> parse_scalability_mode(std::string_view mode);
inline Layers layers_of(std::string_view mode) {
  return parse_scalability_mode(mode).value_or(Layers{});
}

// W3C 5.1 addTransceiver, "addTransceiver sendEncodings validation steps": the encodings as the
// sender keeps them, or why they cannot be.
Result<std::vector<RtpEncoding>> check_encodings(std::vector<RtpEncoding> encodings,
                                                 core::MediaKind kind,
                                                 std::span<const RtpCodec> supported);
// W3C 5.2 setParameters: what may not differ from what getParameters gave.
Result<void> check_parameters(const RtpSendParameters& next,
                              const std::vector<RtpEncoding>& current, core::MediaKind kind,
                              std::span<const RtpCodec> supported);

}  // namespace lucid::peer::detail
