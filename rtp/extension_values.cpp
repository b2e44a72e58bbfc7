#include "rtp/extension_values.hpp"

#include <algorithm>

namespace lucid::rtp {
namespace {

constexpr core::Duration playout_delay_step{10'000};
constexpr std::int64_t most_playout_delay_steps = 0xFFF;

std::uint32_t playout_steps(core::Duration delay) {
  const std::int64_t steps = delay / playout_delay_step;
  return static_cast<std::uint32_t>(std::clamp(steps, std::int64_t{0}, most_playout_delay_steps));
}

}  // namespace

std::optional<AudioLevel> AudioLevel::parse(core::Bytes value) {
  // RFC 6464 3: one byte; the two-byte form may pad it with bytes to come.
  if (value.empty()) return std::nullopt;
  return AudioLevel{.level = static_cast<std::uint8_t>(value[0] & 0x7F),
                    .voice = (value[0] & 0x80) != 0};
}

void AudioLevel::write(core::ByteWriter& out) const {
  out.u8(static_cast<std::uint8_t>((level & 0x7F) | (voice ? 0x80 : 0)));
}

std::optional<MixerAudioLevels> MixerAudioLevels::parse(core::Bytes value) {
  // RFC 6465 3: the top bit of each level is reserved.
  MixerAudioLevels parsed;
  if (value.empty() || value.size() > parsed.levels.size()) return std::nullopt;
  for (const std::uint8_t byte : value) parsed.levels[parsed.count++] = byte & 0x7F;
  return parsed;
}

void MixerAudioLevels::write(core::ByteWriter& out) const {
  out.bytes(core::Bytes{levels}.first(count));
}

std::optional<TransportSequence> TransportSequence::parse(core::Bytes value) {
  if (value.size() != 2) return std::nullopt;
  return TransportSequence{core::ByteReader{value}.u16()};
}

void TransportSequence::write(core::ByteWriter& out) const { out.u16(sequence); }

std::optional<TransportSequenceV2> TransportSequenceV2::parse(core::Bytes value) {
  if (value.size() != 2 && value.size() != 4) return std::nullopt;
  core::ByteReader in{value};
  TransportSequenceV2 parsed{.sequence = in.u16(), .request = std::nullopt};
  if (value.size() == 4) {
    const std::uint16_t request = in.u16();
    parsed.request = Request{.include_timestamps = (request & 0x8000) != 0,
                             .count = static_cast<std::uint16_t>(request & 0x7FFF)};
  }
  return parsed;
}

void TransportSequenceV2::write(core::ByteWriter& out) const {
  out.u16(sequence);
  if (!request) return;
  out.u16(static_cast<std::uint16_t>((request->include_timestamps ? 0x8000 : 0) |
                                     (request->count & 0x7FFF)));
}

AbsSendTime AbsSendTime::at(core::Time time) {
  const auto microseconds = static_cast<std::uint64_t>(time.time_since_epoch().count());
  const std::uint64_t within = microseconds % 64'000'000;
  return {static_cast<std::uint32_t>(((within << 18) + 500'000) / 1'000'000) & 0xFFFFFF};
}

core::Duration AbsSendTime::since(AbsSendTime earlier) const {
  std::int64_t ticks = (value - earlier.value) & 0xFFFFFF;
  if (ticks >= 0x800000) ticks -= 0x1000000;
  return core::Duration{ticks * 1'000'000 / (1 << 18)};
}

std::optional<AbsSendTime> AbsSendTime::parse(core::Bytes value) {
  if (value.size() != 3) return std::nullopt;
  return AbsSendTime{core::ByteReader{value}.u24()};
}

void AbsSendTime::write(core::ByteWriter& out) const { out.u24(value & 0xFFFFFF); }

std::optional<AbsCaptureTime> AbsCaptureTime::parse(core::Bytes value) {
  if (value.size() != 8 && value.size() != 16) return std::nullopt;
  core::ByteReader in{value};
  AbsCaptureTime parsed{.capture = NtpTime{in.u64()}, .clock_offset = std::nullopt};
  if (value.size() == 16) parsed.clock_offset = static_cast<std::int64_t>(in.u64());
  return parsed;
}

void AbsCaptureTime::write(core::ByteWriter& out) const {
  out.u64(capture.value());
  if (clock_offset) out.u64(static_cast<std::uint64_t>(*clock_offset));
}

std::optional<TransmissionOffset> TransmissionOffset::parse(core::Bytes value) {
  if (value.size() != 3) return std::nullopt;
  const auto ticks = static_cast<std::int32_t>(core::ByteReader{value}.u24());
  return TransmissionOffset{ticks >= 0x800000 ? ticks - 0x1000000 : ticks};
}

void TransmissionOffset::write(core::ByteWriter& out) const {
  out.u24(static_cast<std::uint32_t>(ticks) & 0xFFFFFF);
}

std::optional<VideoOrientation> VideoOrientation::parse(core::Bytes value) {
  // 3GPP TS 26.114 7.4.5: 0 0 0 0 C F R1 R0; R counts quarter turns that the picture was turned
  // counter-clockwise, to be undone clockwise.
  if (value.size() != 1) return std::nullopt;
  return VideoOrientation{.rotation = static_cast<std::uint16_t>((value[0] & 3) * 90),
                          .flip = (value[0] & 4) != 0,
                          .back_camera = (value[0] & 8) != 0};
}

void VideoOrientation::write(core::ByteWriter& out) const {
  out.u8(static_cast<std::uint8_t>((rotation / 90 & 3) | (flip ? 4 : 0) | (back_camera ? 8 : 0)));
}

std::optional<PlayoutDelay> PlayoutDelay::parse(core::Bytes value) {
  if (value.size() != 3) return std::nullopt;
  const std::uint32_t both = core::ByteReader{value}.u24();
  const PlayoutDelay parsed{.least = (both >> 12) * playout_delay_step,
                            .most = (both & 0xFFF) * playout_delay_step};
  if (parsed.least > parsed.most) return std::nullopt;
  return parsed;
}

void PlayoutDelay::write(core::ByteWriter& out) const {
  out.u24(playout_steps(least) << 12 | playout_steps(most));
}

std::optional<VideoContentType> VideoContentType::parse(core::Bytes value) {
  if (value.size() != 1) return std::nullopt;
  return VideoContentType{(value[0] & 1) != 0};
}

void VideoContentType::write(core::ByteWriter& out) const { out.u8(screen ? 1 : 0); }

}  // namespace lucid::rtp
