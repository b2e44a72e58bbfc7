#include "rtp/payload/h264.hpp"

#include <algorithm>

#include "rtp/payload/detail/bits.hpp"
#include "rtp/payload/detail/formats.hpp"
#include "rtp/payload/detail/nal.hpp"

namespace lucid::rtp {
namespace {

using h264::NalType;

constexpr std::uint8_t start_bit = 0x80;
constexpr std::uint8_t end_bit = 0x40;

NalType type_of(std::uint8_t header) { return NalType{static_cast<std::uint8_t>(header & 0x1F)}; }

void write_aggregation_header(std::span<const core::Bytes> units, core::ByteWriter& out) {
  // RFC 6184 5.7.1: F if any unit has it, and the highest NRI.
  unsigned forbidden = 0;
  unsigned importance = 0;
  for (const core::Bytes unit : units) {
    forbidden |= unit[0] & 0x80U;
    importance = std::max(importance, unit[0] & 0x60U);
  }
  out.u8(
      static_cast<std::uint8_t>(forbidden | importance | static_cast<unsigned>(NalType::stap_a)));
}

void write_fragment_header(core::Bytes unit, bool first, bool last, core::ByteWriter& out) {
  // RFC 6184 5.8: F and NRI of the unit in the indicator, its type in the FU header.
  out.u8(static_cast<std::uint8_t>((unit[0] & 0xE0U) | static_cast<unsigned>(NalType::fu_a)));
  out.u8(static_cast<std::uint8_t>((first ? start_bit : 0U) | (last ? end_bit : 0U) |
                                   (unit[0] & 0x1FU)));
}

constexpr detail::NalFormat format{1, 2, write_aggregation_header, write_fragment_header};

// Calls visit(unit) for each unit of a STAP-A; false when their sizes do not add up.
template <class Visit>
bool for_each_aggregated(core::Bytes payload, Visit visit) {
  core::ByteReader in{payload.subspan(1)};
  if (in.remaining() == 0) return false;
  while (in.remaining() > 0) {
    const core::Bytes unit = in.bytes(in.u16());
    if (!in.ok() || unit.empty()) return false;
    visit(unit);
  }
  return true;
}

// An IDR slice, or the parameters that encoders which refresh gradually send where one can begin.
bool shows_key(NalType type) { return type == NalType::idr || type == NalType::sps; }

class H264Depacketizer final : public Depacketizer {
 public:
  std::optional<PayloadInfo> inspect(core::Bytes payload, bool marker) const override {
    if (payload.empty()) return std::nullopt;
    PayloadInfo info{.starts_frame = true, .ends_frame = marker, .last_of_picture = marker};
    const NalType type = type_of(payload[0]);
    info.discardable = (payload[0] & 0x60) == 0;
    if (type == NalType::stap_a) {
      const bool whole = for_each_aggregated(
          payload, [&](core::Bytes unit) { info.key |= shows_key(type_of(unit[0])); });
      if (!whole) return std::nullopt;
    } else if (type == NalType::fu_a) {
      if (payload.size() < 2) return std::nullopt;
      info.starts_frame = (payload[1] & start_bit) != 0;
      info.key = shows_key(type_of(payload[1]));
    } else if (payload[0] % 32 == 0 || payload[0] % 32 > 23) {
      return std::nullopt;  // RFC 6184 5.4: of interleaved mode, or undefined
    } else {
      info.key = shows_key(type);
    }
    return info;
  }

  bool assemble(std::span<const core::Bytes> payloads, core::EncodedFrame& frame) const override {
    frame.codec = core::Codec::h264;
    frame.data.clear();
    frame.key = false;
    frame.discardable = true;
    frame.width = frame.height = 0;
    bool in_fragment = false;
    for (const core::Bytes payload : payloads) {
      if (!inspect(payload, false)) return false;
      const NalType type = type_of(payload[0]);
      if (type == NalType::fu_a) {
        if (!add_fragment(payload, in_fragment, frame)) return false;
        continue;
      }
      if (in_fragment) return false;
      if (type == NalType::stap_a) {
        for_each_aggregated(payload, [&](core::Bytes unit) { add_unit(unit, frame); });
      } else {
        add_unit(payload, frame);
      }
    }
    return !in_fragment && !frame.data.empty();
  }

 private:
  static void note(std::uint8_t header, core::EncodedFrame& frame) {
    frame.key |= shows_key(type_of(header));
    frame.discardable &= (header & 0x60) == 0;
  }

  static void add_unit(core::Bytes unit, core::EncodedFrame& frame) {
    note(unit[0], frame);
    detail::append_start_code(frame.data);
    frame.data.insert(frame.data.end(), unit.begin(), unit.end());
    if (type_of(unit[0]) != NalType::sps) return;
    if (const auto parameters = h264::SequenceParameters::parse(unit)) {
      frame.width = parameters->width;
      frame.height = parameters->height;
    }
  }

