#pragma once
#include <span>
#include <string>
#include <vector>

#include "core/media.hpp"
#include "peer/error.hpp"
#include "peer/rtp_parameters.hpp"
#include "sdp/codec.hpp"

namespace lucid::peer::detail {

// The W3C's description of codecs as SDP has it: those of one kind, in their order, with feedback,
// each followed by its rtx where the list has one. Payload types are placeholders.
std::vector<sdp::Codec> sdp_codecs(std::span<const RtpCodec> codecs, core::MediaKind kind);

RtpCodec w3c_codec(const sdp::Codec& codec, core::MediaKind kind);
bool same_codec(const RtpCodec& a, const RtpCodec& b);  // by the rules of their payload formats
bool is_kind(const RtpCodec& codec, core::MediaKind kind);
bool is_auxiliary(const RtpCodec& codec);  // rtx, red, telephone-event, ...

// The header extensions that we know, in the order of an offer.
std::vector<std::string> extension_uris(core::MediaKind kind);

// W3C setCodecPreferences: every entry must be one of ours, and not all auxiliary.
Result<void> check_preferences(std::span<const RtpCodec> preferences,
                               std::span<const RtpCodec> supported, core::MediaKind kind);

}  // namespace lucid::peer::detail
