#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/media.hpp"
#include "peer/detail/model.hpp"
#include "rtp/extension.hpp"

namespace lucid::peer::detail {

// What was agreed on for the media of one section, in the terms of RTP (RFC 9429 5.9 to 5.11).
struct MediaPlan {
  TransceiverId id{};
  std::string mid;
  core::MediaKind kind = core::MediaKind::audio;
  std::uint32_t clock_rate = 90000;
  bool reduced_size = false;  // RFC 5506

  struct Receiving {
    std::map<std::uint8_t, core::Codec> formats;       // our payload types
    std::map<std::uint8_t, std::uint8_t> rtx_formats;  // rtx -> what it repeats
    std::vector<EncodingSource> sources;               // as far as a=ssrc tells
    rtp::ExtensionMap extensions;
    ReceiverOutput output = ReceiverOutput::frames;
  };
  std::optional<Receiving> receiving;

  // What may be sent, the peer's favourite first.
  struct Format {
    RtpCodec codec;
    core::Codec kind = core::Codec::vp8;
    std::uint8_t payload_type = 0;  // the peer's
    std::optional<std::uint8_t> rtx_payload_type;
    std::uint8_t h264_packetization_mode = 1;
  };
  struct Sending {
    std::vector<Format> formats;  // one at least
    rtp::ExtensionMap extensions;
    std::vector<RtpEncoding> encodings;
    std::vector<EncodingSource> sources;  // one for each encoding

    // The one that the encoding asks for, or the first.
    const Format& format_for(const RtpEncoding& encoding) const;
  };
  std::optional<Sending> sending;
};

// For the sections that one transport carries.
std::vector<MediaPlan> plan_media(const Model& model, const std::vector<std::string>& mids);

}  // namespace lucid::peer::detail
