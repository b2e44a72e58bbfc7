#pragma once
#include <cstdint>
#include <span>

#include "media/video_chain.hpp"
#include "peer/rtp_parameters.hpp"

namespace lucid::media {

struct SourceFormat {
  std::uint16_t width = 640;
  std::uint16_t height = 480;
  double framerate = 30;
};

// What a picture of this kind needs to look good as VP8; more hardly shows.
std::uint32_t good_bitrate(const SourceFormat& format);

// Divides a bit rate among the encodings of a sender (RTCRtpEncodingParameters): the smallest
// first, each up to its max_bitrate or what looks good; one that would get less than a quarter of
// that is paused, with a bit rate of zero, until there is more. Of several without a scale the last
// is full size, each one before it half of the next (W3C webrtc-pc, addTransceiver).
Allocation allocate(std::span<const peer::RtpEncoding> encodings, std::uint32_t total,
                    const SourceFormat& source);

// The same from what the connection says each encoding may use (peer::events::EncodingTargets).
Allocation allocate(std::span<const peer::EncodingTarget> targets, const SourceFormat& source);

}  // namespace lucid::media
