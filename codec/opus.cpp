#include <opus/opus.h>

#include <algorithm>

#include "codec/detail/engines.hpp"
#include "core/handle.hpp"

namespace lucid::codec::detail {

namespace {

constexpr std::uint32_t opus_rate = 48'000;
constexpr std::size_t max_packet = std::size_t{1275} * 3;  // RFC 6716 3.4
constexpr std::size_t max_samples =
    std::size_t{opus_rate} / 1000 * 120;  // the longest packet is 120 ms

std::size_t samples_of(core::Duration length) {
  const auto samples = length.count() * std::int64_t{opus_rate} / 1'000'000;
  return static_cast<std::size_t>(std::clamp<std::int64_t>(samples, 120, max_samples));
}

// RFC 6716 4.2.3: the first SILK frame begins with a VAD bit for each 20 ms of each channel's part,
// then the bit that tells of an LBRR (low bit-rate redundancy) frame.
bool carries_redundancy(core::Bytes packet) {
  const unsigned char* frames[48];
  opus_int16 sizes[48];
  unsigned char toc = 0;
  if (packet.empty()) return false;
  const int count = opus_packet_parse(packet.data(), static_cast<opus_int32>(packet.size()), &toc,
                                      frames, sizes, nullptr);
  constexpr unsigned char celt_only = 0x80;
  if (count < 1 || sizes[0] < 1 || (toc & celt_only) != 0) return false;
  const int parts = std::max(1, opus_packet_get_samples_per_frame(packet.data(), 48'000) / 960);
  const bool stereo = opus_packet_get_nb_channels(packet.data()) == 2;
  const bool mid = (frames[0][0] >> (7 - parts) & 1) != 0;
  return mid || (stereo && (frames[0][0] >> (6 - 2 * parts) & 1) != 0);
}

class OpusEncoderEngine final : public AudioEncoder {
 public:
  explicit OpusEncoderEngine(const AudioEncoderConfig& config) : config_{config} {}

  bool open() {
    int error = OPUS_OK;
    encoder_.reset(opus_encoder_create(opus_rate, config_.channels, OPUS_APPLICATION_VOIP, &error));
    if (error != OPUS_OK) return false;
    set_bitrate(config_.bitrate);
    set_expected_loss(config_.expected_loss);
    opus_encoder_ctl(encoder_.get(), OPUS_SET_INBAND_FEC(config_.fec ? 1 : 0));
    opus_encoder_ctl(encoder_.get(), OPUS_SET_DTX(config_.dtx ? 1 : 0));
    opus_encoder_ctl(encoder_.get(), OPUS_SET_COMPLEXITY(std::min<int>(config_.complexity, 10)));
    return true;
  }

  std::expected<core::EncodedFrame, CodecError> encode(const core::AudioFrame& frame) override {
    if (frame.sample_rate != opus_rate || frame.channels != config_.channels) {
      return std::unexpected(CodecError::bad_frame);
    }
    core::EncodedFrame out = encoded_from(core::Codec::opus, frame, next_id_++);
    out.data.resize(max_packet);
    const auto samples = static_cast<int>(frame.samples.size() / config_.channels);
    const opus_int32 size = opus_encode(encoder_.get(), frame.samples.data(), samples,
                                        out.data.data(), static_cast<opus_int32>(max_packet));
    if (size == OPUS_BAD_ARG) return std::unexpected(CodecError::bad_frame);
    if (size < 0) return std::unexpected(CodecError::engine_failed);
    // opus_encode: a packet of two bytes or less need not be sent; that is DTX.
    out.data.resize(config_.dtx && size <= 2 ? 0 : static_cast<std::size_t>(size));
    return out;
  }

  void set_bitrate(std::uint32_t bitrate) override {
    opus_encoder_ctl(encoder_.get(), OPUS_SET_BITRATE(static_cast<opus_int32>(bitrate)));
  }
  void set_expected_loss(std::uint8_t percent) override {
    opus_encoder_ctl(encoder_.get(), OPUS_SET_PACKET_LOSS_PERC(std::min<int>(percent, 100)));
  }

 private:
  AudioEncoderConfig config_;
  core::Handle<::OpusEncoder, opus_encoder_destroy> encoder_;
  std::int64_t next_id_ = 0;
};

class OpusDecoderEngine final : public AudioDecoder {
 public:
  explicit OpusDecoderEngine(std::uint8_t channels) : channels_{channels} {}

  bool open() {
    int error = OPUS_OK;
    decoder_.reset(opus_decoder_create(opus_rate, channels_, &error));
    return error == OPUS_OK;
  }

  std::uint32_t sample_rate() const override { return opus_rate; }
  std::uint8_t channels() const override { return channels_; }

  std::expected<core::AudioFrame, CodecError> decode(const core::EncodedFrame& frame) override {
    if (frame.data.empty()) return std::unexpected(CodecError::bad_data);
    return run(&frame, max_samples, 0);
  }

  std::expected<core::AudioFrame, CodecError> decode_redundancy(const core::EncodedFrame& frame,
                                                                core::Duration length) override {
    if (!carries_redundancy(frame.data)) return std::unexpected(CodecError::bad_data);
    return run(&frame, samples_of(length), 1);
  }

  core::AudioFrame conceal(core::Duration length) override {
    auto concealed = run(nullptr, samples_of(length), 0);
    if (concealed) return *std::move(concealed);
    core::AudioFrame silence = empty();
    silence.samples.resize(samples_of(length) * channels_);
    return silence;
  }

 private:
  core::AudioFrame empty() const {
    core::AudioFrame frame;
    frame.sample_rate = opus_rate;
    frame.channels = channels_;
    return frame;
  }

  std::expected<core::AudioFrame, CodecError> run(const core::EncodedFrame* from,
                                                  std::size_t samples, int redundancy) {
    core::AudioFrame out = empty();
    out.samples.resize(samples * channels_);
    const int decoded =
        opus_decode(decoder_.get(), from == nullptr ? nullptr : from->data.data(),
                    from == nullptr ? 0 : static_cast<opus_int32>(from->data.size()),
                    out.samples.data(), static_cast<int>(samples), redundancy);
    if (decoded < 0) return std::unexpected(CodecError::bad_data);
    out.samples.resize(static_cast<std::size_t>(decoded) * channels_);
    if (from != nullptr) {
      out.capture_time = from->capture_time;
      out.rtp_timestamp = from->rtp_timestamp;
    }
    return out;
  }

  std::uint8_t channels_;
  core::Handle<::OpusDecoder, opus_decoder_destroy> decoder_;
};

}  // namespace

AudioEncoderResult make_opus_encoder(const AudioEncoderConfig& config) {
  if (config.sample_rate != opus_rate || config.channels < 1 || config.channels > 2) {
    return std::unexpected(SetupError::bad_configuration);
  }
  auto encoder = std::make_unique<OpusEncoderEngine>(config);
  if (!encoder->open()) return std::unexpected(SetupError::engine_failed);
  return encoder;
}

AudioDecoderResult make_opus_decoder(std::uint8_t channels) {
  if (channels < 1 || channels > 2) return std::unexpected(SetupError::bad_configuration);
  auto decoder = std::make_unique<OpusDecoderEngine>(channels);
  if (!decoder->open()) return std::unexpected(SetupError::engine_failed);
  return decoder;
}

}  // namespace lucid::codec::detail
