#pragma once
#include <array>

#include "codec/audio.hpp"
#include "codec/video.hpp"

// Every engine's way in. Which of them exist is decided when configuring: see codec/CMakeLists.txt.
namespace lucid::codec::detail {

using EncoderResult = std::expected<std::unique_ptr<VideoEncoder>, SetupError>;
using DecoderResult = std::expected<std::unique_ptr<VideoDecoder>, SetupError>;

EncoderResult make_vpx_encoder(const VideoEncoderConfig& config);
DecoderResult make_vpx_decoder(core::Codec codec);
EncoderResult make_openh264_encoder(const VideoEncoderConfig& config);
EncoderResult make_x264_encoder(const VideoEncoderConfig& config);
bool x264_available();
EncoderResult make_aom_encoder(const VideoEncoderConfig& config);
DecoderResult make_av_decoder(core::Codec codec);
bool av_decodes(core::Codec codec);

using AudioEncoderResult = std::expected<std::unique_ptr<AudioEncoder>, SetupError>;
using AudioDecoderResult = std::expected<std::unique_ptr<AudioDecoder>, SetupError>;
AudioEncoderResult make_opus_encoder(const AudioEncoderConfig& config);
AudioDecoderResult make_opus_decoder(std::uint8_t channels);
AudioEncoderResult make_g711_encoder(const AudioEncoderConfig& config);
AudioDecoderResult make_g711_decoder(core::Codec codec);
AudioEncoderResult make_g722_encoder(const AudioEncoderConfig& config);
AudioDecoderResult make_g722_decoder();

constexpr int timebase = 90'000;  // of pictures, as RTP counts them
// Shares of the bit rate up to and including each temporal layer, in percent, for one to three.
constexpr std::array<std::array<unsigned, 3>, 3> layer_share{
    {{100, 100, 100}, {60, 100, 100}, {40, 60, 100}}};

// Larger pictures than this are refused in both directions: 64 megapixels is a memory bomb.
constexpr std::uint32_t max_pixels = 8192 * 4352;

constexpr bool sound(std::uint32_t width, std::uint32_t height) {
  return width > 0 && height > 0 && width <= 16384 && height <= 16384 &&
         width * height <= max_pixels;
}
// True when the planes are as long as the size says.
bool whole(const core::VideoFrame& frame);

// What the encoded takes over from what was encoded; sound is a key frame each time.
core::EncodedFrame encoded_from(core::Codec codec, const core::VideoFrame& frame,
                                const std::string& rid);
core::EncodedFrame encoded_from(core::Codec codec, const core::AudioFrame& frame, std::int64_t id);
// In place of lost sound: the last samples over again, more quietly each time.
core::AudioFrame fade(std::vector<std::int16_t>& last, std::uint32_t rate, core::Duration length);

// Which temporal layer the nth picture since the last key frame is in: 0; 0 1; 0 2 1 2.
std::uint8_t temporal_layer_at(std::uint8_t layers, std::int64_t picture);

// Ids of frames and what each depends on, for encoders whose references follow that pattern: a
// frame needs the latest one of its own layer or lower that the pattern keeps.
class Dependencies {
 public:
  explicit Dependencies(std::uint8_t temporal_layers) : layers_{temporal_layers} {}
  // Fills in id, depends_on, discardable and temporal_layer of the next frame.
  void next(core::EncodedFrame& frame, std::uint8_t temporal_layer);
  // The same for a higher spatial layer of the picture whose lowest layer is `base`.
  void above(core::EncodedFrame& frame, const core::EncodedFrame& base, std::int64_t layer_below);
  std::uint8_t layer_of_next(KeyFrame key) const {
    return key == KeyFrame::now ? std::uint8_t{0} : temporal_layer_at(layers_, since_key_);
  }

 private:
  std::uint8_t layers_;
  std::int64_t next_id_ = 0;
  std::int64_t since_key_ = 0;
  std::int64_t latest_[3] = {-1, -1, -1};
};

// A view of the three planes.
struct Planes {
  const std::uint8_t* y;
  const std::uint8_t* u;
  const std::uint8_t* v;
  int luma_stride;
  int chroma_stride;
};
Planes planes_of(const core::VideoFrame& frame);
// Copies planes with strides into a frame without padding.
core::VideoFrame frame_from(const Planes& planes, std::uint16_t width, std::uint16_t height);

}  // namespace lucid::codec::detail
