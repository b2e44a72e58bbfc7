#include <algorithm>
#include <cstring>

#include "codec/detail/av.hpp"
#include "codec/detail/engines.hpp"

namespace lucid::codec::detail {

namespace {

constexpr std::uint32_t g722_rate = 16'000;

AvContext open(const AVCodec* engine) {
  if (engine == nullptr) return nullptr;
  AvContext context{avcodec_alloc_context3(engine)};
  context->sample_rate = g722_rate;
  context->sample_fmt = AV_SAMPLE_FMT_S16;
  context->bit_rate = 64'000;
  av_channel_layout_default(&context->ch_layout, 1);
  av_log_set_level(AV_LOG_QUIET);
  if (avcodec_open2(context.get(), engine, nullptr) != 0) return nullptr;
  return context;
}

class G722Encoder final : public AudioEncoder {
 public:
  explicit G722Encoder(AvContext context) : context_{std::move(context)} {}

  std::expected<core::EncodedFrame, CodecError> encode(const core::AudioFrame& frame) override {
    const bool fits = frame.sample_rate == g722_rate && frame.channels == 1 &&
                      !frame.samples.empty() && frame.samples.size() % 2 == 0;
    if (!fits) return std::unexpected(CodecError::bad_frame);
    core::EncodedFrame out = encoded_from(core::Codec::g722, frame, next_id_++);
    if (!run(frame.samples, out.data)) return std::unexpected(CodecError::engine_failed);
    return out;
  }

 private:
  bool run(const std::vector<std::int16_t>& samples, std::vector<std::uint8_t>& data) {
    frame_->format = AV_SAMPLE_FMT_S16;
    frame_->sample_rate = g722_rate;
    frame_->nb_samples = static_cast<int>(samples.size());
    av_channel_layout_default(&frame_->ch_layout, 1);
    if (av_frame_get_buffer(frame_.get(), 0) != 0) return false;
    std::memcpy(frame_->data[0], samples.data(), samples.size() * sizeof(std::int16_t));
    const int sent = avcodec_send_frame(context_.get(), frame_.get());
    av_frame_unref(frame_.get());
    if (sent < 0) return false;
    while (avcodec_receive_packet(context_.get(), packet_.get()) == 0) {
      data.insert(data.end(), packet_->data, packet_->data + packet_->size);
      av_packet_unref(packet_.get());
    }
    return true;
  }

  AvContext context_;
  AvFrame frame_{av_frame_alloc()};
  AvPacket packet_{av_packet_alloc()};
  std::int64_t next_id_ = 0;
};

class G722Decoder final : public AudioDecoder {
 public:
  explicit G722Decoder(AvContext context) : context_{std::move(context)} {}
  std::uint32_t sample_rate() const override { return g722_rate; }
  std::uint8_t channels() const override { return 1; }

  std::expected<core::AudioFrame, CodecError> decode(const core::EncodedFrame& frame) override {
    if (frame.data.empty() ||
        av_new_packet(packet_.get(), static_cast<int>(frame.data.size())) != 0) {
      return std::unexpected(CodecError::bad_data);
    }
    std::memcpy(packet_->data, frame.data.data(), frame.data.size());
    const int sent = avcodec_send_packet(context_.get(), packet_.get());
    av_packet_unref(packet_.get());
    if (sent < 0) return std::unexpected(CodecError::bad_data);
    core::AudioFrame out;
    out.sample_rate = g722_rate;
    while (avcodec_receive_frame(context_.get(), frame_.get()) == 0) {
      const auto* samples = reinterpret_cast<const std::int16_t*>(frame_->data[0]);
      out.samples.insert(out.samples.end(), samples, samples + frame_->nb_samples);
      av_frame_unref(frame_.get());
    }
    out.capture_time = frame.capture_time;
    out.rtp_timestamp = frame.rtp_timestamp;
    last_ = out.samples;
    return out;
  }

  core::AudioFrame conceal(core::Duration length) override {
    return fade(last_, g722_rate, length);
  }

 private:
  AvContext context_;
  AvFrame frame_{av_frame_alloc()};
  AvPacket packet_{av_packet_alloc()};
  std::vector<std::int16_t> last_;
};

}  // namespace

AudioEncoderResult make_g722_encoder(const AudioEncoderConfig& config) {
  if (config.sample_rate != g722_rate || config.channels != 1) {
    return std::unexpected(SetupError::bad_configuration);
  }
  AvContext context = open(avcodec_find_encoder(AV_CODEC_ID_ADPCM_G722));
  if (!context) return std::unexpected(SetupError::engine_failed);
  return std::make_unique<G722Encoder>(std::move(context));
}

AudioDecoderResult make_g722_decoder() {
  AvContext context = open(avcodec_find_decoder(AV_CODEC_ID_ADPCM_G722));
  if (!context) return std::unexpected(SetupError::engine_failed);
  return std::make_unique<G722Decoder>(std::move(context));
}

}  // namespace lucid::codec::detail
