#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "rtp/dependency_descriptor.hpp"
#include "rtp/payload/depacketizer.hpp"

namespace lucid::rtp {

// The highest layers that are forwarded.
struct LayerLimit {
  std::uint8_t spatial = 7;
  std::uint8_t temporal = 7;
  friend bool operator==(const LayerLimit&, const LayerLimit&) = default;
};

namespace detail {

// Which frames of a layered stream pass. Fewer layers at once, at a picture's begin; more where
// the stream allows it: temporal ones at switching points, spatial ones at key frames.
class LayerFilter {
 public:
  // What a packet says of the layers of its frame, by its payload or its dependency descriptor.
  struct Look {
    const PayloadInfo* info = nullptr;
    const DependencyDescriptor* descriptor = nullptr;
    const DependencyStructure* structure = nullptr;
    std::uint32_t era = 0;  // of sources: their timestamps have nothing in common
    std::uint32_t timestamp = 0;
    bool key = false;   // the first packet of a key picture
    bool late = false;  // newer packets were seen before
  };

  void limit(LayerLimit wanted) { wanted_ = wanted; }
  // A new source: what it brings from its key frame on is taken as wanted.
  void restart() { now_ = wanted_; }
  // Whether this packet passes. All of a picture are judged by one limit, whenever they come.
  bool passes(const Look& look);
  // Whether this frame is the highest that passes of its picture: the marker belongs on it.
  bool tops_picture(const Look& look) const;
  bool waits_for_key_frame() const { return wanted_.spatial > now_.spatial; }

 private:
  struct Picture {
    std::uint32_t era = 0;
    std::uint32_t timestamp = 0;
    LayerLimit limit;
  };
  void adapt(const Look& look);
  const Picture* find(const Look& look) const;

  LayerLimit wanted_;
  LayerLimit now_;
  std::array<std::optional<Picture>, 64> pictures_;  // the latest
  std::size_t next_picture_ = 0;
};

}  // namespace detail
}  // namespace lucid::rtp
