#include "rtp/dependency_descriptor.hpp"

#include <algorithm>

#include "rtp/payload/detail/bits.hpp"

namespace lucid::rtp {
namespace {

using detail::BitReader;
using detail::BitWriter;

constexpr std::size_t most_templates = 64;
constexpr std::size_t mandatory_size = 3;

enum NextLayer : std::uint8_t { same_layer, next_temporal, next_spatial, no_more };

bool read_layers(BitReader& in, DependencyStructure& structure) {
  FrameDependencies layer;
  for (;;) {
    if (structure.templates.size() == most_templates || !in.ok()) return false;
    structure.templates.push_back(layer);
    const std::uint32_t next = in.bits(2);
    if (next == no_more) return in.ok();
    if (next == next_temporal) ++layer.temporal_layer;
    if (next == next_spatial) {
      layer.temporal_layer = 0;
      ++layer.spatial_layer;
    }
    if (layer.spatial_layer > 3 || layer.temporal_layer > 7) return false;
  }
}

void read_targets(BitReader& in, std::uint8_t count, FrameDependencies& dependencies) {
  for (unsigned i = 0; i < count; ++i) {
    dependencies.targets[i] = static_cast<DecodeTargetIndication>(in.bits(2));
  }
}

bool add_difference(FrameDependencies& dependencies, std::uint32_t difference) {
  if (dependencies.difference_count == most_frame_differences) return false;
  dependencies.differences[dependencies.difference_count++] =
      static_cast<std::uint16_t>(difference);
  return true;
}

bool read_template_differences(BitReader& in, FrameDependencies& dependencies) {
  while (in.bit()) {
    if (!add_difference(dependencies, in.bits(4) + 1)) return false;
  }
  return in.ok();
}

bool read_own_differences(BitReader& in, FrameDependencies& dependencies) {
  dependencies.difference_count = 0;
  dependencies.differences = {};
  while (const std::uint32_t size = in.bits(2)) {
    if (!add_difference(dependencies, in.bits(4 * size) + 1)) return false;
  }
  return in.ok();
}

void read_chains(BitReader& in, DependencyStructure& structure) {
  structure.chains = static_cast<std::uint8_t>(in.non_symmetric(structure.decode_targets + 1U));
  if (structure.chains == 0 || structure.chains > most_chains) return;
  for (unsigned i = 0; i < structure.decode_targets; ++i) {
    structure.protected_by[i] = static_cast<std::uint8_t>(in.non_symmetric(structure.chains));
  }
  for (FrameDependencies& entry : structure.templates) {
    for (unsigned i = 0; i < structure.chains; ++i) {
      entry.chain_differences[i] = static_cast<std::uint8_t>(in.bits(4));
    }
  }
}

// AV1 RTP A.8.2: template_dependency_structure
std::optional<DependencyStructure> read_structure(BitReader& in) {
  DependencyStructure structure;
  structure.template_id_offset = static_cast<std::uint8_t>(in.bits(6));
  structure.decode_targets = static_cast<std::uint8_t>(in.bits(5) + 1);
  if (!read_layers(in, structure)) return std::nullopt;
  for (FrameDependencies& entry : structure.templates) {
    read_targets(in, structure.decode_targets, entry);
  }
  for (FrameDependencies& entry : structure.templates) {
    if (!read_template_differences(in, entry)) return std::nullopt;
  }
  read_chains(in, structure);
  if (in.bit()) {
    for (unsigned i = 0; i <= structure.templates.back().spatial_layer; ++i) {
      const std::uint32_t width = in.bits(16) + 1;
      const std::uint32_t height = in.bits(16) + 1;
      if (width > 0xFFFF || height > 0xFFFF) return std::nullopt;
      structure.sizes.push_back(
          {static_cast<std::uint16_t>(width), static_cast<std::uint16_t>(height)});
    }
  }
  if (!in.ok()) return std::nullopt;
  return structure;
}

void write_layers(BitWriter& out, const DependencyStructure& structure) {
  for (std::size_t i = 0; i < structure.templates.size(); ++i) {
    if (i + 1 == structure.templates.size()) {
      out.bits(no_more, 2);
      break;
    }
    const FrameDependencies& here = structure.templates[i];
    const FrameDependencies& next = structure.templates[i + 1];
    const bool up = next.spatial_layer != here.spatial_layer;
    const bool same = !up && next.temporal_layer == here.temporal_layer;
    out.bits(up ? next_spatial : same ? same_layer : next_temporal, 2);
  }
}

void write_structure(BitWriter& out, const DependencyStructure& structure) {
  out.bits(structure.template_id_offset, 6);
  out.bits(structure.decode_targets - 1U, 5);
  write_layers(out, structure);
  for (const FrameDependencies& entry : structure.templates) {
    for (unsigned i = 0; i < structure.decode_targets; ++i) {
      out.bits(static_cast<std::uint32_t>(entry.targets[i]), 2);
    }
  }
  for (const FrameDependencies& entry : structure.templates) {
    for (unsigned i = 0; i < entry.difference_count; ++i) {
      out.bit(true);
      out.bits(entry.differences[i] - 1U, 4);
    }
    out.bit(false);
  }
  out.non_symmetric(structure.chains, structure.decode_targets + 1U);
  if (structure.chains > 0) {
    for (unsigned i = 0; i < structure.decode_targets; ++i) {
      out.non_symmetric(structure.protected_by[i], structure.chains);
    }
    for (const FrameDependencies& entry : structure.templates) {
      for (unsigned i = 0; i < structure.chains; ++i) out.bits(entry.chain_differences[i], 4);
    }
  }
  out.bit(!structure.sizes.empty());
  for (const auto& size : structure.sizes) {
    out.bits(size.width - 1U, 16);
    out.bits(size.height - 1U, 16);
  }
}

// What of a frame its template does not say already.
struct Custom {
  bool targets = false;
  bool differences = false;
  bool chains = false;
  int count() const { return int{targets} + int{differences} + int{chains}; }
};

Custom compare(const FrameDependencies& frame, const FrameDependencies& entry) {
  const auto of = [](const FrameDependencies& d) {
    return std::span{d.differences}.first(d.difference_count);
  };
  return {.targets = frame.targets != entry.targets,
          .differences = !std::ranges::equal(of(frame), of(entry)),
          .chains = frame.chain_differences != entry.chain_differences};
}

std::optional<std::size_t> best_template(const FrameDependencies& frame,
                                         const DependencyStructure& structure) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < structure.templates.size(); ++i) {
    const FrameDependencies& entry = structure.templates[i];
    if (entry.spatial_layer != frame.spatial_layer) continue;
    if (entry.temporal_layer != frame.temporal_layer) continue;
    const int cost = compare(frame, entry).count();
    if (!best || cost < compare(frame, structure.templates[*best]).count()) best = i;
  }
  return best;
}

