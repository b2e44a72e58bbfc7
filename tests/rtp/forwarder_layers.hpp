#pragma once
// Publishers of video in any codec with layers, as packets. Every frame's bytes name its publisher
// and its picture.
#include <array>
#include <memory>
#include <vector>

#include "rtp/extension_values.hpp"
#include "rtp/payload/detail/nal.hpp"
#include "rtp/payload/packetizer.hpp"
#include "rtp/payload/vp9.hpp"
#include "tests/rtp/payloads.hpp"

namespace lucid::rtp::testing {

struct Layering {
  const char* name;
  core::Codec codec;
  std::uint8_t spatial = 1;
  std::uint8_t temporal = 1;
  bool descriptor = false;  // the dependency descriptor goes along
  bool groups = false;      // VP9 in non-flexible mode with layers, which our packetizer reads only
};

// What a frame says of itself when it arrives.
struct FrameName {
  std::uint8_t publisher = 0;
  std::uint16_t number = 0;
  friend bool operator==(const FrameName&, const FrameName&) = default;
};
// Nullopt for a frame without its end.
inline std::optional<FrameName> name_of(const core::EncodedFrame& frame) {
  if (frame.data.size() < 6) return std::nullopt;
  const std::size_t at = frame.data.size() - 3;
  if (frame.data[at - 1] != 0xEE || frame.data[at - 2] != 0xDD) return std::nullopt;
  return FrameName{frame.data[at], static_cast<std::uint16_t>((frame.data[at + 1] & 0x7F) << 7 |
                                                              (frame.data[at + 2] & 0x7F))};
}

class LayeredPublisher {
 public:
  static constexpr std::uint8_t payload_type = 100;

