#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"

// Frames, as `rtp`, `codec`, `capture` and `media` hand them to each other.
namespace lucid::core {

enum class MediaKind : std::uint8_t { audio, video };

enum class Codec : std::uint8_t {
  vp8,
  vp9,
  h264,
  h265,
  av1,  // video
  opus,
  g722,
  pcmu,
  pcma,
  telephone_event,  // audio
};
MediaKind kind_of(Codec codec);
std::string_view to_string(Codec codec);  // the RTP payload name: "VP8", "opus"
// Names are compared without regard to case (RFC 4855 3).
std::optional<Codec> codec_from_name(std::string_view name);

// One encoded picture (of one spatial layer), or one packet of encoded audio.
struct EncodedFrame {
  Codec codec = Codec::vp8;
  std::vector<std::uint8_t>
      data;  // H.264, H.265: Annex B; AV1: low-overhead OBUs without temporal delimiter
  std::uint32_t rtp_timestamp = 0;
  Time capture_time{};  // sender: when captured; receiver: by RTCP, in our own time, or zero
  std::optional<Duration> duration;  // audio
  bool key = false;
  std::uint16_t width = 0;  // video, 0 where not known
  std::uint16_t height = 0;

  // Layers and dependencies. `id` counts up along a stream; `depends_on` are ids of frames that
  // must have been decoded before.
  std::int64_t id = 0;
  std::vector<std::int64_t> depends_on;
  std::uint8_t spatial_layer = 0;
  std::uint8_t temporal_layer = 0;
  bool last_of_picture = true;  // no higher spatial layer follows at this timestamp
  bool discardable = false;     // nothing else depends on it

  std::string rid;                          // which simulcast encoding, empty without simulcast
  std::uint16_t rotation = 0;               // degrees clockwise to turn before showing
  std::optional<std::uint8_t> audio_level;  // -dBov, RFC 6464
  bool voice = false;
};

// A picture in I420: planes Y, U, V one after the other in one block, without padding.
struct VideoFrame {
  std::uint16_t width = 0;
  std::uint16_t height = 0;
  std::vector<std::uint8_t> planes;
  Time capture_time{};
  std::uint32_t rtp_timestamp = 0;
  std::uint16_t rotation = 0;

  static std::size_t luma_size(std::uint16_t width, std::uint16_t height) {
    return std::size_t{width} * height;
  }
  static std::size_t chroma_size(std::uint16_t width, std::uint16_t height) {
    return (std::size_t{width} + 1) / 2 * ((std::size_t{height} + 1) / 2);
  }
};

// Sound: 16-bit samples, the channels interleaved.
struct AudioFrame {
  std::uint32_t sample_rate = 48000;
  std::uint8_t channels = 1;
  std::vector<std::int16_t> samples;
  Time capture_time{};
  std::uint32_t rtp_timestamp = 0;
};

}  // namespace lucid::core
