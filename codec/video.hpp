#pragma once
#include <cstdint>
#include <expected>
#include <memory>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/media.hpp"

// Video codecs: pictures in, encoded frames out, and back. Which engine does the work is hidden;
// ask encodable() and decodable() what this build can do.
namespace lucid::codec {

enum class SetupError : std::uint8_t {
  not_available,  // this build, or this machine, has no engine for the codec
  bad_configuration,
  engine_failed,
};
std::string_view to_string(SetupError error);

enum class CodecError : std::uint8_t {
  bad_frame,  // not the size or kind the codec was set up for
  bad_data,   // a decoder was given what is no valid stream, or lacks what it refers to
  engine_failed,
};
std::string_view to_string(CodecError error);

enum class Content : std::uint8_t { camera, screen };
enum class H264Profile : std::uint8_t { constrained_baseline, high };
// For a codec with more than one engine: openh264 is the default, x264 is GPL and by choice.
enum class H264Engine : std::uint8_t { openh264, x264 };

struct VideoEncoderConfig {
  core::Codec codec = core::Codec::vp8;
  std::uint16_t width = 640;
  std::uint16_t height = 480;
  std::uint32_t bitrate = 1'000'000;  // bits a second, all layers together
  double framerate = 30;
  Content content = Content::camera;
  std::uint8_t temporal_layers = 1;  // 1 to 3
  std::uint8_t spatial_layers = 1;   // VP9: 1 to 3, each half the size of the next
  bool error_resilient = false;
  std::uint8_t threads = 1;  // two threads collapse on a small busy machine
  H264Profile profile = H264Profile::constrained_baseline;
  H264Engine engine = H264Engine::openh264;
  std::string rid{};  // copied into every frame
};

// What an encoder can do beyond encoding, asked at run time.
struct EncoderAbilities {
  bool rate_while_running = false;
  bool size_while_running = false;
  bool key_frame_on_demand = false;
  std::uint8_t temporal_layers = 1;
  std::uint8_t spatial_layers = 1;
};

enum class KeyFrame : std::uint8_t { if_needed, now };

class VideoEncoder {
 public:
  virtual ~VideoEncoder() = default;
  // One frame for each spatial layer, lowest first; none when rate control dropped the picture. A
  // picture of another size than the last continues at that size with a key frame.
  virtual std::expected<std::vector<core::EncodedFrame>, CodecError> encode(
      const core::VideoFrame& frame, KeyFrame key) = 0;
  virtual std::expected<void, CodecError> set_rates(std::uint32_t bitrate, double framerate) = 0;
  // How coarse the last picture had to be, 0 (finest) to 1: what quality-limited scaling looks at.
  virtual double coarseness() const = 0;
};

class VideoDecoder {
 public:
  virtual ~VideoDecoder() = default;
  // The pictures that this frame completes; none is no error. Never trusts its input.
  virtual std::expected<std::vector<core::VideoFrame>, CodecError> decode(
      const core::EncodedFrame& frame) = 0;
};

std::expected<std::unique_ptr<VideoEncoder>, SetupError> make_encoder(
    const VideoEncoderConfig& config);
std::expected<std::unique_ptr<VideoDecoder>, SetupError> make_decoder(core::Codec codec);

// What this build can do, best first for talking to browsers: VP8, VP9, H.264, AV1.
std::vector<core::Codec> encodable_video();
std::vector<core::Codec> decodable_video();
EncoderAbilities abilities(const VideoEncoderConfig& config);

// Scales a picture with a bilinear filter; the same size returns a copy.
core::VideoFrame scale(const core::VideoFrame& frame, std::uint16_t width, std::uint16_t height);
core::VideoFrame black(std::uint16_t width, std::uint16_t height);
// Peak signal-to-noise ratio of the luma planes in dB, 100 for equal pictures of equal size.
double psnr(const core::VideoFrame& a, const core::VideoFrame& b);

}  // namespace lucid::codec
