#pragma once
#include <cstdint>
#include <expected>
#include <memory>
#include <vector>

#include "codec/video.hpp"
#include "core/media.hpp"

// Audio codecs: samples in, packets out, and back; with what Opus does about loss.
namespace lucid::codec {

struct AudioEncoderConfig {
  core::Codec codec = core::Codec::opus;
  std::uint32_t sample_rate = 48000;  // opus: 48000; g722: 16000; pcmu, pcma: 8000
  std::uint8_t channels = 1;          // opus: 1 or 2
  std::uint32_t bitrate = 32'000;     // opus only, as all below
  bool fec = true;                    // in-band forward error correction (RFC 6716 2.1.7)
  bool dtx = false;                   // nothing is sent during silence
  std::uint8_t complexity = 5;        // 0 to 10
  std::uint8_t expected_loss = 0;     // percent; FEC pays only when some loss is expected
};

class AudioEncoder {
 public:
  virtual ~AudioEncoder() = default;
  // One packet for one frame of samples (10 or 20 ms; opus also 40 and 60). Empty data: DTX, send
  // nothing.
  virtual std::expected<core::EncodedFrame, CodecError> encode(const core::AudioFrame& frame) = 0;
  virtual void set_bitrate(std::uint32_t) {}
  virtual void set_expected_loss(std::uint8_t /*percent*/) {}
};

class AudioDecoder {
 public:
  virtual ~AudioDecoder() = default;
  virtual std::uint32_t sample_rate() const = 0;
  virtual std::uint8_t channels() const = 0;
  virtual std::expected<core::AudioFrame, CodecError> decode(const core::EncodedFrame& frame) = 0;
  // The frame before this one, from the redundancy this one carries; an error where it has none.
  virtual std::expected<core::AudioFrame, CodecError> decode_redundancy(
      const core::EncodedFrame& frame, core::Duration length);
  // Something to play in place of what was lost.
  virtual core::AudioFrame conceal(core::Duration length) = 0;
};

std::expected<std::unique_ptr<AudioEncoder>, SetupError> make_encoder(
    const AudioEncoderConfig& config);
std::expected<std::unique_ptr<AudioDecoder>, SetupError> make_audio_decoder(
    core::Codec codec, std::uint8_t channels = 1);

// Best first: Opus, G.722, PCMU, PCMA.
std::vector<core::Codec> encodable_audio();
std::vector<core::Codec> decodable_audio();

// G.711 (ITU-T G.711), sample by sample.
std::uint8_t ulaw_from_linear(std::int16_t sample);
std::int16_t linear_from_ulaw(std::uint8_t code);
std::uint8_t alaw_from_linear(std::int16_t sample);
std::int16_t linear_from_alaw(std::uint8_t code);

}  // namespace lucid::codec
