#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "rtp/payload/av1.hpp"
#include "rtp/payload/detail/formats.hpp"

namespace lucid::rtp {
namespace {

using av1::Obu;
using av1::ObuType;

constexpr std::uint8_t continues_bit = 0x80;        // Z
constexpr std::uint8_t to_be_continued_bit = 0x40;  // Y
constexpr std::uint8_t new_sequence_bit = 0x08;     // N
constexpr std::uint8_t has_size = 0x02;
constexpr std::size_t most_elements = 3;   // that W can count
constexpr std::size_t least_fragment = 8;  // a shorter one is not worth its length field

// AV1 RTP 5: these are never sent.
bool is_dropped(ObuType type) {
  return type == ObuType::temporal_delimiter || type == ObuType::tile_list;
}

class Av1Packetizer final : public Packetizer {
 public:
  bool open(const core::EncodedFrame& frame, std::size_t limit) override {
    obus_.clear();
    index_ = offset_ = 0;
    if (limit < least_payload_limit) return false;
    core::ByteReader in{frame.data};
    std::size_t total = 0;
    while (in.remaining() > 0) {
      const auto obu = Obu::parse(in);
      if (!obu) {
        obus_.clear();
        return false;
      }
      if (is_dropped(obu->type)) continue;
      total += obu->size_without_length() + 2;
      obus_.push_back(*obu);
    }
    // As few packets as it takes, and all about equally long.
    const std::size_t packets = (total + limit - 2) / (limit - 1);
    if (packets > 0) limit_ = std::min(limit, (total + packets - 1) / packets + least_fragment);
    new_sequence_ = av1::Summary::of(frame.data).key;
    marker_ = frame.last_of_picture;
    first_ = true;
    return !obus_.empty();
  }

  std::optional<Piece> next(core::MutableBytes room) override {
    if (index_ == obus_.size()) return std::nullopt;
    core::ByteWriter out{room.first(std::min(room.size(), limit_))};
    const Plan plan = plan_packet();
    // AV1 RTP 4.4: N only where Z is 0, which the first packet is.
    out.u8(static_cast<std::uint8_t>((offset_ > 0 ? continues_bit : 0) |
                                     (plan.fragment ? to_be_continued_bit : 0) | plan.count << 4 |
                                     (first_ && new_sequence_ ? new_sequence_bit : 0)));
    for (std::size_t i = 0; i < plan.count; ++i) {
      const std::size_t size = plan.sizes[i];
      if (i + 1 < plan.count) av1::write_leb128(size, out);
      write_part(obus_[index_], size, out);
      offset_ += size;
      if (offset_ < obus_[index_].size_without_length()) break;
      offset_ = 0;
      ++index_;
    }
    const bool last = index_ == obus_.size();
    return Piece{.size = out.size(),
                 .first = std::exchange(first_, false),
                 .last = last,
                 .marker = last && marker_};
  }

 private:
  // The elements of one packet: how many bytes of each OBU, from where the last packet left off.
  struct Plan {
    std::array<std::size_t, most_elements> sizes{};
    std::size_t count = 0;
    bool fragment = false;
  };

  Plan plan_packet() const {
    Plan plan;
    std::size_t left = limit_ - 1;
    std::size_t offset = offset_;
    for (std::size_t i = index_; i < obus_.size() && plan.count < most_elements; ++i) {
      const std::size_t size = obus_[i].size_without_length() - offset;
      if (size > left) {
        plan.sizes[plan.count++] = left;
        plan.fragment = true;
        break;
      }
      plan.sizes[plan.count++] = size;
      offset = 0;
      // Another element gives this one a length field.
      const std::size_t with_length = size + av1::leb128_size(size);
      if (with_length + least_fragment > left) break;
      left -= with_length;
    }
    return plan;
  }

  void write_part(const Obu& obu, std::size_t size, core::ByteWriter& out) const {
    // AV1 RTP 5: OBUs travel without their size field.
    const std::array<std::uint8_t, 2> header{obu.header, obu.extension.value_or(0)};
    const std::size_t header_size = obu.extension ? 2 : 1;
    std::size_t offset = offset_;
    while (size > 0 && offset < header_size) {
      out.u8(header[offset++]);
      --size;
    }
    if (size > 0) out.bytes(obu.payload.subspan(offset - header_size, size));
  }

