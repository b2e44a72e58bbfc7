#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/media.hpp"

// The dictionaries of the W3C API that describe media streams.
namespace lucid::peer {

// RTCRtpTransceiverDirection.
enum class Direction : std::uint8_t { inactive, recvonly, sendonly, sendrecv, stopped };
std::string_view to_string(Direction direction);
constexpr bool sends(Direction direction) {
  return direction == Direction::sendrecv || direction == Direction::sendonly;
}

// RTCRtpCodec. Two are the same codec when the type, rate, channels and the parameters that its RTP
// payload format calls decisive agree.
struct RtpCodec {
  std::string mime_type;  // "video/VP8"
  std::uint32_t clock_rate = 90000;
  std::optional<std::uint16_t> channels;
  std::string sdp_fmtp_line;

  friend bool operator==(const RtpCodec&, const RtpCodec&) = default;
};
// VP8, VP9, H.264, AV1; Opus, G.722, PCMU, PCMA, telephone-event; and RTX for video.
std::vector<RtpCodec> default_codecs();

// RTCRtpCodecParameters.
struct RtpCodecParameters {
  RtpCodec codec;
  std::uint8_t payload_type = 0;
};

// RTCRtpHeaderExtensionParameters.
struct RtpHeaderExtension {
  std::string uri;
  std::uint8_t id = 0;
};

// RTCRtpEncodingParameters.
struct RtpEncoding {
  std::string rid;
  bool active = true;
  std::optional<RtpCodec> codec;
  std::optional<std::uint32_t> max_bitrate;  // bits a second
  std::optional<double> max_framerate;
  std::optional<double> scale_resolution_down_by;  // video; 1 or more
  std::string scalability_mode;                    // "L1T3"
};

// What one encoding of a sender may do now: its parameters, and its part of what the path carries.
struct EncodingTarget {
  std::string rid;
  core::Codec codec = core::Codec::vp8;
  bool active = true;         // false: send nothing, by its parameters or for want of bit rate
  std::uint64_t bitrate = 0;  // bits a second
  double scale_resolution_down_by = 1;
  std::optional<double> max_framerate;
  std::string scalability_mode;
  // Audio: percent of the packets that an encoder is to reckon with losing.
  std::uint8_t expected_loss = 0;

  friend bool operator==(const EncodingTarget&, const EncodingTarget&) = default;
};

// RTCRtpSendParameters. `transaction_id` ties a set_parameters to the get_parameters before it.
struct RtpSendParameters {
  std::string transaction_id;
  std::vector<RtpEncoding> encodings;
  std::vector<RtpCodecParameters> codecs;
  std::vector<RtpHeaderExtension> header_extensions;
  std::string cname;
};

struct RtpReceiveParameters {
  std::vector<RtpCodecParameters> codecs;
  std::vector<RtpHeaderExtension> header_extensions;
  std::string cname;
};

// As much of a MediaStreamTrack as negotiation sees. What the track shows is the business of
// whoever feeds the sender or drains the receiver.
struct MediaStreamTrack {
  core::MediaKind kind = core::MediaKind::audio;
  std::string id;

  friend bool operator==(const MediaStreamTrack&, const MediaStreamTrack&) = default;
};

}  // namespace lucid::peer
