#include "rtp/ntp.hpp"
#include "rtp/payload/detail/formats.hpp"
#include "rtp/payload/opus.hpp"

// Opus, G.722, G.711 and telephone-event: one packet of sound is one payload.
namespace lucid::rtp {
namespace {

std::optional<core::Duration> duration_of(core::Codec codec, core::Bytes data) {
  if (codec == core::Codec::opus) {
    const auto packet = OpusPacket::parse(data);
    return packet ? std::optional{packet->duration} : std::nullopt;
  }
  if (codec == core::Codec::telephone_event) return std::nullopt;
  // RFC 3551 4.5.2 and 4.5.14: 64 kbit/s, so that one byte lasts one tick of 8 kHz.
  return ticks_to_duration(static_cast<std::int64_t>(data.size()), 8000);
}

class AudioPacketizer final : public Packetizer {
 public:
  explicit AudioPacketizer(core::Codec codec) : codec_{codec} {}

  bool open(const core::EncodedFrame& frame, std::size_t limit) override {
    // RFC 7587 4.2: one Opus packet in one RTP packet, never in parts.
    data_ = {};
    if (frame.data.empty() || frame.data.size() > limit) return false;
    data_ = frame.data;
    // RFC 3551 4.1: the marker shows where sound comes back after packets were held back.
    marker_ = !expected_timestamp_ || *expected_timestamp_ != frame.rtp_timestamp;
    const auto duration = duration_of(codec_, data_);
    if (duration) {
      expected_timestamp_ = frame.rtp_timestamp + static_cast<std::uint32_t>(duration_to_ticks(
                                                      *duration, clock_rate(codec_)));
    }
    return true;
  }

  std::optional<Piece> next(core::MutableBytes room) override {
    if (data_.empty()) return std::nullopt;
    core::ByteWriter out{room};
    out.bytes(data_);
    data_ = {};
    return Piece{.size = out.size(), .first = true, .last = true, .marker = marker_};
  }

 private:
  const core::Codec codec_;
  core::Bytes data_;
  bool marker_ = false;
  std::optional<std::uint32_t> expected_timestamp_;
};

class AudioDepacketizer final : public Depacketizer {
 public:
  explicit AudioDepacketizer(core::Codec codec) : codec_{codec} {}

  std::optional<PayloadInfo> inspect(core::Bytes payload, bool) const override {
    if (!acceptable(payload)) return std::nullopt;
    return PayloadInfo{
        .starts_frame = true, .ends_frame = true, .last_of_picture = true, .key = true};
  }

  bool assemble(std::span<const core::Bytes> payloads, core::EncodedFrame& frame) const override {
    if (payloads.size() != 1 || !acceptable(payloads[0])) return false;
    frame.codec = codec_;
    frame.data.assign(payloads[0].begin(), payloads[0].end());
    frame.duration = duration_of(codec_, frame.data);
    frame.key = true;
    return true;
  }

 private:
  bool acceptable(core::Bytes payload) const {
    if (codec_ == core::Codec::opus) return OpusPacket::parse(payload).has_value();
    // RFC 4733 2.3: an event is four bytes, and there may be several.
    if (codec_ == core::Codec::telephone_event && payload.size() % 4 != 0) return false;
    return !payload.empty();
  }

  const core::Codec codec_;
};

}  // namespace

namespace detail {

std::unique_ptr<Packetizer> audio_packetizer(core::Codec codec) {
  return std::make_unique<AudioPacketizer>(codec);
}

std::unique_ptr<Depacketizer> audio_depacketizer(core::Codec codec) {
  return std::make_unique<AudioDepacketizer>(codec);
}

}  // namespace detail
}  // namespace lucid::rtp