  std::vector<Obu> obus_;
  std::size_t index_ = 0;
  std::size_t offset_ = 0;  // of what was sent of obus_[index_]
  std::size_t limit_ = 0;
  bool new_sequence_ = false;
  bool marker_ = true;
  bool first_ = true;
};

// The elements of one payload.
struct Elements {
  std::uint8_t header = 0;
  core::ByteReader in{{}};
  unsigned left = 0;  // by W; 0 when all have lengths

  static std::optional<Elements> open(core::Bytes payload) {
    core::ByteReader in{payload};
    const std::uint8_t header = in.u8();
    if (!in.ok() || in.remaining() == 0) return std::nullopt;
    // AV1 RTP 4.4: a new sequence cannot begin with the rest of an OBU.
    if ((header & new_sequence_bit) != 0 && (header & continues_bit) != 0) return std::nullopt;
    return Elements{header, in, header >> 4 & 3U};
  }
  bool continues() const { return (header & continues_bit) != 0; }
  bool to_be_continued() const { return (header & to_be_continued_bit) != 0; }

  bool at_end() const { return in.remaining() == 0; }
  // Nullopt when the lengths do not fit the payload.
  std::optional<core::Bytes> next() {
    const bool counted = (header >> 4 & 3) != 0;
    if (counted && left == 0) return std::nullopt;
    const bool without_length = counted && --left == 0;
    const core::Bytes element = without_length ? in.rest() : in.bytes(av1::read_leb128(in));
    if (!in.ok() || (at_end() && left > 0)) return std::nullopt;
    return element;
  }
};

class Av1Depacketizer final : public Depacketizer {
 public:
  std::optional<PayloadInfo> inspect(core::Bytes payload, bool marker) const override {
    auto elements = Elements::open(payload);
    if (!elements) return std::nullopt;
    PayloadInfo info;
    info.starts_frame = !elements->continues();
    info.ends_frame = marker;
    info.last_of_picture = marker;
    info.key = (payload[0] & new_sequence_bit) != 0;
    bool first = true;
    while (!elements->at_end()) {
      const auto element = elements->next();
      if (!element) return std::nullopt;
      if (first && info.starts_frame && !element->empty()) note_layers((*element), info);
      first = false;
    }
    return info;
  }

  bool assemble(std::span<const core::Bytes> payloads, core::EncodedFrame& frame) const override {
    frame.codec = core::Codec::av1;
    frame.data.clear();
    std::vector<std::uint8_t> unit;
    bool open = false;  // `unit` waits for its rest
    for (const core::Bytes payload : payloads) {
      auto elements = Elements::open(payload);
      if (!elements || elements->continues() != open) return false;
      while (!elements->at_end()) {
        const auto element = elements->next();
        if (!element) return false;
        unit.insert(unit.end(), element->begin(), element->end());
        open = elements->at_end() && elements->to_be_continued();
        if (open) break;
        if (!append_unit(unit, frame.data)) return false;
        unit.clear();
      }
    }
    if (open || frame.data.empty()) return false;
    const av1::Summary summary = av1::Summary::of(frame.data);
    frame.key = summary.key;
    frame.width = summary.width;
    frame.height = summary.height;
    frame.temporal_layer = summary.temporal_layer;
    frame.spatial_layer = summary.spatial_layer;
    return true;
  }

 private:
  static void note_layers(core::Bytes element, PayloadInfo& info) {
    if ((element[0] & 0x04) == 0 || element.size() < 2) return;
    info.temporal_layer = element[1] >> 5;
    info.spatial_layer = element[1] >> 3 & 3;
  }

  // Puts the size field back that was taken off for the journey.
  static bool append_unit(core::Bytes unit, std::vector<std::uint8_t>& stream) {
    if (unit.empty()) return true;
    core::ByteReader in{unit};
    const auto obu = Obu::parse(in);
    if (!obu || in.remaining() != 0) return false;
    if (is_dropped(obu->type)) return true;
    std::array<std::uint8_t, 10> head{};
    core::ByteWriter out{head};
    out.u8(obu->header | has_size);
    if (obu->extension) out.u8(*obu->extension);
    av1::write_leb128(obu->payload.size(), out);
    stream.insert(stream.end(), out.written().begin(), out.written().end());
    stream.insert(stream.end(), obu->payload.begin(), obu->payload.end());
    return true;
  }
};

}  // namespace

namespace detail {

std::unique_ptr<Packetizer> av1_packetizer() { return std::make_unique<Av1Packetizer>(); }
std::unique_ptr<Depacketizer> av1_depacketizer() { return std::make_unique<Av1Depacketizer>(); }

}  // namespace detail
}  // namespace lucid::rtp
