#include "rtp/payload/h265.hpp"

#include <algorithm>

#include "rtp/payload/detail/bits.hpp"
#include "rtp/payload/detail/formats.hpp"
#include "rtp/payload/detail/nal.hpp"

namespace lucid::rtp {
namespace h265 {
namespace {

constexpr std::uint8_t start_bit = 0x80;
constexpr std::uint8_t end_bit = 0x40;
constexpr std::size_t header_size = 2;

NalType type_of(core::Bytes unit) {
  return NalType{static_cast<std::uint8_t>(unit[0] >> 1 & 0x3F)};
}

std::uint8_t with_type(std::uint8_t first_byte, NalType type) {
  return static_cast<std::uint8_t>((first_byte & 0x81) | static_cast<unsigned>(type) << 1);
}

void write_aggregation_header(std::span<const core::Bytes> units, core::ByteWriter& out) {
  // RFC 7798 4.4.2: F if any unit has it, the lowest layer id and the lowest TID.
  unsigned forbidden = 0;
  unsigned layer = 63;
  unsigned temporal = 7;
  for (const core::Bytes unit : units) {
    forbidden |= unit[0] & 0x80U;
    layer = std::min(layer, (unit[0] & 1U) << 5 | unit[1] >> 3U);
    temporal = std::min(temporal, unit[1] & 7U);
  }
  out.u16(static_cast<std::uint16_t>(
      forbidden << 8 | static_cast<unsigned>(NalType::aggregation) << 9 | layer << 3 | temporal));
}

void write_fragment_header(core::Bytes unit, bool first, bool last, core::ByteWriter& out) {
  // RFC 7798 4.4.3: the unit's header with type 49, then its own type.
  out.u8(with_type(unit[0], NalType::fragmentation));
  out.u8(unit[1]);
  out.u8(static_cast<std::uint8_t>((first ? start_bit : 0U) | (last ? end_bit : 0U) |
                                   static_cast<unsigned>(type_of(unit))));
}

constexpr detail::NalFormat format{header_size, 3, write_aggregation_header, write_fragment_header};

template <class Visit>
bool for_each_aggregated(core::Bytes payload, Visit visit) {
  core::ByteReader in{payload.subspan(header_size)};
  if (in.remaining() == 0) return false;
  while (in.remaining() > 0) {
    const core::Bytes unit = in.bytes(in.u16());
    if (!in.ok() || unit.size() < header_size) return false;
    visit(unit);
  }
  return true;
}

bool shows_key(NalType type) {
  // H.265 3.76: pictures at which decoding can begin; and the parameters in front of them.
  return (type >= NalType::first_irap && type <= NalType::last_irap) || type == NalType::sps;
}

std::uint8_t temporal_layer(core::Bytes unit) {
  const auto plus_one = static_cast<std::uint8_t>(unit[1] & 7);
  return plus_one == 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(plus_one - 1);
}

class H265Depacketizer final : public Depacketizer {
 public:
  std::optional<PayloadInfo> inspect(core::Bytes payload, bool marker) const override {
    if (payload.size() < header_size) return std::nullopt;
    PayloadInfo info{.starts_frame = true, .ends_frame = marker, .last_of_picture = marker};
    info.temporal_layer = temporal_layer(payload);
    const NalType type = type_of(payload);
    if (type == NalType::aggregation) {
      const bool whole = for_each_aggregated(
          payload, [&](core::Bytes unit) { info.key |= shows_key(type_of(unit)); });
      if (!whole) return std::nullopt;
    } else if (type == NalType::fragmentation) {
      if (payload.size() <= header_size) return std::nullopt;
      info.starts_frame = (payload[2] & start_bit) != 0;
      info.key = shows_key(NalType{static_cast<std::uint8_t>(payload[2] & 0x3F)});
    } else if (type > NalType::fragmentation) {
      return std::nullopt;  // RFC 7798 4.4.4: PACI is sent only where it was agreed upon
    } else {
      info.key = shows_key(type);
    }
    return info;
  }

