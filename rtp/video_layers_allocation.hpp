#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "core/bytes.hpp"
#include "rtp/extension.hpp"

namespace lucid::rtp {

// What a sender intends for each of its simulcast streams and layers, so that a forwarder can
// choose among them ("video-layers-allocation00").
//
//  |RID| NS-1 | sl_bm |  this stream, number of streams - 1, active spatial layers if alike in all
//  | sl0 | sl1 | ...  |  active spatial layers of each stream, if sl_bm is 0
//  |#tl|#tl|#tl|#tl|..|  temporal layers - 1 of each active layer
//  | bit rates in kbit/s, LEB128 | width-1, height-1, frames a second of each, if told |
struct VideoLayersAllocation {
  static constexpr ExtensionType type = ExtensionType::video_layers_allocation;
  struct Layer {
    std::uint8_t stream = 0;
    std::uint8_t spatial = 0;
    std::vector<std::uint32_t> kilobits;  // of each temporal layer, with those below it
    std::uint32_t width = 0;              // 0: not told
    std::uint32_t height = 0;
    std::uint8_t frame_rate = 0;
    friend bool operator==(const Layer&, const Layer&) = default;
  };
  std::uint8_t stream = 0;    // which one this packet belongs to
  std::uint8_t streams = 1;   // at most 4
  std::vector<Layer> layers;  // the active ones, by stream and spatial layer; sizes for all or none

  static std::optional<VideoLayersAllocation> parse(core::Bytes value);
  std::size_t size() const;
  void write(core::ByteWriter& out) const;
  friend bool operator==(const VideoLayersAllocation&, const VideoLayersAllocation&) = default;
};

}  // namespace lucid::rtp
