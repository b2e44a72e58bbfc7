#include "rtp/payload/vp8.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "rtp/payload/detail/formats.hpp"
#include "rtp/payload/detail/split.hpp"

namespace lucid::rtp {
namespace {

// Remembers which temporal layers the latest frames were of, to tell a layer switching point.
class LayerHistory {
 public:
  void add(const core::EncodedFrame& frame) {
    entries_[next_] = {frame.id, frame.temporal_layer};
    next_ = (next_ + 1) % entries_.size();
  }
  // RFC 7741 4.2: Y says that this frame depends on frames of layer 0 only.
  bool is_layer_sync(const core::EncodedFrame& frame) const {
    return std::ranges::all_of(frame.depends_on, [this](std::int64_t id) {
      const auto found = std::ranges::find(entries_, id, &Entry::id);
      return found != entries_.end() && found->temporal_layer == 0;
    });
  }

 private:
  struct Entry {
    std::int64_t id = -1;
    std::uint8_t temporal_layer = 0;
  };
  std::array<Entry, 16> entries_{};
  std::size_t next_ = 0;
};

class Vp8Packetizer final : public Packetizer {
 public:
  Vp8Packetizer(const PacketizerConfig& config, core::Random& random)
      : layered_{config.temporal_layers > 1},
        picture_id_{static_cast<std::uint16_t>(random.u16() & detail::picture_id_mask)},
        tl0_pic_idx_{static_cast<std::uint8_t>(random.u16())} {}

  bool open(const core::EncodedFrame& frame, std::size_t limit) override {
    rest_ = {};
    if (frame.data.empty() || limit < least_payload_limit) return false;
    describe(frame);
    std::array<std::uint8_t, Vp8Descriptor::most_bytes> scratch{};
    core::ByteWriter out{scratch};
    descriptor_.write(out);
    rest_ = frame.data;
    split_ = detail::EqualSplit{rest_.size(), limit - out.size()};
    return true;
  }

  std::optional<Piece> next(core::MutableBytes room) override {
    if (rest_.empty()) return std::nullopt;
    const bool first = descriptor_.start_of_partition;
    core::ByteWriter out{room};
    descriptor_.write(out);
    // RFC 7741 4.2: S marks the first packet of a partition; the frame is sent as if it were one.
    descriptor_.start_of_partition = false;
    const std::size_t size = split_.take();
    out.bytes(rest_.first(size));
    rest_ = rest_.subspan(size);
    const bool last = rest_.empty();
    return Piece{.size = out.size(), .first = first, .last = last, .marker = last};
  }

 private:
  void describe(const core::EncodedFrame& frame) {
    // RFC 7741 4.2: PictureID counts frames; TL0PICIDX counts those of the base layer.
    picture_id_ = (picture_id_ + 1) & detail::picture_id_mask;
    descriptor_ = {};
    descriptor_.non_reference = frame.discardable;
    descriptor_.start_of_partition = true;
    descriptor_.picture_id = picture_id_;
    if (!layered_) return;
    if (frame.temporal_layer == 0) ++tl0_pic_idx_;
    descriptor_.tl0_pic_idx = tl0_pic_idx_;
    descriptor_.temporal_layer = frame.temporal_layer;
    descriptor_.layer_sync = frame.temporal_layer > 0 && history_.is_layer_sync(frame);
    history_.add(frame);
  }

  const bool layered_;
  std::uint16_t picture_id_;
  std::uint8_t tl0_pic_idx_;
  LayerHistory history_;
  Vp8Descriptor descriptor_;
  core::Bytes rest_;
  detail::EqualSplit split_;
};

class Vp8Depacketizer final : public Depacketizer {
 public:
  std::optional<PayloadInfo> inspect(core::Bytes payload, bool marker) const override {
    core::ByteReader in{payload};
    const auto descriptor = Vp8Descriptor::parse(in);
    if (!descriptor || in.remaining() == 0) return std::nullopt;
    PayloadInfo info;
    // RFC 7741 4.2: a frame begins where its first partition begins.
    info.starts_frame = descriptor->start_of_partition && descriptor->partition == 0;
    info.ends_frame = marker;
    info.last_of_picture = marker;
    // RFC 7741 4.3: the inverse key frame bit is the lowest of the first byte.
    info.key = info.starts_frame && (in.rest()[0] & 1) == 0;
    info.temporal_layer = descriptor->temporal_layer.value_or(0);
    info.discardable = descriptor->non_reference;
    info.descriptor = *descriptor;
    return info;
  }