  LayeredPublisher(Layering what, std::uint8_t name, std::uint64_t seed)
      : what_{what},
        name_{name},
        random_{seed},
        packetizer_{make_packetizer(
            {.codec = what.codec, .spatial_layers = what.spatial, .temporal_layers = what.temporal},
            random_)},
        dependencies_{what.spatial, what.temporal},
        sequence_{static_cast<std::uint16_t>(0xFFF0 + name)},  // all numbers wrap early
        timestamp_{0xFFFF'0000U + name},
        picture_id_{static_cast<std::uint16_t>(0x7FF0 + name)},
        base_index_{static_cast<std::uint8_t>(0xF8 + name)},
        ids_{0xFFF0 + name} {
    extensions_.add(3, ExtensionType::mid);
    extensions_.add(9, ExtensionType::transport_sequence);
    extensions_.add(11, ExtensionType::dependency_descriptor);
    extensions_.add(12, ExtensionType::video_layers_allocation);
  }
  const ExtensionMap& extensions() const { return extensions_; }
  bool key_wanted = true;

  // The packets of the next picture.
  std::vector<core::Buffer> picture(core::Pool& pool, std::size_t size) {
    constexpr std::array<std::uint8_t, 4> three{0, 2, 1, 2};
    const bool key = std::exchange(key_wanted, false);
    if (key) place_ = 0;
    timestamp_ += 3000;
    ++picture_id_;
    ++pictures_;
    const std::uint8_t temporal = what_.temporal == 3
                                      ? three[place_ % 4]
                                      : static_cast<std::uint8_t>(place_ % what_.temporal);
    if (temporal == 0) ++base_index_;
    std::vector<core::Buffer> packets;
    for (std::uint8_t spatial = 0; spatial < what_.spatial; ++spatial) {
      core::EncodedFrame frame = describe(key, spatial, temporal);
      frame.data = payload(key && spatial == 0, size);
      send(frame, key, pool, packets);
    }
    ++place_;
    return packets;
  }

 private:
  core::EncodedFrame describe(bool key, std::uint8_t spatial, std::uint8_t temporal) {
    core::EncodedFrame frame{.codec = what_.codec, .rtp_timestamp = timestamp_};
    frame.key = key && spatial == 0;
    frame.id = ++ids_;
    frame.spatial_layer = spatial;
    frame.temporal_layer = temporal;
    frame.last_of_picture = spatial + 1 == what_.spatial;
    frame.width = static_cast<std::uint16_t>(160 << spatial);
    frame.height = static_cast<std::uint16_t>(90 << spatial);
    // Each layer goes on from the base layer's latest picture, and needs the layer below.
    if (!key) frame.depends_on.push_back(base_[spatial]);
    if (spatial > 0) frame.depends_on.push_back(frame.id - 1);
    if (temporal == 0) base_[spatial] = frame.id;
    return frame;
  }

  std::vector<std::uint8_t> payload(bool key, std::size_t size) {
    static const auto plenty = [] {
      auto made = noise(8000);
      for (auto& byte : made) byte |= 4;  // no start code
      return made;
    }();
    core::check(size <= 4000);
    const auto begin = plenty.begin() + static_cast<std::ptrdiff_t>(size);
    std::vector<std::uint8_t> bytes(begin, begin + static_cast<std::ptrdiff_t>(size));
    if (what_.codec == core::Codec::vp9) {
      std::ranges::copy(*core::from_hex(key ? "824983422015f011f0" : "86"), bytes.begin());
    } else if (what_.codec == core::Codec::h264) {
      std::vector<std::uint8_t> units;
      if (key) units = *core::from_hex("00000001 6742e01f8c68 00000001 68ce3c80");
      detail::append_start_code(units);
      bytes[0] = key ? 0x65 : 0x61;
      units.insert(units.end(), bytes.begin(), bytes.end());
      bytes = std::move(units);
    } else if (what_.codec == core::Codec::av1) {
      // Units of a sequence header and a frame, the sizes of the latter in two bytes.
      std::vector<std::uint8_t> units;
      if (key) units = *core::from_hex("0a09 00000007f809f80778");
      core::check(size >= 128 && size < 16384);
      units.insert(units.end(), {0x32, static_cast<std::uint8_t>(size | 0x80),
                                 static_cast<std::uint8_t>(size >> 7)});
      bytes[0] = key ? 0x10 : 0x30;  // AV1 5.9.2: frame_type behind the first bit, then show_frame
      units.insert(units.end(), bytes.begin(), bytes.end());
      bytes = std::move(units);
    } else {
      bytes[0] = key ? 0x10 : 0x11;
      if (key) std::ranges::copy(*core::from_hex("9d012a4001f000"), bytes.begin() + 3);
    }
    const std::size_t end = bytes.size();
    bytes[end - 5] = 0xDD;
    bytes[end - 4] = 0xEE;
    bytes[end - 3] = name_;
    bytes[end - 2] = static_cast<std::uint8_t>(0x80 | pictures_ >> 7);
    bytes[end - 1] = static_cast<std::uint8_t>(0x80 | pictures_);
    return bytes;
  }

  void send(const core::EncodedFrame& frame, bool key, core::Pool& pool,
            std::vector<core::Buffer>& packets) {
    const auto pieces = what_.groups ? grouped(frame, key) : packetize(*packetizer_, frame, 900);
    for (const Payload& each : pieces) {
      HeaderWriter header{{.payload_type = payload_type,
                           .marker = each.piece.marker,
                           .sequence = sequence_++,
                           .timestamp = timestamp_,
                           .ssrc = name_}};
      add(header, extensions_, Mid{"x"});
      add(header, extensions_, TransportSequence{7});
      header.add_extension(12, std::array<std::uint8_t, 1>{0});
      if (what_.descriptor) add_descriptor(header, frame, each.piece);
      core::Buffer packet = pool.copy(each.bytes, 64 + header.size());
      header.prepend_to(packet);
      packets.push_back(std::move(packet));
    }
  }

  void add_descriptor(HeaderWriter& header, const core::EncodedFrame& frame, const Piece& piece) {
    auto descriptor = dependencies_.describe(frame).value();
    descriptor.first_packet = piece.first;
    descriptor.last_packet = piece.last;
    descriptor.has_structure = descriptor.has_structure && piece.first;
    std::array<std::uint8_t, 255> room{};
    const std::size_t size = write_descriptor(descriptor, dependencies_.structure(), room);
    core::check(size > 0);
    header.add_extension(11, core::Bytes{room}.first(size));
  }

  // RFC 9628 4.2: two temporal layers in a group of two pictures.
  std::vector<Payload> grouped(const core::EncodedFrame& frame, bool key) {
    std::array<std::uint8_t, 32> structure{};
    core::ByteWriter room{structure};
    Vp9ScalabilityStructure group{.has_group = true, .group_size = 2};
    group.group[0] = {0, false, {{2}, 1}};
    group.group[1] = {1, true, {{1}, 1}};
    group.write(room);
    std::vector<Payload> pieces;
    for (const bool first : {true, false}) {
      Vp9Descriptor descriptor{.inter_picture_predicted = !key,
                               .begins_frame = first,
                               .ends_frame = !first,
                               .picture_id = static_cast<std::uint16_t>(picture_id_ & 0x7FFF)};
      descriptor.layer = {.temporal = frame.temporal_layer,
                          .switching_up = frame.temporal_layer > 0};
      descriptor.tl0_pic_idx = base_index_;
      if (key && first) descriptor.scalability_structure = room.written();
      std::vector<std::uint8_t> bytes(frame.data.size() + 64);
      core::ByteWriter out{bytes};
      descriptor.write(out);
      const std::size_t half = frame.data.size() / 2;
      out.bytes(first ? core::Bytes{frame.data}.first(half)
                      : core::Bytes{frame.data}.subspan(half));
      bytes.resize(out.size());
      pieces.push_back({std::move(bytes), {.first = first, .last = !first, .marker = !first}});
    }
    return pieces;
  }

  Layering what_;
  std::uint8_t name_;
  core::SeededRandom random_;
  std::unique_ptr<Packetizer> packetizer_;
  DependencyWriter dependencies_;
  ExtensionMap extensions_;
  std::uint16_t sequence_;
  std::uint32_t timestamp_;
  std::uint16_t picture_id_;
  std::uint8_t base_index_;
  std::int64_t ids_;
  std::array<std::int64_t, 8> base_{};
  std::uint16_t pictures_ = 0;
  std::size_t place_ = 0;
};

}  // namespace lucid::rtp::testing
