#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "core/bytes.hpp"

namespace lucid::rtp {

// Which pictures a picture refers to, counted back from it; at most three.
struct Vp9References {
  std::array<std::uint8_t, 3> differences{};
  std::uint8_t count = 0;
  friend bool operator==(const Vp9References&, const Vp9References&) = default;
};

// The payload descriptor in front of each VP9 payload (RFC 9628 4.2).
//
//         0 1 2 3 4 5 6 7
//        +-+-+-+-+-+-+-+-+
//        |I|P|L|F|B|E|V|Z|  P: inter-picture predicted  F: flexible  B, E: begins, ends a frame
//        +-+-+-+-+-+-+-+-+
//   I:   |M| PICTURE ID  |  7 bits, or 15 with M
//        +-+-+-+-+-+-+-+-+
//   L:   | TID |U| SID |D|  U: switching up point  D: depends on the spatial layer below
//        +-+-+-+-+-+-+-+-+
//        |   TL0PICIDX   |  without F
//        +-+-+-+-+-+-+-+-+
//   P,F: | P_DIFF      |N|  up to three, while N
//        +-+-+-+-+-+-+-+-+
//   V:   | scalability structure ...
//        +-+-+-+-+-+-+-+-+
struct Vp9Descriptor {
  struct Layer {
    std::uint8_t temporal = 0;
    bool switching_up = false;
    std::uint8_t spatial = 0;
    bool depends_below = false;
    friend bool operator==(const Layer&, const Layer&) = default;
  };

  bool inter_picture_predicted = false;
  bool flexible = false;
  bool begins_frame = false;
  bool ends_frame = false;
  bool not_reference_for_upper = false;  // Z
  std::optional<std::uint16_t> picture_id;
  bool wide_picture_id = true;  // 15 bits
  std::optional<Layer> layer;
  std::optional<std::uint8_t> tl0_pic_idx;
  Vp9References references;           // flexible mode
  core::Bytes scalability_structure;  // borrowed; empty when there is none

  // Reads a descriptor and leaves `in` at the bytes of the frame; nullopt when it is malformed.
  static std::optional<Vp9Descriptor> parse(core::ByteReader& in);
  void write(core::ByteWriter& out) const;
};

// RFC 9628 4.2.1: the layers' sizes, and the pictures of a group with their references.
//
//        +-+-+-+-+-+-+-+-+
//        | N_S |Y|G|-|-|-|   Y: width and height of each layer   G: a picture group follows
//        +-+-+-+-+-+-+-+-+
struct Vp9ScalabilityStructure {
  struct Size {
    std::uint16_t width = 0;
    std::uint16_t height = 0;
    friend bool operator==(const Size&, const Size&) = default;
  };
  struct Picture {
    std::uint8_t temporal = 0;
    bool switching_up = false;
    Vp9References references;
    friend bool operator==(const Picture&, const Picture&) = default;
  };

  std::uint8_t spatial_layers = 1;
  bool has_sizes = false;
  std::array<Size, 8> sizes{};
  bool has_group = false;
  std::uint8_t group_size = 0;
  std::array<Picture, 255> group{};

  static std::optional<Vp9ScalabilityStructure> parse(core::Bytes bytes);
  void write(core::ByteWriter& out) const;
};

// What the uncompressed header of a VP9 frame tells without decoding (VP9 bitstream 6.2).
struct Vp9FrameHeader {
  bool key = false;
  bool show = true;
  std::uint16_t width = 0;  // key frames only
  std::uint16_t height = 0;
  static std::optional<Vp9FrameHeader> parse(core::Bytes frame);
};

}  // namespace lucid::rtp
