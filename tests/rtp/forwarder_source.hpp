#pragma once
// A publisher of layered video as packets, and what a viewer makes of forwarded ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "rtp/extension_values.hpp"
#include "rtp/payload/depacketizer.hpp"
#include "rtp/payload/packetizer.hpp"
#include "rtp/send/forwarder.hpp"

namespace lucid::rtp::testing {

// VP8 of three temporal layers (0 2 1 2), each frame a few packets; its bytes name the publisher
// and the frame.
class Publisher {
 public:
  Publisher(std::uint8_t name, std::uint64_t seed)
      : name_{name},
        random_{seed},
        sequence_{random_.u16()},
        timestamp_{random_.u32()},
        packetizer_{make_packetizer({.codec = core::Codec::vp8, .temporal_layers = 3}, random_)} {
    extensions_.add(3, ExtensionType::mid);
    extensions_.add(9, ExtensionType::transport_sequence);
    extensions_.add(5, ExtensionType::video_orientation);
  }
  void start_at(std::uint16_t sequence) { sequence_ = sequence; }
  const ExtensionMap& extensions() const { return extensions_; }
  bool key_wanted = true;

  std::vector<core::Buffer> frame(core::Pool& pool, std::size_t size = 2500) {
    constexpr std::array<std::uint8_t, 4> layers{0, 2, 1, 2};
    core::EncodedFrame frame;
    frame.key = std::exchange(key_wanted, false);
    if (frame.key) place_ = 0;
    frame.temporal_layer = layers[place_++ % 4];
    frame.id = ++frames_;
    // Every frame of a higher layer is a switching point: it needs the base layer alone.
    if (!frame.key) frame.depends_on = {base_};
    if (frame.temporal_layer == 0) base_ = frame.id;
    frame.data.assign(size, name_);
    frame.data[0] = frame.key ? 0x10 : 0x11;
    frame.data[1] = frame.data[2] = 0;
    constexpr std::array<std::uint8_t, 7> start{0x9D, 0x01, 0x2A, 0x40, 0x01, 0xF0, 0};
    if (frame.key) std::ranges::copy(start, frame.data.begin() + 3);
    frame.data[20] = static_cast<std::uint8_t>(frames_ >> 8);
    frame.data[21] = static_cast<std::uint8_t>(frames_);
    HeaderWriter header{{.payload_type = 100, .timestamp = timestamp_ += 3000, .ssrc = name_}};
    add(header, extensions_, Mid{"x"});
    add(header, extensions_, TransportSequence{7});
    add(header, extensions_, VideoOrientation{.rotation = 90});
    std::vector<core::Buffer> packets;
    core::check(packetizer_->open(frame, 900));
    for (;;) {
      core::Buffer packet = pool.take(900, 64 + header.size());
      const auto piece = packetizer_->next(packet.bytes());
      if (!piece) return packets;
      packet.resize(piece->size);
      header.sequence(sequence_++);
      header.marker(piece->marker);
      header.prepend_to(packet);
      packets.push_back(std::move(packet));
    }
  }

 private:
  std::uint8_t name_;
  core::SeededRandom random_;
  std::uint16_t sequence_;
  std::uint32_t timestamp_;
  ExtensionMap extensions_;
  std::unique_ptr<Packetizer> packetizer_;
  std::size_t place_ = 0;
  std::int64_t frames_ = 0;
  std::int64_t base_ = 0;
};

// Sorts what was forwarded and looks at it as a viewer would.
class Viewer {
 public:
  struct Frame {
    std::uint32_t timestamp = 0;
    Vp8Descriptor descriptor;
    core::EncodedFrame frame;
  };
  void take(const core::Buffer& packet) {
    const auto view = Packet::parse(packet).value();
    const std::int64_t number = unwrap_.unwrap(view.sequence());
    EXPECT_TRUE(
        packets_.emplace(number, std::vector(packet.data(), packet.data() + packet.size())).second)
        << "twice: " << number;
  }
  std::size_t packets() const { return packets_.size(); }
  bool continuous() const {
    return packets_.empty() || packets_.rbegin()->first - packets_.begin()->first + 1 ==
                                   static_cast<std::int64_t>(packets_.size());
  }
  const std::map<std::int64_t, std::vector<std::uint8_t>>& all() const { return packets_; }

  std::vector<Frame> frames() const {
    const auto format = make_depacketizer(core::Codec::vp8);
    std::vector<Frame> frames;
    std::vector<core::Bytes> parts;
    Frame frame;
    for (const auto& [number, bytes] : packets_) {
      const auto view = Packet::parse(bytes).value();
      const auto info = format->inspect(view.payload(), view.marker());
      if (!info) continue;  // a filler
      if (info->starts_frame) {
        parts.clear();
        frame = {view.timestamp(), std::get<Vp8Descriptor>(info->descriptor), {}};
      }
      parts.push_back(view.payload());
      if (!view.marker()) continue;
      EXPECT_TRUE(format->assemble(parts, frame.frame));
      frames.push_back(frame);
    }
    return frames;
  }

 private:
  core::Unwrapper<std::uint16_t> unwrap_;
  std::map<std::int64_t, std::vector<std::uint8_t>> packets_;
};

}  // namespace lucid::rtp::testing
