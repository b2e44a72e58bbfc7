#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "core/media.hpp"
#include "core/serial.hpp"
#include "rtp/dependency_descriptor.hpp"
#include "rtp/payload/depacketizer.hpp"

namespace lucid::rtp {

// Fills in `id` and `depends_on` of received frames from what their format says: VP8's temporal
// layers (RFC 7741 4.2), VP9's references or picture groups (RFC 9628 4.2), or the dependency
// descriptor; for the others each frame depends on the one before it. Takes the frames of one
// stream in the order of their sequence numbers, complete ones only.
class ReferenceFinder {
 public:
  // `info` is of the frame's first packet; numbers are unwrapped.
  struct Place {
    std::int64_t first_sequence = 0;
    std::int64_t last_sequence = 0;
  };
  void annotate(core::EncodedFrame& frame, const PayloadInfo& info, const Place& place);
  // The same, where a dependency descriptor came along.
  void annotate(core::EncodedFrame& frame, const DependencyDescriptor& descriptor);

 private:
  static constexpr std::size_t layers = 8;

  void chain(core::EncodedFrame& frame, std::int64_t id);
  void vp8(core::EncodedFrame& frame, const Vp8Descriptor& descriptor);
  void vp9(core::EncodedFrame& frame, const Vp9Descriptor& descriptor);
  void vp9_group(core::EncodedFrame& frame, const Vp9Descriptor& descriptor, std::int64_t picture);

  // What a VP9 picture group says, and the picture that began it.
  struct Group {
    std::optional<Vp9ScalabilityStructure> structure;
    std::int64_t begin = 0;
  };

  std::optional<std::int64_t> last_id_;
  std::optional<std::uint16_t> last_picture_;
  std::int64_t picture_ = 0;
  std::array<std::optional<std::int64_t>, layers> last_of_layer_{};
  Group group_;
  core::Unwrapper<std::uint16_t> frame_numbers_;
};

}  // namespace lucid::rtp
