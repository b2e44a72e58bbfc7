#include <algorithm>
#include <array>
#include <bit>

#include "codec/detail/engines.hpp"

namespace lucid::codec {

namespace {

constexpr int ulaw_bias = 132;
constexpr int ulaw_limit = 32635;
constexpr std::uint32_t g711_rate = 8000;

constexpr std::int16_t expand_ulaw(std::uint8_t code) {
  const auto bits = static_cast<std::uint8_t>(~code);
  const int exponent = bits >> 4 & 7;
  const int magnitude = (((bits & 15) << 3) + ulaw_bias) << exponent;
  const int value = magnitude - ulaw_bias;
  return static_cast<std::int16_t>((bits & 0x80) != 0 ? -value : value);
}

constexpr std::int16_t expand_alaw(std::uint8_t code) {
  const auto bits = static_cast<std::uint8_t>(code ^ 0x55);
  const int exponent = bits >> 4 & 7;
  const int mantissa = (bits & 15) << 4 | 8;
  const int value = exponent == 0 ? mantissa : (mantissa + 256) << (exponent - 1);
  return static_cast<std::int16_t>((bits & 0x80) != 0 ? value : -value);
}

template <std::int16_t (*expand)(std::uint8_t)>
constexpr std::array<std::int16_t, 256> table() {
  std::array<std::int16_t, 256> values{};
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = expand(static_cast<std::uint8_t>(i));
  return values;
}
constexpr auto ulaw_table = table<expand_ulaw>();
constexpr auto alaw_table = table<expand_alaw>();

}  // namespace

std::uint8_t ulaw_from_linear(std::int16_t sample) {
  const unsigned sign = sample < 0 ? 0x80U : 0U;
  const int magnitude = std::min(std::abs(int{sample}), ulaw_limit) + ulaw_bias;
  const int exponent = static_cast<int>(std::bit_width(static_cast<unsigned>(magnitude))) - 8;
  const auto mantissa = static_cast<unsigned>(magnitude >> (exponent + 3) & 15);
  return static_cast<std::uint8_t>(~(sign | static_cast<unsigned>(exponent) << 4 | mantissa));
}

std::int16_t linear_from_ulaw(std::uint8_t code) { return ulaw_table[code]; }

std::uint8_t alaw_from_linear(std::int16_t sample) {
  const unsigned sign = sample >= 0 ? 0x80U : 0U;
  // ITU-T G.711: negative values are coded by their one's complement, so that 0 and -1 differ.
  const int magnitude = sample >= 0 ? sample : ~int{sample};
  const int exponent =
      std::max(0, static_cast<int>(std::bit_width(static_cast<unsigned>(magnitude))) - 8);
  const int shift = exponent == 0 ? 4 : exponent + 3;
  const auto mantissa = static_cast<unsigned>(magnitude >> shift & 15);
  return static_cast<std::uint8_t>((sign | static_cast<unsigned>(exponent) << 4 | mantissa) ^ 0x55);
}

std::int16_t linear_from_alaw(std::uint8_t code) { return alaw_table[code]; }

namespace detail {

namespace {

class G711Encoder final : public AudioEncoder {
 public:
  explicit G711Encoder(core::Codec codec) : codec_{codec} {}

  std::expected<core::EncodedFrame, CodecError> encode(const core::AudioFrame& frame) override {
    if (frame.sample_rate != g711_rate || frame.channels != 1 || frame.samples.empty()) {
      return std::unexpected(CodecError::bad_frame);
    }
    core::EncodedFrame out = encoded_from(codec_, frame, next_id_++);
    out.data.resize(frame.samples.size());
    std::ranges::transform(frame.samples, out.data.begin(),
                           codec_ == core::Codec::pcmu ? ulaw_from_linear : alaw_from_linear);
    return out;
  }

 private:
  core::Codec codec_;
  std::int64_t next_id_ = 0;
};

class G711Decoder final : public AudioDecoder {
 public:
  explicit G711Decoder(core::Codec codec) : codec_{codec} {}
  std::uint32_t sample_rate() const override { return g711_rate; }
  std::uint8_t channels() const override { return 1; }

  std::expected<core::AudioFrame, CodecError> decode(const core::EncodedFrame& frame) override {
    if (frame.data.empty()) return std::unexpected(CodecError::bad_data);
    core::AudioFrame out;
    out.sample_rate = g711_rate;
    out.samples.resize(frame.data.size());
    std::ranges::transform(frame.data, out.samples.begin(),
                           codec_ == core::Codec::pcmu ? linear_from_ulaw : linear_from_alaw);
    out.capture_time = frame.capture_time;
    out.rtp_timestamp = frame.rtp_timestamp;
    last_ = out.samples;
    return out;
  }

  core::AudioFrame conceal(core::Duration length) override {
    return fade(last_, g711_rate, length);
  }

 private:
  core::Codec codec_;
  std::vector<std::int16_t> last_;
};

}  // namespace

AudioEncoderResult make_g711_encoder(const AudioEncoderConfig& config) {
  if (config.sample_rate != g711_rate || config.channels != 1) {
    return std::unexpected(SetupError::bad_configuration);
  }
  return std::make_unique<G711Encoder>(config.codec);
}

AudioDecoderResult make_g711_decoder(core::Codec codec) {
  return std::make_unique<G711Decoder>(codec);
}

}  // namespace detail

}  // namespace lucid::codec
