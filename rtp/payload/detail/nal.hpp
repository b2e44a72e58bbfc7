#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "core/bytes.hpp"
#include "rtp/payload/detail/split.hpp"
#include "rtp/payload/packetizer.hpp"

// What H.264 and H.265 have in common: units in a byte stream, and how they are spread over
// packets.
namespace lucid::rtp::detail {

// The NAL units of an Annex B byte stream, in `units`, whose memory is reused. False when the
// stream does not begin with a start code or holds no unit.
bool split_annex_b(core::Bytes stream, std::vector<core::Bytes>& units);
void append_start_code(std::vector<std::uint8_t>& stream);

// A unit's payload without the bytes that keep start codes from appearing in it.
std::vector<std::uint8_t> without_emulation_prevention(core::Bytes unit);

// Whether a payload carries what begins a stream: SPS, or VPS. A key frame's first packet does,
// where nothing else tells that units in front of it are missing.
bool has_parameter_sets(core::Codec codec, core::Bytes payload);

// What differs between the two formats.
struct NalFormat {
  std::size_t header_size;        // of a unit
  std::size_t fragment_overhead;  // of a fragment, in place of the unit's header
  void (*write_aggregation_header)(std::span<const core::Bytes> units, core::ByteWriter& out);
  void (*write_fragment_header)(core::Bytes unit, bool first, bool last, core::ByteWriter& out);
};

// Sends units by themselves, several in one packet, or one in several, as their sizes ask for.
class NalPacketizer final : public Packetizer {
 public:
  // Without `modes_beyond_single` every unit travels by itself.
  NalPacketizer(const NalFormat& format, bool modes_beyond_single)
      : format_{format}, modes_beyond_single_{modes_beyond_single} {}

  bool open(const core::EncodedFrame& frame, std::size_t limit) override;
  std::optional<Piece> next(core::MutableBytes room) override;

 private:
  std::size_t units_that_fit() const;
  void write_aggregate(std::size_t count, core::ByteWriter& out);
  void write_fragment(core::ByteWriter& out);

  const NalFormat& format_;
  const bool modes_beyond_single_;
  std::vector<core::Bytes> units_;
  std::size_t index_ = 0;
  std::size_t limit_ = 0;
  bool marker_ = true;
  core::Bytes rest_;  // of the unit that is being fragmented
  EqualSplit split_;
  bool first_ = true;
};

}  // namespace lucid::rtp::detail
