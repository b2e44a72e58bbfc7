#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "rtp/packet.hpp"

// RTP header extensions (RFC 8285): which exist, which ids a session gave them, what they say.
namespace lucid::rtp {

enum class ExtensionType : std::uint8_t {
  mid,                    // RFC 9143 15.2
  rid,                    // RFC 8852 3.1
  repaired_rid,           // RFC 8852 3.2
  audio_level,            // RFC 6464
  mixer_audio_levels,     // RFC 6465
  transport_sequence,     // transport-wide-cc 01
  transport_sequence_v2,  // transport-wide-cc 02
  abs_send_time,
  abs_capture_time,
  transmission_offset,  // RFC 5450
  video_orientation,    // 3GPP TS 26.114 7.4.5
  playout_delay,
  video_content_type,
  video_timing,
  color_space,
  dependency_descriptor,    // AV1 RTP, appendix A: rtp/dependency_descriptor.hpp
  video_layers_allocation,  // rtp/video_layers_allocation.hpp
};
constexpr std::size_t extension_type_count = 17;
std::string_view uri(ExtensionType type);
std::string_view to_string(ExtensionType type);
// Whether it speaks of one stream on one transport, and of the packet's way there: the same packet
// sent once more, or by another, says something else.
bool is_of_transport(ExtensionType type);
std::optional<ExtensionType> extension_from_uri(std::string_view uri);

// Which id stands for which extension in one direction of one session (a=extmap).
class ExtensionMap {
 public:
  // False for ids that RFC 8285 does not allow (0, 15, above 255) and for one that is taken.
  bool add(std::uint8_t id, ExtensionType type);
  std::optional<std::uint8_t> id(ExtensionType type) const;
  std::optional<ExtensionType> type(std::uint8_t id) const;
  bool has(ExtensionType type) const { return id(type).has_value(); }
  friend bool operator==(const ExtensionMap&, const ExtensionMap&) = default;

 private:
  std::array<std::uint8_t, extension_type_count> ids_{};  // 0: not negotiated
};

// The value that a packet carries, if the session knows the extension and the packet has it.
template <class Value>
std::optional<Value> read(const Packet& packet, const ExtensionMap& map) {
  const auto id = map.id(Value::type);
  const auto bytes = id ? packet.extension(*id) : std::nullopt;
  return bytes ? Value::parse(*bytes) : std::nullopt;
}

// False when the session does not know the extension or the header is full.
template <class Value>
bool add(HeaderWriter& header, const ExtensionMap& map, const Value& value) {
  const auto id = map.id(Value::type);
  if (!id || value.size() == 0) return false;
  core::ByteWriter out{header.add_extension(*id, value.size())};
  value.write(out);
  return out.ok();
}

// Fills room that add() made before, such as a transport-wide number when the pacer lets go.
template <class Value>
bool overwrite(core::MutableBytes packet, const ExtensionMap& map, const Value& value) {
  const auto id = map.id(Value::type);
  const core::MutableBytes room = id ? PacketRewriter{packet}.extension(*id) : core::MutableBytes{};
  if (room.empty() || room.size() != value.size()) return false;
  core::ByteWriter out{room};
  value.write(out);
  return out.ok();
}

}  // namespace lucid::rtp
