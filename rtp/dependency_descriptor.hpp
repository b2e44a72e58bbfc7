#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/bytes.hpp"
#include "core/media.hpp"

// The dependency descriptor (AV1 RTP 1.0, appendix A): which frames a frame needs and which layers
// want it, for any codec, readable by one who cannot decode.
//
//  |S|E| template id |     frame number, 16 bits     | extended fields, structure, own definitions
//  ...
namespace lucid::rtp {

// What a frame means to a decode target (A.8.2.3, DTI).
enum class DecodeTargetIndication : std::uint8_t { not_present, discardable, switching, required };

constexpr std::size_t most_decode_targets = 32;
constexpr std::size_t most_chains = 32;
constexpr std::size_t most_frame_differences = 8;

// The dependencies of one frame, or of a template for many.
struct FrameDependencies {
  std::uint8_t spatial_layer = 0;
  std::uint8_t temporal_layer = 0;
  std::array<DecodeTargetIndication, most_decode_targets> targets{};
  std::array<std::uint16_t, most_frame_differences> differences{};  // back from this frame's number
  std::uint8_t difference_count = 0;
  std::array<std::uint8_t, most_chains> chain_differences{};
  friend bool operator==(const FrameDependencies&, const FrameDependencies&) = default;
};

// Sent with key frames, and valid until the next (A.8.3).
struct DependencyStructure {
  struct Size {
    std::uint16_t width = 0;
    std::uint16_t height = 0;
    friend bool operator==(const Size&, const Size&) = default;
  };
  std::uint8_t template_id_offset = 0;
  std::uint8_t decode_targets = 1;
  std::uint8_t chains = 0;
  std::array<std::uint8_t, most_decode_targets> protected_by{};
  std::vector<FrameDependencies> templates;  // in order of layers, at most 64
  std::vector<Size> sizes;                   // of each spatial layer; or empty
  friend bool operator==(const DependencyStructure&, const DependencyStructure&) = default;
};

struct DependencyDescriptor {
  bool first_packet = false;  // of the frame
  bool last_packet = false;
  bool has_structure = false;
  std::uint16_t frame_number = 0;
  FrameDependencies dependencies;
  std::optional<std::uint32_t> active_targets;  // a bit for each decode target
  friend bool operator==(const DependencyDescriptor&, const DependencyDescriptor&) = default;
};

// Reads the descriptors of one stream, remembering its structure.
class DependencyReader {
 public:
  // Nullopt when it is malformed, or of a structure that never came.
  std::optional<DependencyDescriptor> read(core::Bytes value);
  const std::optional<DependencyStructure>& structure() const { return structure_; }

 private:
  std::optional<DependencyStructure> structure_;
};

// Writes a descriptor, with the structure where it says so; gives its size, 0 when there is no room
// or no template has its layers.
std::size_t write_descriptor(const DependencyDescriptor& descriptor,
                             const DependencyStructure& structure, core::MutableBytes room);

// Describes the frames of an encoder with so many layers, one decode target for each combination.
class DependencyWriter {
 public:
  DependencyWriter(std::uint8_t spatial_layers, std::uint8_t temporal_layers);

  // `id` and `depends_on` of the frame give its number and its references; nullopt for one that
  // refers further back than can be said.
  std::optional<DependencyDescriptor> describe(const core::EncodedFrame& frame) const;
  const DependencyStructure& structure() const { return structure_; }

 private:
  DependencyStructure structure_;
};

}  // namespace lucid::rtp
