#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/time.hpp"
#include "rtp/extension.hpp"
#include "rtp/ntp.hpp"

// What header extensions say. For use with read, add and overwrite of rtp/extension.hpp.
namespace lucid::rtp {

// Each value below has the type it belongs to, its size on the wire, and both directions. parse
// gives nullopt for what the extension does not allow; write fills exactly size() bytes.

// An SDES item in a header extension (RFC 7941): MID, RID and repaired RID.
template <ExtensionType which>
struct TextExtension {
  static constexpr ExtensionType type = which;
  std::string_view text;
  static std::optional<TextExtension> parse(core::Bytes value) {
    if (value.empty()) return std::nullopt;
    return TextExtension{core::as_text(value)};
  }
  std::size_t size() const { return text.size(); }
  void write(core::ByteWriter& out) const { out.text(text); }
};
using Mid = TextExtension<ExtensionType::mid>;
using Rid = TextExtension<ExtensionType::rid>;
using RepairedRid = TextExtension<ExtensionType::repaired_rid>;

struct AudioLevel {
  static constexpr ExtensionType type = ExtensionType::audio_level;
  std::uint8_t level = 127;  // -dBov, 0 (loudest) to 127 (silence)
  bool voice = false;
  static std::optional<AudioLevel> parse(core::Bytes value);
  std::size_t size() const { return 1; }
  void write(core::ByteWriter& out) const;
};

// One level for each CSRC, in their order.
struct MixerAudioLevels {
  static constexpr ExtensionType type = ExtensionType::mixer_audio_levels;
  std::array<std::uint8_t, 15> levels{};
  std::uint8_t count = 0;
  static std::optional<MixerAudioLevels> parse(core::Bytes value);
  std::size_t size() const { return count; }
  void write(core::ByteWriter& out) const;
};

// Both versions; version 2 may ask for feedback on the packets up to this one.
struct TransportSequence {
  static constexpr ExtensionType type = ExtensionType::transport_sequence;
  std::uint16_t sequence = 0;
  static std::optional<TransportSequence> parse(core::Bytes value);
  std::size_t size() const { return 2; }
  void write(core::ByteWriter& out) const;
};
struct TransportSequenceV2 {
  static constexpr ExtensionType type = ExtensionType::transport_sequence_v2;
  struct Request {
    bool include_timestamps = true;
    std::uint16_t count = 0;  // packets to report on, this one being the last; 0: none
  };
  std::uint16_t sequence = 0;
  std::optional<Request> request;
  static std::optional<TransportSequenceV2> parse(core::Bytes value);
  std::size_t size() const { return request ? 4 : 2; }
  void write(core::ByteWriter& out) const;
};

// When the packet left, in 6.18 fixed point seconds: wraps every 64 s.
struct AbsSendTime {
  static constexpr ExtensionType type = ExtensionType::abs_send_time;
  std::uint32_t value = 0;
  static AbsSendTime at(core::Time time);
  // How much later than `earlier` this is, taking the shorter way around the circle.
  core::Duration since(AbsSendTime earlier) const;
  static std::optional<AbsSendTime> parse(core::Bytes value);
  std::size_t size() const { return 3; }
  void write(core::ByteWriter& out) const;
};

struct AbsCaptureTime {
  static constexpr ExtensionType type = ExtensionType::abs_capture_time;
  NtpTime capture;                           // by the clock of the capturing system
  std::optional<std::int64_t> clock_offset;  // 32.32 s: to the sender's clock, from the capturer's
  static std::optional<AbsCaptureTime> parse(core::Bytes value);
  std::size_t size() const { return clock_offset ? 16 : 8; }
  void write(core::ByteWriter& out) const;
};

struct TransmissionOffset {
  static constexpr ExtensionType type = ExtensionType::transmission_offset;
  std::int32_t ticks = 0;  // 24 bits
  static std::optional<TransmissionOffset> parse(core::Bytes value);
  std::size_t size() const { return 3; }
  void write(core::ByteWriter& out) const;
};

struct VideoOrientation {
  static constexpr ExtensionType type = ExtensionType::video_orientation;
  std::uint16_t rotation = 0;  // degrees clockwise to turn before showing: 0, 90, 180, 270
  bool flip = false;
  bool back_camera = false;
  static std::optional<VideoOrientation> parse(core::Bytes value);
  std::size_t size() const { return 1; }
  void write(core::ByteWriter& out) const;
};

// Bounds that the sender sets to the receiver's delay, in steps of 10 ms up to 40.95 s.
struct PlayoutDelay {
  static constexpr ExtensionType type = ExtensionType::playout_delay;
  core::Duration least{};
  core::Duration most{};
  static std::optional<PlayoutDelay> parse(core::Bytes value);
  std::size_t size() const { return 3; }
  void write(core::ByteWriter& out) const;
};

struct VideoContentType {
  static constexpr ExtensionType type = ExtensionType::video_content_type;
  bool screen = false;
  static std::optional<VideoContentType> parse(core::Bytes value);
  std::size_t size() const { return 1; }
  void write(core::ByteWriter& out) const;
};

}  // namespace lucid::rtp