void write_own(BitWriter& out, const FrameDependencies& frame, const Custom& custom,
               const DependencyStructure& structure) {
  if (custom.targets) {
    for (unsigned i = 0; i < structure.decode_targets; ++i) {
      out.bits(static_cast<std::uint32_t>(frame.targets[i]), 2);
    }
  }
  if (custom.differences) {
    for (unsigned i = 0; i < frame.difference_count; ++i) {
      const std::uint32_t value = frame.differences[i] - 1U;
      const unsigned size = value < 16 ? 1 : value < 256 ? 2 : 3;
      out.bits(size, 2);
      out.bits(value, 4 * size);
    }
    out.bits(0, 2);
  }
  if (custom.chains) {
    for (unsigned i = 0; i < structure.chains; ++i) out.bits(frame.chain_differences[i], 8);
  }
}

}  // namespace

std::optional<DependencyDescriptor> DependencyReader::read(core::Bytes value) {
  BitReader in{value};
  DependencyDescriptor descriptor;
  descriptor.first_packet = in.bit();
  descriptor.last_packet = in.bit();
  const std::uint32_t template_id = in.bits(6);
  descriptor.frame_number = static_cast<std::uint16_t>(in.bits(16));
  const bool extended = value.size() > mandatory_size;
  descriptor.has_structure = extended && in.bit();
  const bool has_active = extended && in.bit();
  const Custom custom{.targets = extended && in.bit(),
                      .differences = extended && in.bit(),
                      .chains = extended && in.bit()};
  std::optional<DependencyStructure> fresh;
  if (descriptor.has_structure) {
    fresh = read_structure(in);
    if (!fresh) return std::nullopt;
  }
  const auto& structure = fresh ? fresh : structure_;
  if (!structure || !in.ok()) return std::nullopt;
  if (has_active) descriptor.active_targets = in.bits(structure->decode_targets);
  const std::size_t index = (template_id + 64 - structure->template_id_offset) % 64;
  if (index >= structure->templates.size()) return std::nullopt;
  descriptor.dependencies = structure->templates[index];
  if (custom.targets) read_targets(in, structure->decode_targets, descriptor.dependencies);
  if (custom.differences && !read_own_differences(in, descriptor.dependencies)) return std::nullopt;
  for (unsigned i = 0; custom.chains && i < structure->chains; ++i) {
    descriptor.dependencies.chain_differences[i] = static_cast<std::uint8_t>(in.bits(8));
  }
  if (!in.ok()) return std::nullopt;
  if (fresh) structure_ = std::move(fresh);
  return descriptor;
}

