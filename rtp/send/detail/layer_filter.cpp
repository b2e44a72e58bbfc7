#include "rtp/send/detail/layer_filter.hpp"

#include <algorithm>

namespace lucid::rtp::detail {
namespace {

using Indication = DecodeTargetIndication;

// The layers of a decode target are the highest that any template has in it.
LayerLimit layers_of_target(const DependencyStructure& structure, std::size_t target) {
  LayerLimit layers{0, 0};
  for (const FrameDependencies& entry : structure.templates) {
    if (entry.targets[target] == Indication::not_present) continue;
    layers.spatial = std::max(layers.spatial, entry.spatial_layer);
    layers.temporal = std::max(layers.temporal, entry.temporal_layer);
  }
  return layers;
}

// The best decode target within a limit; the lowest one where none is.
std::size_t target_within(const DependencyStructure& structure, LayerLimit limit) {
  std::optional<std::size_t> best;
  LayerLimit best_layers{0, 0};
  std::size_t lowest = 0;
  LayerLimit lowest_layers;
  for (std::size_t target = 0; target < structure.decode_targets; ++target) {
    const LayerLimit layers = layers_of_target(structure, target);
    const auto below = [](LayerLimit a, LayerLimit b) {
      return a.spatial != b.spatial ? a.spatial < b.spatial : a.temporal < b.temporal;
    };
    if (below(layers, lowest_layers)) {
      lowest = target;
      lowest_layers = layers;
    }
    if (layers.spatial > limit.spatial || layers.temporal > limit.temporal) continue;
    if (!best || below(best_layers, layers)) {
      best = target;
      best_layers = layers;
    }
  }
  return best.value_or(lowest);
}

std::uint8_t spatial_of(const LayerFilter::Look& look) {
  if (look.descriptor != nullptr) return look.descriptor->dependencies.spatial_layer;
  return look.info == nullptr ? std::uint8_t{0} : look.info->spatial_layer;
}
std::uint8_t temporal_of(const LayerFilter::Look& look) {
  if (look.descriptor != nullptr) return look.descriptor->dependencies.temporal_layer;
  return look.info == nullptr ? std::uint8_t{0} : look.info->temporal_layer;
}

bool by_descriptor(const LayerFilter::Look& look) {
  return look.descriptor != nullptr && look.structure != nullptr;
}

bool is_within(const LayerFilter::Look& look, LayerLimit limit) {
  if (by_descriptor(look)) {
    const std::size_t target = target_within(*look.structure, limit);
    return look.descriptor->dependencies.targets[target] != Indication::not_present;
  }
  return spatial_of(look) <= limit.spatial && temporal_of(look) <= limit.temporal;
}

}  // namespace

const LayerFilter::Picture* LayerFilter::find(const Look& look) const {
  const auto found = std::ranges::find_if(pictures_, [&](const auto& picture) {
    return picture && picture->era == look.era && picture->timestamp == look.timestamp;
  });
  return found == pictures_.end() ? nullptr : &**found;
}

bool LayerFilter::passes(const Look& look) {
  if (const Picture* known = find(look)) return is_within(look, known->limit);
  if (!look.late) adapt(look);
  pictures_[next_picture_++ % pictures_.size()] = Picture{look.era, look.timestamp, now_};
  const bool passes = is_within(look, now_);
  const auto* vp9 =
      look.info == nullptr ? nullptr : std::get_if<Vp9Descriptor>(&look.info->descriptor);
  // RFC 9628 4.2, U: no later picture of a higher layer needs one from before this picture.
  const bool opens = vp9 != nullptr && vp9->layer && vp9->layer->switching_up;
  if (passes && opens && !look.late) now_.temporal = wanted_.temporal;
  return passes;
}

void LayerFilter::adapt(const Look& look) {
  if (look.key) now_ = wanted_;
  now_.temporal = std::min(now_.temporal, wanted_.temporal);
  now_.spatial = std::min(now_.spatial, wanted_.spatial);
  if (now_.temporal >= wanted_.temporal) return;
  if (by_descriptor(look)) {
    const LayerLimit more{now_.spatial, wanted_.temporal};
    const auto target = target_within(*look.structure, more);
    // AV1 RTP A.8.2.3: from a switching frame on its target can be decoded.
    if (look.descriptor->dependencies.targets[target] == Indication::switching) now_ = more;
    return;
  }
  const auto* vp8 =
      look.info == nullptr ? nullptr : std::get_if<Vp8Descriptor>(&look.info->descriptor);
  // RFC 7741 4.2, Y: it needs the base layer only, which passes always.
  const bool next = temporal_of(look) == now_.temporal + 1;
  if (vp8 != nullptr && vp8->layer_sync && next) ++now_.temporal;
}

bool LayerFilter::tops_picture(const Look& look) const {
  const Picture* known = find(look);
  const LayerLimit limit = known == nullptr ? now_ : known->limit;
  if (by_descriptor(look)) {
    const auto target = target_within(*look.structure, limit);
    return look.descriptor->last_packet &&
           spatial_of(look) == layers_of_target(*look.structure, target).spatial;
  }
  return look.info != nullptr && look.info->ends_frame && spatial_of(look) == limit.spatial;
}

}  // namespace lucid::rtp::detail