  bool assemble(std::span<const core::Bytes> payloads, core::EncodedFrame& frame) const override {
    frame.codec = core::Codec::vp8;
    frame.data.clear();
    bool first = true;
    for (const core::Bytes payload : payloads) {
      core::ByteReader in{payload};
      const auto descriptor = Vp8Descriptor::parse(in);
      if (!descriptor) return false;
      if (first) {
        if (!descriptor->start_of_partition || descriptor->partition != 0) return false;
        frame.temporal_layer = descriptor->temporal_layer.value_or(0);
        frame.discardable = descriptor->non_reference;
      }
      first = false;
      const core::Bytes part = in.rest();
      frame.data.insert(frame.data.end(), part.begin(), part.end());
    }
    const auto header = Vp8FrameHeader::parse(frame.data);
    if (!header) return false;
    frame.key = header->key;
    frame.width = header->width;
    frame.height = header->height;
    return true;
  }
};

}  // namespace

std::optional<Vp8Descriptor> Vp8Descriptor::parse(core::ByteReader& in) {
  const std::uint8_t first = in.u8();
  Vp8Descriptor descriptor;
  descriptor.non_reference = (first & 0x20) != 0;
  descriptor.start_of_partition = (first & 0x10) != 0;
  // RFC 7741 4.2: PID is three bits wide; older drafts had four, with the highest always zero.
  descriptor.partition = first & 0x07;
  const std::uint8_t present = (first & 0x80) != 0 ? in.u8() : 0;
  if ((present & 0x80) != 0) {
    const std::uint8_t id = in.u8();
    descriptor.wide_picture_id = (id & 0x80) != 0;
    descriptor.picture_id =
        descriptor.wide_picture_id ? static_cast<std::uint16_t>((id & 0x7F) << 8 | in.u8()) : id;
  }
  if ((present & 0x40) != 0) descriptor.tl0_pic_idx = in.u8();
  if ((present & 0x30) != 0) {
    const std::uint8_t layer = in.u8();
    if ((present & 0x20) != 0) {
      descriptor.temporal_layer = static_cast<std::uint8_t>(layer >> 6);
      descriptor.layer_sync = (layer & 0x20) != 0;
    }
    if ((present & 0x10) != 0) descriptor.key_idx = layer & 0x1F;
  }
  if (!in.ok()) return std::nullopt;
  return descriptor;
}

void Vp8Descriptor::write(core::ByteWriter& out) const {
  const unsigned present = (picture_id ? 0x80U : 0) | (tl0_pic_idx ? 0x40U : 0) |
                           (temporal_layer ? 0x20U : 0) | (key_idx ? 0x10U : 0);
  out.u8(static_cast<std::uint8_t>((present != 0 ? 0x80U : 0) | (non_reference ? 0x20U : 0) |
                                   (start_of_partition ? 0x10U : 0) | (partition & 0x07U)));
  if (present == 0) return;
  out.u8(static_cast<std::uint8_t>(present));
  if (picture_id && wide_picture_id) {
    out.u16(static_cast<std::uint16_t>(0x8000 | (*picture_id & detail::picture_id_mask)));
  } else if (picture_id) {
    out.u8(static_cast<std::uint8_t>(*picture_id & 0x7F));
  }
  if (tl0_pic_idx) out.u8(*tl0_pic_idx);
  if (temporal_layer || key_idx) {
    out.u8(static_cast<std::uint8_t>(temporal_layer.value_or(0) << 6 | (layer_sync ? 0x20 : 0) |
                                     (key_idx.value_or(0) & 0x1F)));
  }
}

std::optional<Vp8FrameHeader> Vp8FrameHeader::parse(core::Bytes frame) {
  // RFC 6386 9.1: three bytes of frame tag; in key frames a start code and the size follow, in
  // little-endian order, the upper two bits being a scale.
  if (frame.size() < 3) return std::nullopt;
  Vp8FrameHeader header{.key = (frame[0] & 1) == 0};
  if (!header.key) return header;
  if (frame.size() < 10 || frame[3] != 0x9D || frame[4] != 0x01 || frame[5] != 0x2A) {
    return std::nullopt;
  }
  header.width = static_cast<std::uint16_t>((frame[7] << 8 | frame[6]) & 0x3FFF);
  header.height = static_cast<std::uint16_t>((frame[9] << 8 | frame[8]) & 0x3FFF);
  return header;
}

namespace detail {

std::unique_ptr<Packetizer> vp8_packetizer(const PacketizerConfig& config, core::Random& random) {
  return std::make_unique<Vp8Packetizer>(config, random);
}

std::unique_ptr<Depacketizer> vp8_depacketizer() { return std::make_unique<Vp8Depacketizer>(); }

}  // namespace detail
}  // namespace lucid::rtp
