#include "peer/detail/codecs.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "sdp/negotiate.hpp"

namespace lucid::peer {

std::string_view to_string(Direction direction) {
  switch (direction) {
    case Direction::inactive:
      return "inactive";
    case Direction::recvonly:
      return "recvonly";
    case Direction::sendonly:
      return "sendonly";
    case Direction::sendrecv:
      return "sendrecv";
    case Direction::stopped:
      return "stopped";
  }
  return "unknown";
}

std::vector<RtpCodec> default_codecs() {
  return {
      {.mime_type = "video/VP8", .clock_rate = 90000, .channels = {}, .sdp_fmtp_line = ""},
      {"video/rtx", 90000, {}, ""},
      {"video/VP9", 90000, {}, "profile-id=0"},
      {"video/H264",
       90000,
       {},
       "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"},
      {"video/AV1", 90000, {}, "level-idx=5;profile=0;tier=0"},
      {"audio/opus", 48000, 2, "minptime=10;useinbandfec=1"},
      {"audio/G722", 8000, 1, ""},
      {"audio/PCMU", 8000, 1, ""},
      {"audio/PCMA", 8000, 1, ""},
      {"audio/telephone-event", 8000, 1, "0-15"},
  };
}

}  // namespace lucid::peer

namespace lucid::peer::detail {
namespace {

using core::equal_ignoring_case;

constexpr std::string_view kind_prefix(core::MediaKind kind) {
  return kind == core::MediaKind::audio ? "audio/" : "video/";
}

std::string_view name_of(const RtpCodec& codec) {
  const std::string_view type = codec.mime_type;
  const auto slash = type.find('/');
  return slash == std::string_view::npos ? type : type.substr(slash + 1);
}

std::vector<sdp::Feedback> feedback_for(const sdp::Codec& codec, core::MediaKind kind) {
  if (codec.is_auxiliary()) return {};
  if (kind == core::MediaKind::audio) {
    if (codec.is("opus")) return {{"transport-cc", ""}};
    return {};
  }
  return {{"goog-remb", ""}, {"transport-cc", ""}, {"ccm", "fir"}, {"nack", ""}, {"nack", "pli"}};
}

}  // namespace

std::vector<sdp::Codec> sdp_codecs(std::span<const RtpCodec> codecs, core::MediaKind kind) {
  const bool wants_rtx = std::ranges::any_of(codecs, [kind](const RtpCodec& codec) {
    return is_kind(codec, kind) && equal_ignoring_case(name_of(codec), "rtx");
  });
  std::vector<sdp::Codec> result;
  auto next_dynamic = [dynamic = sdp::dynamic_payload_types(), given = 0U]() mutable {
    return dynamic[given++ % dynamic.size()];
  };
  for (const RtpCodec& each : codecs) {
    if (!is_kind(each, kind) || equal_ignoring_case(name_of(each), "rtx")) continue;
    sdp::Codec codec;
    codec.name = std::string{name_of(each)};
    codec.clock_rate = each.clock_rate;
    codec.channels = each.channels.value_or(1);
    codec.parameters = sdp::Parameters::parse(each.sdp_fmtp_line);
    codec.feedback = feedback_for(codec, kind);
    const auto fixed = sdp::static_payload_type(codec);
    codec.payload_type = fixed ? *fixed : next_dynamic();
    const bool repaired = wants_rtx && !codec.is_auxiliary();
    const std::uint8_t apt = codec.payload_type;
    result.push_back(std::move(codec));
    if (!repaired) continue;
    // RFC 4588 8.1: one rtx format for each format that it repairs.
    sdp::Codec rtx;
    rtx.name = "rtx";
    rtx.clock_rate = each.clock_rate;
    rtx.payload_type = next_dynamic();
    rtx.parameters.set("apt", std::to_string(apt));
    result.push_back(std::move(rtx));
  }
  return result;
}

RtpCodec w3c_codec(const sdp::Codec& codec, core::MediaKind kind) {
  RtpCodec result{codec.mime_type(kind), codec.clock_rate, {}, codec.parameters.text()};
  if (kind == core::MediaKind::audio) result.channels = codec.channels;
  return result;
}

bool is_kind(const RtpCodec& codec, core::MediaKind kind) {
  return codec.mime_type.size() > 6 &&
         equal_ignoring_case(std::string_view{codec.mime_type}.substr(0, 6), kind_prefix(kind));
}

bool is_auxiliary(const RtpCodec& codec) {
  sdp::Codec named;
  named.name = std::string{name_of(codec)};
  return named.is_auxiliary();
}

bool same_codec(const RtpCodec& a, const RtpCodec& b) {
  if (!equal_ignoring_case(a.mime_type, b.mime_type) || a.clock_rate != b.clock_rate) return false;
  if (equal_ignoring_case(name_of(a), "rtx")) return true;
  sdp::Codec left;
  left.name = std::string{name_of(a)};
  left.clock_rate = a.clock_rate;
  left.channels = a.channels.value_or(1);
  left.parameters = sdp::Parameters::parse(a.sdp_fmtp_line);
  sdp::Codec right = left;
  right.channels = b.channels.value_or(1);
  right.parameters = sdp::Parameters::parse(b.sdp_fmtp_line);
  return sdp::matches(left, right);
}

std::vector<std::string> extension_uris(core::MediaKind kind) {
  std::vector<std::string> uris{
      "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
      "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
      "urn:ietf:params:rtp-hdrext:sdes:mid",
  };
  if (kind == core::MediaKind::audio) {
    uris.insert(uris.begin(), "urn:ietf:params:rtp-hdrext:ssrc-audio-level");
    return uris;
  }
  for (const std::string_view uri :
       {"urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
        "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
        "urn:ietf:params:rtp-hdrext:toffset", "urn:3gpp:video-orientation",
        "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"}) {
    uris.emplace_back(uri);
  }
  return uris;
}

Result<void> check_preferences(std::span<const RtpCodec> preferences,
                               std::span<const RtpCodec> supported, core::MediaKind kind) {
  if (preferences.empty()) return {};
  for (const RtpCodec& wanted : preferences) {
    const bool known = std::ranges::any_of(supported, [&](const RtpCodec& codec) {
      return is_kind(codec, kind) && same_codec(codec, wanted);
    });
    if (known) continue;
    return refuse(ErrorName::invalid_modification_error,
                  "The codec " + wanted.mime_type + " (" + wanted.sdp_fmtp_line +
                      ") is not one of this transceiver's; choose among Configuration::codecs.");
  }
  if (std::ranges::all_of(preferences, is_auxiliary)) {
    return refuse(ErrorName::invalid_modification_error,
                  "The preferences name no codec that carries media; add one.");
  }
  return {};
}

}  // namespace lucid::peer::detail
