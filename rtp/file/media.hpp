#pragma once
#include <cstdint>
#include <expected>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/media.hpp"

// Files of encoded frames, as bytes: IVF (VP8, VP9, AV1), Annex B (H.264, H.265), Ogg (Opus). For
// the examples and the tests; nothing on the way of a call needs this.
namespace lucid::rtp::file {

enum class Error : std::uint8_t { not_recognised, truncated, malformed, unsupported };
std::string_view to_string(Error error);

struct Frame {
  core::Bytes data;             // borrowed from the file, or from MediaFile::joined
  std::uint32_t timestamp = 0;  // in ticks of the format's RTP clock
};

struct MediaFile {
  core::Codec codec = core::Codec::vp8;
  std::uint16_t width = 0;
  std::uint16_t height = 0;
  std::vector<Frame> frames;
  std::vector<std::vector<std::uint8_t>> joined;  // frames that lay in pieces
};

// Tells the kind by the first bytes. Annex B has no times: pictures come at `frame_rate`.
[[nodiscard]] std::expected<MediaFile, Error> read_media(core::Bytes file, double frame_rate = 30);

// IVF for VP8, VP9 and AV1, Annex B for H.264 and H.265, Ogg for Opus.
[[nodiscard]] std::expected<std::vector<std::uint8_t>, Error> write_media(const MediaFile& media);

// The pictures of an Annex B stream, with all that belongs to each (H.264 7.4.1.2.3,
// H.265 7.4.2.4.4).
std::vector<core::Bytes> access_units(core::Bytes stream, core::Codec codec);

}  // namespace lucid::rtp::file
