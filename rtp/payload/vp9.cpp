#include "rtp/payload/vp9.hpp"

#include "rtp/payload/detail/bits.hpp"
#include "rtp/payload/detail/formats.hpp"

namespace lucid::rtp {
namespace {

constexpr std::uint32_t sync_code = 0x498342;
constexpr std::uint32_t color_space_srgb = 7;

void read_picture_id(core::ByteReader& in, Vp9Descriptor& descriptor) {
  const std::uint8_t id = in.u8();
  descriptor.wide_picture_id = (id & 0x80) != 0;
  descriptor.picture_id =
      descriptor.wide_picture_id ? static_cast<std::uint16_t>((id & 0x7F) << 8 | in.u8()) : id;
}

void read_layer(core::ByteReader& in, Vp9Descriptor& descriptor) {
  const std::uint8_t byte = in.u8();
  descriptor.layer = {.temporal = static_cast<std::uint8_t>(byte >> 5),
                      .switching_up = (byte & 0x10) != 0,
                      .spatial = static_cast<std::uint8_t>(byte >> 1 & 7),
                      .depends_below = (byte & 1) != 0};
  if (!descriptor.flexible) descriptor.tl0_pic_idx = in.u8();
}

// False when there are more than three references, which nothing may have.
bool read_references(core::ByteReader& in, Vp9References& references) {
  std::uint8_t byte = 1;
  while ((byte & 1) != 0 && in.ok()) {
    if (references.count == references.differences.size()) return false;
    byte = in.u8();
    references.differences[references.count++] = byte >> 1;
  }
  return in.ok();
}

std::optional<Vp9ScalabilityStructure> read_structure(core::ByteReader& in) {
  Vp9ScalabilityStructure structure;
  const std::uint8_t head = in.u8();
  structure.spatial_layers = static_cast<std::uint8_t>((head >> 5) + 1);
  structure.has_sizes = (head & 0x10) != 0;
  structure.has_group = (head & 0x08) != 0;
  for (unsigned i = 0; structure.has_sizes && i < structure.spatial_layers; ++i) {
    structure.sizes[i].width = in.u16();
    structure.sizes[i].height = in.u16();
  }
  if (structure.has_group) structure.group_size = in.u8();
  for (unsigned i = 0; i < structure.group_size && in.ok(); ++i) {
    Vp9ScalabilityStructure::Picture& picture = structure.group[i];
    const std::uint8_t byte = in.u8();
    picture.temporal = byte >> 5;
    picture.switching_up = (byte & 0x10) != 0;
    picture.references.count = byte >> 2 & 3;
    for (unsigned r = 0; r < picture.references.count; ++r) {
      picture.references.differences[r] = in.u8();
    }
  }
  if (!in.ok()) return std::nullopt;
  return structure;
}

}  // namespace

std::optional<Vp9Descriptor> Vp9Descriptor::parse(core::ByteReader& in) {
  const std::uint8_t first = in.u8();
  Vp9Descriptor descriptor;
  descriptor.inter_picture_predicted = (first & 0x40) != 0;
  descriptor.flexible = (first & 0x10) != 0;
  descriptor.begins_frame = (first & 0x08) != 0;
  descriptor.ends_frame = (first & 0x04) != 0;
  descriptor.not_reference_for_upper = (first & 0x01) != 0;
  if ((first & 0x80) != 0) read_picture_id(in, descriptor);
  if ((first & 0x20) != 0) read_layer(in, descriptor);
  // RFC 9628 4.2: P_DIFF needs picture ids to count from.
  if (descriptor.flexible && descriptor.inter_picture_predicted) {
    if (!descriptor.picture_id || !read_references(in, descriptor.references)) return std::nullopt;
  }
  if ((first & 0x02) != 0) {
    core::ByteReader ahead = in;
    const core::Bytes rest = ahead.rest();
    core::ByteReader structure{rest};
    if (!in.ok() || !read_structure(structure)) return std::nullopt;
    descriptor.scalability_structure = in.bytes(structure.position());
  }
  if (!in.ok()) return std::nullopt;
  return descriptor;
}

void Vp9Descriptor::write(core::ByteWriter& out) const {
  const bool has_references = flexible && inter_picture_predicted;
  out.u8(static_cast<std::uint8_t>(
      (picture_id ? 0x80U : 0) | (inter_picture_predicted ? 0x40U : 0) | (layer ? 0x20U : 0) |
      (flexible ? 0x10U : 0) | (begins_frame ? 0x08U : 0) | (ends_frame ? 0x04U : 0) |
      (scalability_structure.empty() ? 0 : 0x02U) | (not_reference_for_upper ? 0x01U : 0)));
  if (picture_id && wide_picture_id) {
    out.u16(static_cast<std::uint16_t>(0x8000 | (*picture_id & detail::picture_id_mask)));
  } else if (picture_id) {
    out.u8(static_cast<std::uint8_t>(*picture_id & 0x7F));
  }
  if (layer) {
    out.u8(static_cast<std::uint8_t>(layer->temporal << 5 | (layer->switching_up ? 0x10 : 0) |
                                     (layer->spatial & 7) << 1 | (layer->depends_below ? 1 : 0)));
    if (!flexible) out.u8(tl0_pic_idx.value_or(0));
  }
  for (unsigned i = 0; has_references && i < references.count; ++i) {
    const bool more = i + 1U < references.count;
    out.u8(static_cast<std::uint8_t>(references.differences[i] << 1 | (more ? 1 : 0)));
  }
  out.bytes(scalability_structure);
}

std::optional<Vp9ScalabilityStructure> Vp9ScalabilityStructure::parse(core::Bytes bytes) {
  core::ByteReader in{bytes};
  return read_structure(in);
}

void Vp9ScalabilityStructure::write(core::ByteWriter& out) const {
  out.u8(static_cast<std::uint8_t>((spatial_layers - 1) << 5 | (has_sizes ? 0x10 : 0) |
                                   (has_group ? 0x08 : 0)));
  for (unsigned i = 0; has_sizes && i < spatial_layers; ++i) {
    out.u16(sizes[i].width);
    out.u16(sizes[i].height);
  }
  if (!has_group) return;
  out.u8(group_size);
  for (unsigned i = 0; i < group_size; ++i) {
    const Picture& picture = group[i];
    out.u8(static_cast<std::uint8_t>(picture.temporal << 5 | (picture.switching_up ? 0x10 : 0) |
                                     picture.references.count << 2));
    out.bytes(core::Bytes{picture.references.differences}.first(picture.references.count));
  }
}

std::optional<Vp9FrameHeader> Vp9FrameHeader::parse(core::Bytes frame) {
  detail::BitReader in{frame};
  if (in.bits(2) != 2) return std::nullopt;
  const std::uint32_t low = in.bits(1);
  const std::uint32_t profile = in.bits(1) << 1 | low;
  if (profile == 3) in.skip(1);
  Vp9FrameHeader header;
  if (in.bit()) return in.ok() ? std::optional{header} : std::nullopt;  // shows one it has
  header.key = !in.bit();
  header.show = in.bit();
  in.skip(1);
  if (!header.key) return in.ok() ? std::optional{header} : std::nullopt;
  if (in.bits(24) != sync_code) return std::nullopt;
  // VP9 bitstream 6.2.2: color_config, then the size.
  if (profile >= 2) in.skip(1);
  if (in.bits(3) != color_space_srgb) {
    in.skip(profile % 2 == 1 ? 4 : 1);
  } else if (profile % 2 == 1) {
    in.skip(1);
  }
  const std::uint32_t width = in.bits(16) + 1;
  const std::uint32_t height = in.bits(16) + 1;
  if (!in.ok() || width > 0xFFFF || height > 0xFFFF) return std::nullopt;
  header.width = static_cast<std::uint16_t>(width);
  header.height = static_cast<std::uint16_t>(height);
  return header;
}

}  // namespace lucid::rtp