  bool assemble(std::span<const core::Bytes> payloads, core::EncodedFrame& frame) const override {
    frame.codec = core::Codec::h265;
    frame.data.clear();
    frame.key = false;
    frame.width = frame.height = 0;
    if (!payloads.empty() && payloads[0].size() >= header_size) {
      frame.temporal_layer = temporal_layer(payloads[0]);
    }
    bool in_fragment = false;
    for (const core::Bytes payload : payloads) {
      if (!inspect(payload, false)) return false;
      const NalType type = type_of(payload);
      if (type == NalType::fragmentation) {
        if (!add_fragment(payload, in_fragment, frame)) return false;
        continue;
      }
      if (in_fragment) return false;
      if (type == NalType::aggregation) {
        for_each_aggregated(payload, [&](core::Bytes unit) { add_unit(unit, frame); });
      } else {
        add_unit(payload, frame);
      }
    }
    return !in_fragment && !frame.data.empty();
  }

 private:
  static void add_unit(core::Bytes unit, core::EncodedFrame& frame) {
    frame.key |= shows_key(type_of(unit));
    detail::append_start_code(frame.data);
    frame.data.insert(frame.data.end(), unit.begin(), unit.end());
    if (type_of(unit) != NalType::sps) return;
    if (const auto parameters = h265::SequenceParameters::parse(unit)) {
      frame.width = parameters->width;
      frame.height = parameters->height;
    }
  }

  static bool add_fragment(core::Bytes payload, bool& in_fragment, core::EncodedFrame& frame) {
    const bool first = (payload[2] & start_bit) != 0;
    if (first == in_fragment) return false;
    if (first) {
      const NalType type{static_cast<std::uint8_t>(payload[2] & 0x3F)};
      frame.key |= shows_key(type);
      detail::append_start_code(frame.data);
      frame.data.push_back(with_type(payload[0], type));
      frame.data.push_back(payload[1]);
    }
    const core::Bytes part = payload.subspan(header_size + 1);
    frame.data.insert(frame.data.end(), part.begin(), part.end());
    in_fragment = (payload[2] & end_bit) == 0;
    return true;
  }
};

// H.265 7.3.3
void skip_profile_tier_level(detail::BitReader& in, unsigned sub_layers_minus_1) {
  in.skip(88 + 8);
  unsigned profiles = 0;
  unsigned levels = 0;
  for (unsigned i = 0; i < sub_layers_minus_1; ++i) {
    profiles += in.bits(1);
    levels += in.bits(1);
  }
  if (sub_layers_minus_1 > 0) in.skip(2 * (8 - sub_layers_minus_1));
  in.skip(profiles * 88 + levels * 8);
}

}  // namespace

std::optional<SequenceParameters> SequenceParameters::parse(core::Bytes unit) {
  const auto plain = detail::without_emulation_prevention(unit);
  detail::BitReader in{plain};
  in.skip(16 + 4);
  const unsigned sub_layers_minus_1 = in.bits(3);
  in.skip(1);
  skip_profile_tier_level(in, sub_layers_minus_1);
  in.ue();
  const std::uint32_t chroma_format = in.ue();
  if (chroma_format == 3) in.skip(1);
  std::uint64_t width = in.ue();
  std::uint64_t height = in.ue();
  if (in.bit()) {
    // H.265 7.4.3.2.1: the conformance window counts chroma samples.
    const std::uint64_t unit_x = chroma_format == 1 || chroma_format == 2 ? 2 : 1;
    const std::uint64_t unit_y = chroma_format == 1 ? 2 : 1;
    const std::uint64_t crop_x = (std::uint64_t{in.ue()} + in.ue()) * unit_x;
    const std::uint64_t crop_y = (std::uint64_t{in.ue()} + in.ue()) * unit_y;
    if (crop_x >= width || crop_y >= height) return std::nullopt;
    width -= crop_x;
    height -= crop_y;
  }
  if (!in.ok() || width == 0 || height == 0 || width > 0xFFFF || height > 0xFFFF) {
    return std::nullopt;
  }
  return SequenceParameters{static_cast<std::uint16_t>(width), static_cast<std::uint16_t>(height)};
}

}  // namespace h265

namespace detail {

std::unique_ptr<Packetizer> h265_packetizer() {
  return std::make_unique<NalPacketizer>(h265::format, true);
}

std::unique_ptr<Depacketizer> h265_depacketizer() {
  return std::make_unique<h265::H265Depacketizer>();
}

}  // namespace detail
}  // namespace lucid::rtp
