#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <variant>

#include "core/bytes.hpp"
#include "core/media.hpp"
#include "rtp/payload/vp8.hpp"
#include "rtp/payload/vp9.hpp"

namespace lucid::rtp {

// What one payload tells about the frame it belongs to, before the others are there.
struct PayloadInfo {
  bool starts_frame = false;  // the first payload of a frame, or (H.264, H.265) of one of its units
  bool ends_frame = false;    // the last one of a frame; a picture of several layers has several
  bool last_of_picture = false;  // the marker: nothing more at this timestamp
  bool key = false;              // this payload shows that the frame is a key frame
  std::uint8_t spatial_layer = 0;
  std::uint8_t temporal_layer = 0;
  bool discardable = false;
  // What RTP formats say about dependencies: see rtp/payload/references.hpp.
  std::variant<std::monostate, Vp8Descriptor, Vp9Descriptor> descriptor;
};

// One payload format, incoming. It keeps no state, so payloads may be looked at in any order.
struct Depacketizer {
  virtual ~Depacketizer() = default;
  // Nullopt when this is no payload of the format.
  virtual std::optional<PayloadInfo> inspect(core::Bytes payload, bool marker) const = 0;
  // Joins the payloads of one frame, complete and in order: data, key, size, layers. The rest of
  // `frame` is left alone, and the memory of its data is reused. False when they make no frame.
  virtual bool assemble(std::span<const core::Bytes> payloads, core::EncodedFrame& frame) const = 0;
};

std::unique_ptr<Depacketizer> make_depacketizer(core::Codec codec);

}  // namespace lucid::rtp