  static bool add_fragment(core::Bytes payload, bool& in_fragment, core::EncodedFrame& frame) {
    const bool first = (payload[1] & start_bit) != 0;
    if (first == in_fragment) return false;
    if (first) {
      const auto header = static_cast<std::uint8_t>((payload[0] & 0xE0) | (payload[1] & 0x1F));
      note(header, frame);
      detail::append_start_code(frame.data);
      frame.data.push_back(header);
    }
    const core::Bytes part = payload.subspan(2);
    frame.data.insert(frame.data.end(), part.begin(), part.end());
    in_fragment = (payload[1] & end_bit) == 0;
    return true;
  }
};

void skip_scaling_lists(detail::BitReader& in, unsigned count) {
  for (unsigned i = 0; i < count; ++i) {
    if (!in.bit()) continue;
    std::int64_t last = 8;
    std::int64_t next = 8;
    for (unsigned j = 0; j < (i < 6 ? 16U : 64U) && in.ok(); ++j) {
      if (next != 0) next = (last + in.se() + 256) % 256;
      last = next == 0 ? last : next;
    }
  }
}

// H.264 7.3.2.1.1: what the high profiles put in; gives chroma_format_idc.
std::uint32_t read_high_profile(detail::BitReader& in) {
  const std::uint32_t chroma_format = in.ue();
  if (chroma_format == 3) in.skip(1);
  in.ue();
  in.ue();
  in.skip(1);
  if (in.bit()) skip_scaling_lists(in, chroma_format == 3 ? 12 : 8);
  return chroma_format;
}

bool is_high_profile(std::uint8_t profile) {
  constexpr std::uint8_t profiles[] = {100, 110, 122, 244, 44,  83, 86,
                                       118, 128, 138, 139, 134, 135};
  return std::ranges::find(profiles, profile) != std::end(profiles);
}

void skip_picture_order(detail::BitReader& in) {
  const std::uint32_t type = in.ue();
  if (type == 0) {
    in.ue();
  } else if (type == 1) {
    in.skip(1);
    in.se();
    in.se();
    const std::uint32_t count = in.ue();
    for (std::uint32_t i = 0; i < count && in.ok(); ++i) in.se();
  }
}

}  // namespace

namespace h264 {

std::optional<SequenceParameters> SequenceParameters::parse(core::Bytes unit) {
  const auto plain = detail::without_emulation_prevention(unit);
  detail::BitReader in{plain};
  in.skip(8);
  SequenceParameters parameters;
  parameters.profile = static_cast<std::uint8_t>(in.bits(8));
  parameters.constraints = static_cast<std::uint8_t>(in.bits(8));
  parameters.level = static_cast<std::uint8_t>(in.bits(8));
  in.ue();
  const std::uint32_t chroma_format =
      is_high_profile(parameters.profile) ? read_high_profile(in) : 1;
  in.ue();
  skip_picture_order(in);
  in.ue();
  in.skip(1);
  const std::uint64_t columns = std::uint64_t{in.ue()} + 1;
  const std::uint64_t rows = std::uint64_t{in.ue()} + 1;
  const bool frames_only = in.bit();
  if (!frames_only) in.skip(1);
  in.skip(1);
  std::uint64_t width = columns * 16;
  std::uint64_t height = rows * 16 * (frames_only ? 1 : 2);
  if (in.bit()) {
    // H.264 7.4.2.1.1: cropping counts chroma samples, and field lines where there are fields.
    const std::uint64_t unit_x = chroma_format == 1 || chroma_format == 2 ? 2 : 1;
    const std::uint64_t unit_y =
        std::uint64_t{chroma_format == 1 ? 2U : 1U} * (frames_only ? 1U : 2U);
    const std::uint64_t crop_x = (std::uint64_t{in.ue()} + in.ue()) * unit_x;
    const std::uint64_t crop_y = (std::uint64_t{in.ue()} + in.ue()) * unit_y;
    if (crop_x >= width || crop_y >= height) return std::nullopt;
    width -= crop_x;
    height -= crop_y;
  }
  if (!in.ok() || width > 0xFFFF || height > 0xFFFF) return std::nullopt;
  parameters.width = static_cast<std::uint16_t>(width);
  parameters.height = static_cast<std::uint16_t>(height);
  return parameters;
}

}  // namespace h264

namespace detail {

std::unique_ptr<Packetizer> h264_packetizer(const PacketizerConfig& config) {
  return std::make_unique<NalPacketizer>(format, config.h264_packetization_mode != 0);
}

std::unique_ptr<Depacketizer> h264_depacketizer() { return std::make_unique<H264Depacketizer>(); }

}  // namespace detail
}  // namespace lucid::rtp
