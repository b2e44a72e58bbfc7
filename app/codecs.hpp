#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "core/media.hpp"
#include "peer/rtp_parameters.hpp"
#include "peer/transceiver.hpp"

namespace lucid::app {

// What this build's encoders can make; nobody is offered more than is true. The named one, if any,
// comes first.
std::vector<peer::RtpCodec> offered_codecs(std::string_view first = {});
// "audio" or "video", as in the W3C's MediaStreamTrack.
const char* name_of(core::MediaKind kind);
// The codec that was negotiated: the first that is not a repair format.
std::optional<core::Codec> codec_of(const std::vector<peer::RtpCodecParameters>& codecs);
// RFC 7587 4.1; RFC 3551 4.5.2 (G.722 counts as if at 8 kHz); 90 kHz for all video.
std::uint32_t clock_rate_of(core::Codec codec);

}  // namespace lucid::app
