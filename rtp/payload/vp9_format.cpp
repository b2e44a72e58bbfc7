#include <algorithm>
#include <array>

#include "rtp/payload/detail/formats.hpp"
#include "rtp/payload/detail/split.hpp"
#include "rtp/payload/vp9.hpp"

namespace lucid::rtp {
namespace {

constexpr std::int64_t most_difference = 127;  // seven bits

// Which picture each of the latest frames belonged to.
class PictureHistory {
 public:
  struct Entry {
    std::int64_t id = 0;
    std::int64_t picture = -1;
    std::uint8_t temporal_layer = 0;
  };
  void add(const core::EncodedFrame& frame, std::int64_t picture) {
    entries_[next_] = {frame.id, picture, frame.temporal_layer};
    next_ = (next_ + 1) % entries_.size();
  }
  const Entry* find(std::int64_t id) const {
    const auto found = std::ranges::find_if(
        entries_, [id](const Entry& entry) { return entry.picture >= 0 && entry.id == id; });
    return found == entries_.end() ? nullptr : &*found;
  }

 private:
  std::array<Entry, 256> entries_{};
  std::size_t next_ = 0;
};

// One layer is sent in non-flexible mode without layer indices: each picture follows the one
// before. Several are sent in flexible mode, where each frame says what it refers to.
class Vp9Packetizer final : public Packetizer {
 public:
  Vp9Packetizer(const PacketizerConfig& config, core::Random& random)
      : spatial_layers_{std::clamp<std::uint8_t>(config.spatial_layers, 1, 8)},
        layered_{config.spatial_layers > 1 || config.temporal_layers > 1},
        first_picture_id_{random.u16()} {}

  bool open(const core::EncodedFrame& frame, std::size_t limit) override {
    rest_ = {};
    if (frame.data.empty() || limit < least_payload_limit) return false;
    if (!describe(frame)) return false;
    std::array<std::uint8_t, least_payload_limit> scratch{};
    core::ByteWriter out{scratch};
    descriptor_.write(out);
    if (out.size() >= limit) return false;
    rest_ = frame.data;
    split_ = detail::EqualSplit{rest_.size(), limit - out.size()};
    marker_ = frame.last_of_picture;
    return true;
  }

  std::optional<Piece> next(core::MutableBytes room) override {
    if (rest_.empty()) return std::nullopt;
    const std::size_t size = split_.take();
    const bool first = descriptor_.begins_frame;
    const bool last = size == rest_.size();
    descriptor_.ends_frame = last;
    core::ByteWriter out{room};
    descriptor_.write(out);
    out.bytes(rest_.first(size));
    rest_ = rest_.subspan(size);
    descriptor_.begins_frame = false;
    descriptor_.scalability_structure = {};
    return Piece{.size = out.size(), .first = first, .last = last, .marker = last && marker_};
  }

 private:
  bool describe(const core::EncodedFrame& frame) {
    begin_picture(frame);
    descriptor_ = {};
    descriptor_.begins_frame = true;
    descriptor_.picture_id =
        static_cast<std::uint16_t>((first_picture_id_ + picture_) & detail::picture_id_mask);
    descriptor_.inter_picture_predicted = !frame.key;
    if (layered_ && !describe_layer(frame)) return false;
    history_.add(frame, picture_);
    if (frame.width != 0) sizes_[frame.spatial_layer % 8] = {frame.width, frame.height};
    // RFC 9628 4.2.1: the structure goes with the first packet of a key picture.
    if (frame.key && frame.spatial_layer == 0) write_structure();
    return true;
  }

  // RFC 9628 4.2: the frames of all spatial layers of a picture have one picture id.
  void begin_picture(const core::EncodedFrame& frame) {
    const bool same = last_spatial_layer_ && frame.spatial_layer > *last_spatial_layer_ &&
                      frame.rtp_timestamp == last_timestamp_;
    if (!same) ++picture_;
    last_spatial_layer_ = frame.spatial_layer;
    last_timestamp_ = frame.rtp_timestamp;
  }

  bool describe_layer(const core::EncodedFrame& frame) {
    Vp9Descriptor::Layer layer{.temporal = frame.temporal_layer, .spatial = frame.spatial_layer};
    layer.switching_up = frame.temporal_layer > 0;
    descriptor_.flexible = true;
    for (const std::int64_t id : frame.depends_on) {
      const PictureHistory::Entry* entry = history_.find(id);
      if (entry == nullptr) return false;
      const std::int64_t difference = picture_ - entry->picture;
      layer.switching_up = layer.switching_up && entry->temporal_layer < frame.temporal_layer;
      if (difference == 0) {
        layer.depends_below = true;
        continue;
      }
      Vp9References& references = descriptor_.references;
      if (difference > most_difference || references.count == references.differences.size()) {
        return false;
      }
      references.differences[references.count++] = static_cast<std::uint8_t>(difference);
    }
    descriptor_.inter_picture_predicted = descriptor_.references.count > 0;
    descriptor_.layer = layer;
    return true;
  }