std::size_t write_descriptor(const DependencyDescriptor& descriptor,
                             const DependencyStructure& structure, core::MutableBytes room) {
  const auto index = best_template(descriptor.dependencies, structure);
  if (!index) return 0;
  const Custom custom = compare(descriptor.dependencies, structure.templates[*index]);
  std::ranges::fill(room, std::uint8_t{0});
  BitWriter out{room};
  out.bit(descriptor.first_packet);
  out.bit(descriptor.last_packet);
  out.bits(static_cast<std::uint32_t>((*index + structure.template_id_offset) % 64), 6);
  out.bits(descriptor.frame_number, 16);
  if (descriptor.has_structure || descriptor.active_targets || custom.count() > 0) {
    out.bit(descriptor.has_structure);
    out.bit(descriptor.active_targets.has_value());
    out.bit(custom.targets);
    out.bit(custom.differences);
    out.bit(custom.chains);
    if (descriptor.has_structure) write_structure(out, structure);
    if (descriptor.active_targets) out.bits(*descriptor.active_targets, structure.decode_targets);
    write_own(out, descriptor.dependencies, custom, structure);
  }
  return out.ok() ? out.size() : 0;
}

DependencyWriter::DependencyWriter(std::uint8_t spatial_layers, std::uint8_t temporal_layers) {
  structure_.decode_targets = static_cast<std::uint8_t>(spatial_layers * temporal_layers);
  for (std::uint8_t spatial = 0; spatial < spatial_layers; ++spatial) {
    for (std::uint8_t temporal = 0; temporal < temporal_layers; ++temporal) {
      FrameDependencies& entry = structure_.templates.emplace_back();
      entry.spatial_layer = spatial;
      entry.temporal_layer = temporal;
      const bool top = temporal > 0 && temporal + 1 == temporal_layers;
      for (unsigned target = 0; target < structure_.decode_targets; ++target) {
        const unsigned target_spatial = target / temporal_layers;
        const unsigned target_temporal = target % temporal_layers;
        if (spatial > target_spatial || temporal > target_temporal) continue;
        const bool own = spatial == target_spatial && temporal == target_temporal;
        entry.targets[target] =
            own && top ? DecodeTargetIndication::discardable : DecodeTargetIndication::required;
      }
    }
  }
}

std::optional<DependencyDescriptor> DependencyWriter::describe(
    const core::EncodedFrame& frame) const {
  DependencyDescriptor descriptor;
  descriptor.frame_number = static_cast<std::uint16_t>(frame.id);
  descriptor.has_structure = frame.key && frame.spatial_layer == 0;
  FrameDependencies layer{.spatial_layer = frame.spatial_layer,
                          .temporal_layer = frame.temporal_layer};
  const auto found = std::ranges::find_if(structure_.templates, [&](const auto& entry) {
    return entry.spatial_layer == layer.spatial_layer &&
           entry.temporal_layer == layer.temporal_layer;
  });
  if (found == structure_.templates.end()) return std::nullopt;
  layer.targets = found->targets;
  // A key picture lets every target begin with it.
  for (auto& target : layer.targets) {
    if (frame.key && target == DecodeTargetIndication::required) {
      target = DecodeTargetIndication::switching;
    }
  }
  for (const std::int64_t id : frame.depends_on) {
    const std::int64_t difference = frame.id - id;
    if (difference < 1 || difference > 4096) return std::nullopt;
    if (!add_difference(layer, static_cast<std::uint32_t>(difference))) return std::nullopt;
  }
  descriptor.dependencies = layer;
  return descriptor;
}

}  // namespace lucid::rtp
