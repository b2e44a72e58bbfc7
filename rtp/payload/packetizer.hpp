#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "core/bytes.hpp"
#include "core/media.hpp"
#include "core/random.hpp"

namespace lucid::rtp {

struct PacketizerConfig {
  core::Codec codec = core::Codec::vp8;
  // How the encoder is set up. More than one makes VP8 and VP9 write layer indices.
  std::uint8_t spatial_layers = 1;
  std::uint8_t temporal_layers = 1;
  // RFC 6184 6.2 and 6.3: 0 sends each NAL unit by itself, 1 aggregates and fragments.
  std::uint8_t h264_packetization_mode = 1;

  friend bool operator==(const PacketizerConfig&, const PacketizerConfig&) = default;
};

// One payload, as it was written.
struct Piece {
  std::size_t size = 0;
  bool first = false;  // of the frame
  bool last = false;   // of the frame
  bool marker = false;
};

// One payload format, outgoing. A frame is opened, then taken in pieces straight into the buffers
// they are sent from:
//
//   packetizer->open(frame, 1160);
//   while (const auto piece = packetizer->next(buffer.bytes())) ...
struct Packetizer {
  virtual ~Packetizer() = default;
  // Pieces will have at most `limit` bytes. The frame's data is borrowed until the last piece.
  // False when the frame cannot be sent in this format: empty, malformed, or a unit too large for a
  // mode without fragments. Opening another frame forgets the rest of this one.
  [[nodiscard]] virtual bool open(const core::EncodedFrame& frame, std::size_t limit) = 0;
  // Writes the next piece to the front of `room`, which has at least `limit` bytes; nullopt when
  // all has been written.
  virtual std::optional<Piece> next(core::MutableBytes room) = 0;
};

// `random` chooses where picture numbers begin; it is used only here.
std::unique_ptr<Packetizer> make_packetizer(const PacketizerConfig& config, core::Random& random);

// The smallest limit that every format works with.
constexpr std::size_t least_payload_limit = 64;

// The RTP clock of a format (RFC 3551, and 7587 for Opus). G.722 says 8,000 for historical reasons.
std::uint32_t clock_rate(core::Codec codec);

}  // namespace lucid::rtp