  void write_structure() {
    Vp9ScalabilityStructure structure;
    structure.spatial_layers = spatial_layers_;
    std::ranges::copy(sizes_, structure.sizes.begin());
    structure.has_sizes = std::ranges::all_of(std::span{sizes_}.first(spatial_layers_),
                                              [](const auto& size) { return size.width != 0; });
    core::ByteWriter out{structure_bytes_};
    structure.write(out);
    descriptor_.scalability_structure = out.written();
  }

  const std::uint8_t spatial_layers_;
  const bool layered_;
  const std::uint16_t first_picture_id_;
  std::int64_t picture_ = 0;
  std::optional<std::uint8_t> last_spatial_layer_;
  std::uint32_t last_timestamp_ = 0;
  PictureHistory history_;
  std::array<Vp9ScalabilityStructure::Size, 8> sizes_{};
  std::array<std::uint8_t, 1 + 8 * 4> structure_bytes_{};
  Vp9Descriptor descriptor_;
  core::Bytes rest_;
  detail::EqualSplit split_;
  bool marker_ = true;
};

class Vp9Depacketizer final : public Depacketizer {
 public:
  std::optional<PayloadInfo> inspect(core::Bytes payload, bool marker) const override {
    core::ByteReader in{payload};
    const auto descriptor = Vp9Descriptor::parse(in);
    if (!descriptor || in.remaining() == 0) return std::nullopt;
    PayloadInfo info;
    info.starts_frame = descriptor->begins_frame;
    // RFC 9628 4.2: E ends a frame of one layer, the marker the whole picture.
    info.ends_frame = descriptor->ends_frame || marker;
    info.last_of_picture = marker;
    info.key = is_key(*descriptor);
    if (descriptor->layer) {
      info.spatial_layer = descriptor->layer->spatial;
      info.temporal_layer = descriptor->layer->temporal;
    }
    info.descriptor = *descriptor;
    return info;
  }

  bool assemble(std::span<const core::Bytes> payloads, core::EncodedFrame& frame) const override {
    frame.codec = core::Codec::vp9;
    frame.data.clear();
    frame.width = frame.height = 0;
    for (std::size_t i = 0; i < payloads.size(); ++i) {
      core::ByteReader in{payloads[i]};
      const auto descriptor = Vp9Descriptor::parse(in);
      if (!descriptor || in.remaining() == 0) return false;
      if (descriptor->begins_frame != (i == 0)) return false;
      if (i == 0) note(*descriptor, frame);
      const core::Bytes part = in.rest();
      frame.data.insert(frame.data.end(), part.begin(), part.end());
    }
    if (frame.data.empty()) return false;
    const auto header = Vp9FrameHeader::parse(frame.data);
    if (header && header->width != 0) {
      frame.width = header->width;
      frame.height = header->height;
    }
    return true;
  }

 private:
  // RFC 9628 4.2: a key picture begins with a base-layer frame that needs no other picture.
  static bool is_key(const Vp9Descriptor& descriptor) {
    return !descriptor.inter_picture_predicted &&
           (!descriptor.layer ||
            (descriptor.layer->spatial == 0 && !descriptor.layer->depends_below));
  }

  static void note(const Vp9Descriptor& descriptor, core::EncodedFrame& frame) {
    frame.key = is_key(descriptor);
    frame.spatial_layer = descriptor.layer ? descriptor.layer->spatial : std::uint8_t{0};
    frame.temporal_layer = descriptor.layer ? descriptor.layer->temporal : std::uint8_t{0};
    frame.discardable = false;
    const auto structure = Vp9ScalabilityStructure::parse(descriptor.scalability_structure);
    if (structure && structure->has_sizes && frame.spatial_layer < structure->spatial_layers) {
      frame.width = structure->sizes[frame.spatial_layer].width;
      frame.height = structure->sizes[frame.spatial_layer].height;
    }
  }
};

}  // namespace

namespace detail {

std::unique_ptr<Packetizer> vp9_packetizer(const PacketizerConfig& config, core::Random& random) {
  return std::make_unique<Vp9Packetizer>(config, random);
}

std::unique_ptr<Depacketizer> vp9_depacketizer() { return std::make_unique<Vp9Depacketizer>(); }

}  // namespace detail
}  // namespace lucid::rtp
