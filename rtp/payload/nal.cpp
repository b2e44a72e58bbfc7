#include "rtp/payload/detail/nal.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "rtp/payload/h264.hpp"
#include "rtp/payload/h265.hpp"

namespace lucid::rtp::detail {
namespace {

constexpr std::size_t length_field = 2;
constexpr std::size_t most_aggregated = 0xFFFF;

// Where the next 00 00 01 begins, or the end.
std::size_t find_start_code(core::Bytes stream, std::size_t from) {
  while (from + 2 < stream.size()) {
    const void* found = std::memchr(&stream[from + 2], 1, stream.size() - from - 2);
    if (found == nullptr) break;
    const auto one =
        static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - stream.data());
    if (stream[one - 1] == 0 && stream[one - 2] == 0) return one - 2;
    from = one - 1;
  }
  return stream.size();
}

}  // namespace

bool split_annex_b(core::Bytes stream, std::vector<core::Bytes>& units) {
  units.clear();
  std::size_t start = find_start_code(stream, 0);
  // Only zeros may come before the first start code (H.264 B.1, H.265 B.2).
  if (std::any_of(stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(start),
                  [](std::uint8_t byte) { return byte != 0; })) {
    return false;
  }
  while (start < stream.size()) {
    const std::size_t begin = start + 3;
    start = find_start_code(stream, begin);
    // A unit never ends with a zero byte: those belong to the next start code or trail the stream.
    std::size_t end = start;
    while (end > begin && stream[end - 1] == 0) --end;
    if (end > begin) units.push_back(stream.subspan(begin, end - begin));
  }
  return !units.empty();
}

void append_start_code(std::vector<std::uint8_t>& stream) {
  constexpr std::array<std::uint8_t, 4> start_code{0, 0, 0, 1};
  stream.insert(stream.end(), start_code.begin(), start_code.end());
}

std::vector<std::uint8_t> without_emulation_prevention(core::Bytes unit) {
  std::vector<std::uint8_t> plain;
  plain.reserve(unit.size());
  unsigned zeros = 0;
  for (const std::uint8_t byte : unit) {
    if (zeros >= 2 && byte == 3) {
      zeros = 0;
      continue;
    }
    zeros = byte == 0 ? zeros + 1 : 0;
    plain.push_back(byte);
  }
  return plain;
}

bool NalPacketizer::open(const core::EncodedFrame& frame, std::size_t limit) {
  index_ = 0;
  rest_ = {};
  limit_ = limit;
  marker_ = frame.last_of_picture;
  first_ = true;
  const bool sendable =
      limit >= least_payload_limit && split_annex_b(frame.data, units_) &&
      std::ranges::all_of(units_, [&](core::Bytes unit) {
        return unit.size() >= format_.header_size && (modes_beyond_single_ || unit.size() <= limit);
      });
  if (!sendable) units_.clear();
  return sendable;
}

std::optional<Piece> NalPacketizer::next(core::MutableBytes room) {
  if (index_ == units_.size()) return std::nullopt;
  core::ByteWriter out{room};
  const core::Bytes unit = units_[index_];
  if (!rest_.empty() || unit.size() > limit_) {
    write_fragment(out);
  } else if (const std::size_t count = units_that_fit(); count > 1) {
    write_aggregate(count, out);
    index_ += count;
  } else {
    out.bytes(unit);
    ++index_;
  }
  const bool last = index_ == units_.size();
  return Piece{.size = out.size(),
               .first = std::exchange(first_, false),
               .last = last,
               .marker = last && marker_};
}

std::size_t NalPacketizer::units_that_fit() const {
  if (!modes_beyond_single_) return 1;
  std::size_t size = format_.header_size;
  std::size_t count = 0;
  for (std::size_t i = index_; i < units_.size(); ++i, ++count) {
    size += length_field + units_[i].size();
    if (size > limit_ || units_[i].size() > most_aggregated) break;
  }
  return count;
}

void NalPacketizer::write_aggregate(std::size_t count, core::ByteWriter& out) {
  const auto units = std::span{units_}.subspan(index_, count);
  format_.write_aggregation_header(units, out);
  for (const core::Bytes unit : units) {
    out.u16(static_cast<std::uint16_t>(unit.size()));
    out.bytes(unit);
  }
}

void NalPacketizer::write_fragment(core::ByteWriter& out) {
  const core::Bytes unit = units_[index_];
  const bool first = rest_.empty();
  if (first) {
    rest_ = unit.subspan(format_.header_size);
    split_ = EqualSplit{rest_.size(), limit_ - format_.fragment_overhead};
  }
  const std::size_t size = split_.take();
  format_.write_fragment_header(unit, first, size == rest_.size(), out);
  out.bytes(rest_.first(size));
  rest_ = rest_.subspan(size);
  if (rest_.empty()) ++index_;
}

bool has_parameter_sets(core::Codec codec, core::Bytes payload) {
  if (payload.empty()) return false;
  const bool newer = codec == core::Codec::h265;
  const auto type = [newer](core::Bytes unit) {
    return newer ? unit[0] >> 1 & 0x3F : unit[0] & 0x1F;
  };
  const auto is_set = [newer](int each) {
    return newer ? each == static_cast<int>(h265::NalType::vps) ||
                       each == static_cast<int>(h265::NalType::sps)
                 : each == static_cast<int>(h264::NalType::sps);
  };
  const int aggregate = newer ? static_cast<int>(h265::NalType::aggregation)
                              : static_cast<int>(h264::NalType::stap_a);
  if (type(payload) != aggregate) return is_set(type(payload));
  core::ByteReader in{payload};
  in.skip(newer ? 2 : 1);
  while (in.remaining() > length_field) {
    const core::Bytes unit = in.bytes(in.u16());
    if (!unit.empty() && is_set(type(unit))) return true;
  }
  return false;
}

}  // namespace lucid::rtp::detail
