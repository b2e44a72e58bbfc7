#include "rtp/payload/av1.hpp"

#include "rtp/payload/detail/bits.hpp"

namespace lucid::rtp::av1 {
namespace {

constexpr std::uint8_t extension_bit = 0x04;
constexpr std::uint8_t size_bit = 0x02;
constexpr unsigned most_leb128_bytes = 8;
constexpr std::uint32_t key_frame = 0;

// What timing information leaves to be known for the operating points (AV1 5.5.1).
struct DecoderModel {
  bool present = false;
  unsigned delay_bits = 0;
};

DecoderModel skip_timing_info(detail::BitReader& in) {
  DecoderModel model;
  if (!in.bit()) return model;
  in.skip(64);
  if (in.bit()) in.ue();
  model.present = in.bit();
  if (!model.present) return model;
  model.delay_bits = in.bits(5) + 1;
  in.skip(32 + 5 + 5);
  return model;
}

void skip_operating_points(detail::BitReader& in, const DecoderModel& model) {
  const bool display_delay = in.bit();
  const unsigned count = in.bits(5) + 1;
  for (unsigned i = 0; i < count && in.ok(); ++i) {
    in.skip(12);
    if (in.bits(5) > 7) in.skip(1);
    if (model.present && in.bit()) in.skip(2 * model.delay_bits + 1);
    if (display_delay && in.bit()) in.skip(4);
  }
}

// AV1 5.9.2: whether a frame header is one of a key frame.
bool begins_key_frame(core::Bytes payload, bool reduced_still_picture) {
  if (reduced_still_picture) return true;
  detail::BitReader in{payload};
  const bool shows_existing = in.bit();
  return !shows_existing && in.bits(2) == key_frame && in.ok();
}

}  // namespace

std::uint64_t read_leb128(core::ByteReader& in) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < most_leb128_bytes; ++i) {
    const std::uint8_t byte = in.u8();
    value |= static_cast<std::uint64_t>(byte & 0x7F) << (7 * i);
    if ((byte & 0x80) == 0) return value;
  }
  in.skip(in.remaining() + 1);  // longer than AV1 4.10.5 allows
  return 0;
}

void write_leb128(std::uint64_t value, core::ByteWriter& out) {
  for (; value >= 0x80; value >>= 7) out.u8(static_cast<std::uint8_t>(value | 0x80));
  out.u8(static_cast<std::uint8_t>(value));
}

std::size_t leb128_size(std::uint64_t value) {
  std::size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

std::optional<Obu> Obu::parse(core::ByteReader& in) {
  if (in.remaining() == 0) return std::nullopt;
  const std::uint8_t first = in.u8();
  // AV1 5.3.2: the forbidden bit is zero.
  if ((first & 0x80) != 0) return std::nullopt;
  Obu obu;
  obu.type = ObuType{static_cast<std::uint8_t>(first >> 3)};
  obu.header = static_cast<std::uint8_t>(first & ~size_bit);
  if ((first & extension_bit) != 0) obu.extension = in.u8();
  obu.payload = (first & size_bit) != 0 ? in.bytes(read_leb128(in)) : in.rest();
  if (!in.ok()) return std::nullopt;
  return obu;
}

std::optional<SequenceHeader> SequenceHeader::parse(core::Bytes payload) {
  detail::BitReader in{payload};
  SequenceHeader header;
  in.skip(3 + 1);
  header.reduced_still_picture = in.bit();
  if (header.reduced_still_picture) {
    in.skip(5);
  } else {
    const DecoderModel model = skip_timing_info(in);
    skip_operating_points(in, model);
  }
  const unsigned width_bits = in.bits(4) + 1;
  const unsigned height_bits = in.bits(4) + 1;
  const std::uint32_t width = in.bits(width_bits) + 1;
  const std::uint32_t height = in.bits(height_bits) + 1;
  if (!in.ok() || width > 0xFFFF || height > 0xFFFF) return std::nullopt;
  header.width = static_cast<std::uint16_t>(width);
  header.height = static_cast<std::uint16_t>(height);
  return header;
}

Summary Summary::of(core::Bytes low_overhead_stream) {
  core::ByteReader in{low_overhead_stream};
  Summary summary;
  std::optional<SequenceHeader> sequence;
  bool seen_frame = false;
  while (const auto obu = Obu::parse(in)) {
    if (obu->type == ObuType::sequence_header) sequence = SequenceHeader::parse(obu->payload);
    if (seen_frame || (obu->type != ObuType::frame && obu->type != ObuType::frame_header)) continue;
    seen_frame = true;
    summary.temporal_layer = obu->temporal_layer();
    summary.spatial_layer = obu->spatial_layer();
    summary.key = sequence && begins_key_frame(obu->payload, sequence->reduced_still_picture);
  }
  if (sequence) {
    summary.width = sequence->width;
    summary.height = sequence->height;
  }
  return summary;
}

}  // namespace lucid::rtp::av1
