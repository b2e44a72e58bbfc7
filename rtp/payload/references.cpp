#include "rtp/payload/references.hpp"

#include <algorithm>

namespace lucid::rtp {
namespace {

constexpr std::int64_t most_spatial_layers = 8;

// How far a picture id is ahead of the last, across the wrap of 7 or 15 bits.
std::int64_t advance(std::uint16_t last, std::uint16_t next, bool wide) {
  const std::int64_t circle = wide ? 0x8000 : 0x80;
  const std::int64_t ahead = (next - last) & (circle - 1);
  return ahead < circle / 2 ? ahead : ahead - circle;
}

}  // namespace

void ReferenceFinder::annotate(core::EncodedFrame& frame, const PayloadInfo& info,
                               const Place& place) {
  frame.depends_on.clear();
  if (const auto* descriptor = std::get_if<Vp8Descriptor>(&info.descriptor)) {
    if (descriptor->picture_id) return vp8(frame, *descriptor);
  }
  if (const auto* descriptor = std::get_if<Vp9Descriptor>(&info.descriptor)) {
    if (descriptor->picture_id) return vp9(frame, *descriptor);
  }
  chain(frame, place.last_sequence);
}

void ReferenceFinder::annotate(core::EncodedFrame& frame, const DependencyDescriptor& descriptor) {
  const FrameDependencies& dependencies = descriptor.dependencies;
  frame.id = frame_numbers_.unwrap(descriptor.frame_number);
  frame.spatial_layer = dependencies.spatial_layer;
  frame.temporal_layer = dependencies.temporal_layer;
  frame.depends_on.clear();
  for (unsigned i = 0; i < dependencies.difference_count; ++i) {
    frame.depends_on.push_back(frame.id - dependencies.differences[i]);
  }
  last_id_ = frame.id;
}

void ReferenceFinder::chain(core::EncodedFrame& frame, std::int64_t id) {
  frame.id = id;
  if (!frame.key && last_id_) frame.depends_on.push_back(*last_id_);
  last_id_ = id;
}

void ReferenceFinder::vp8(core::EncodedFrame& frame, const Vp8Descriptor& descriptor) {
  const std::uint16_t picture = *descriptor.picture_id;
  picture_ += last_picture_ ? advance(*last_picture_, picture, descriptor.wide_picture_id) : 0;
  if (!last_picture_) picture_ = picture;
  last_picture_ = picture;
  if (!descriptor.temporal_layer || !descriptor.tl0_pic_idx) return chain(frame, picture_);
  frame.id = picture_;
  last_id_ = picture_;
  const std::size_t layer = *descriptor.temporal_layer;
  if (frame.key) {
    last_of_layer_ = {};
  } else {
    // RFC 7741 4.2: without Y a frame may refer to the latest of every layer up to its own; with
    // it, or in the base layer, to the latest of the base layer only.
    const std::size_t top = descriptor.layer_sync ? 0 : layer;
    for (std::size_t i = 0; i <= top; ++i) {
      if (last_of_layer_[i]) frame.depends_on.push_back(*last_of_layer_[i]);
    }
  }
  // What a new base frame leaves behind, no later frame refers to.
  if (layer == 0) last_of_layer_ = {};
  if (!descriptor.non_reference) last_of_layer_[layer] = frame.id;
}

void ReferenceFinder::vp9(core::EncodedFrame& frame, const Vp9Descriptor& descriptor) {
  const std::uint16_t id = *descriptor.picture_id;
  picture_ += last_picture_ ? advance(*last_picture_, id, descriptor.wide_picture_id) : 0;
  if (!last_picture_) picture_ = id;
  last_picture_ = id;
  const std::int64_t spatial = descriptor.layer ? descriptor.layer->spatial : 0;
  frame.id = picture_ * most_spatial_layers + spatial;
  if (!descriptor.scalability_structure.empty()) {
    group_ = {Vp9ScalabilityStructure::parse(descriptor.scalability_structure), picture_};
  }
  if (descriptor.layer && descriptor.layer->depends_below && spatial > 0) {
    frame.depends_on.push_back(frame.id - 1);
  }
  if (!descriptor.inter_picture_predicted) return;
  if (!descriptor.flexible) return vp9_group(frame, descriptor, picture_);
  for (unsigned i = 0; i < descriptor.references.count; ++i) {
    frame.depends_on.push_back(frame.id -
                               descriptor.references.differences[i] * most_spatial_layers);
  }
}

void ReferenceFinder::vp9_group(core::EncodedFrame& frame, const Vp9Descriptor& descriptor,
                                std::int64_t picture) {
  const bool grouped = descriptor.layer && group_.structure && group_.structure->has_group &&
                       group_.structure->group_size > 0 && picture >= group_.begin;
  // Without a group each picture refers to the one before it.
  if (!grouped) {
    frame.depends_on.push_back(frame.id - most_spatial_layers);
    return;
  }
  // RFC 9628 4.2.1: pictures take the group's entries in turn, from the one that carried it.
  const auto index =
      static_cast<std::size_t>(picture - group_.begin) % group_.structure->group_size;
  const Vp9References& references = group_.structure->group[index].references;
  for (unsigned i = 0; i < references.count; ++i) {
    const std::int64_t id = frame.id - references.differences[i] * most_spatial_layers;
    if (id >= group_.begin * most_spatial_layers) frame.depends_on.push_back(id);
  }
}

}  // namespace lucid::rtp
