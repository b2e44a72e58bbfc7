#include "rtp/extension.hpp"

#include <algorithm>

namespace lucid::rtp {
namespace {

struct Name {
  ExtensionType type;
  std::string_view name;
  std::string_view uri;
};

constexpr std::array<Name, extension_type_count> names{{
    {ExtensionType::mid, "mid", "urn:ietf:params:rtp-hdrext:sdes:mid"},
    {ExtensionType::rid, "rid", "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"},
    {ExtensionType::repaired_rid, "repaired_rid",
     "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"},
    {ExtensionType::audio_level, "audio_level", "urn:ietf:params:rtp-hdrext:ssrc-audio-level"},
    {ExtensionType::mixer_audio_levels, "mixer_audio_levels",
     "urn:ietf:params:rtp-hdrext:csrc-audio-level"},
    {ExtensionType::transport_sequence, "transport_sequence",
     "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"},
    {ExtensionType::transport_sequence_v2, "transport_sequence_v2",
     "http://www.webrtc.org/experiments/rtp-hdrext/transport-wide-cc-02"},
    {ExtensionType::abs_send_time, "abs_send_time",
     "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"},
    {ExtensionType::abs_capture_time, "abs_capture_time",
     "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"},
    {ExtensionType::transmission_offset, "transmission_offset",
     "urn:ietf:params:rtp-hdrext:toffset"},
    {ExtensionType::video_orientation, "video_orientation", "urn:3gpp:video-orientation"},
    {ExtensionType::playout_delay, "playout_delay",
     "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"},
    {ExtensionType::video_content_type, "video_content_type",
     "http://www.webrtc.org/experiments/rtp-hdrext/video-content-type"},
    {ExtensionType::video_timing, "video_timing",
     "http://www.webrtc.org/experiments/rtp-hdrext/video-timing"},
    {ExtensionType::color_space, "color_space",
     "http://www.webrtc.org/experiments/rtp-hdrext/color-space"},
    {ExtensionType::dependency_descriptor, "dependency_descriptor",
     "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"},
    {ExtensionType::video_layers_allocation, "video_layers_allocation",
     "http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00"},
}};

}  // namespace

std::string_view uri(ExtensionType type) { return names[static_cast<std::size_t>(type)].uri; }

std::string_view to_string(ExtensionType type) {
  return names[static_cast<std::size_t>(type)].name;
}

bool is_of_transport(ExtensionType type) {
  switch (type) {
    case ExtensionType::mid:
    case ExtensionType::rid:
    case ExtensionType::repaired_rid:
    case ExtensionType::transport_sequence:
    case ExtensionType::transport_sequence_v2:
    case ExtensionType::abs_send_time:
    case ExtensionType::transmission_offset:
      return true;
    default:
      return false;
  }
}

std::optional<ExtensionType> extension_from_uri(std::string_view uri) {
  const auto found = std::ranges::find(names, uri, &Name::uri);
  if (found == names.end()) return std::nullopt;
  return found->type;
}

bool ExtensionMap::add(std::uint8_t id, ExtensionType type) {
  // RFC 8285 4.2: 0 is padding and 15 is reserved.
  if (id == 0 || id == 15 || this->type(id)) return false;
  std::uint8_t& slot = ids_[static_cast<std::size_t>(type)];
  if (slot != 0) return false;
  slot = id;
  return true;
}

std::optional<std::uint8_t> ExtensionMap::id(ExtensionType type) const {
  const std::uint8_t id = ids_[static_cast<std::size_t>(type)];
  if (id == 0) return std::nullopt;
  return id;
}

std::optional<ExtensionType> ExtensionMap::type(std::uint8_t id) const {
  const auto found = id == 0 ? ids_.end() : std::ranges::find(ids_, id);
  if (found == ids_.end()) return std::nullopt;
  return static_cast<ExtensionType>(found - ids_.begin());
}

}  // namespace lucid::rtp
