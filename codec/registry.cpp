// Which engine serves which codec in this build. The LUCID_HAVE_* come from codec/CMakeLists.txt.
#include "codec/detail/engines.hpp"

namespace lucid::codec {

namespace {

using core::Codec;

constexpr bool have_vpx = LUCID_HAVE_VPX != 0;
constexpr bool have_openh264 = LUCID_HAVE_OPENH264 != 0;
constexpr bool have_aom = LUCID_HAVE_AOM != 0;
constexpr bool have_opus = LUCID_HAVE_OPUS != 0;
constexpr bool have_av = LUCID_HAVE_AV != 0;

bool sane(const VideoEncoderConfig& config) {
  return detail::sound(config.width, config.height) && config.bitrate > 0 && config.framerate > 0 &&
         config.framerate <= 240 && config.temporal_layers >= 1 && config.temporal_layers <= 3 &&
         config.spatial_layers >= 1 && config.spatial_layers <= 3 && config.threads >= 1;
}

bool encodable(Codec codec) {
  switch (codec) {
    case Codec::vp8:
    case Codec::vp9:
      return have_vpx;
    case Codec::h264:
      return have_openh264;
    case Codec::av1:
      return have_aom;
    case Codec::opus:
      return have_opus;
    case Codec::g722:
      return have_av;
    case Codec::pcmu:
    case Codec::pcma:
      return true;
    case Codec::h265:
    case Codec::telephone_event:
      return false;
  }
  return false;
}

bool decodable(Codec codec) {
  switch (codec) {
    case Codec::h264:
    case Codec::h265:
    case Codec::av1:
#if LUCID_HAVE_AV
      return detail::av_decodes(codec);
#else
      return false;
#endif
    default:
      return encodable(codec);
  }
}

std::vector<Codec> those(bool (*able)(Codec), std::initializer_list<Codec> order) {
  std::vector<Codec> codecs;
  for (const Codec codec : order) {
    if (able(codec)) codecs.push_back(codec);
  }
  return codecs;
}

}  // namespace

std::string_view to_string(SetupError error) {
  switch (error) {
    case SetupError::not_available:
      return "this build has no engine for the codec";
    case SetupError::bad_configuration:
      return "the codec cannot be set up like that";
    case SetupError::engine_failed:
      return "the codec library refused to start";
  }
  return "unknown";
}

std::string_view to_string(CodecError error) {
  switch (error) {
    case CodecError::bad_frame:
      return "the frame is not of the size or kind the codec was set up for";
    case CodecError::bad_data:
      return "the data is no valid stream, or lacks what it refers to";
    case CodecError::engine_failed:
      return "the codec library failed";
  }
  return "unknown";
}

std::vector<Codec> encodable_video() {
  return those(encodable, {Codec::vp8, Codec::vp9, Codec::h264, Codec::av1});
}
std::vector<Codec> decodable_video() {
  return those(decodable, {Codec::vp8, Codec::vp9, Codec::h264, Codec::av1});
}
std::vector<Codec> encodable_audio() {
  return those(encodable, {Codec::opus, Codec::g722, Codec::pcmu, Codec::pcma});
}
std::vector<Codec> decodable_audio() {
  return those(decodable, {Codec::opus, Codec::g722, Codec::pcmu, Codec::pcma});
}

EncoderAbilities abilities(const VideoEncoderConfig& config) {
  const bool x264 = config.codec == Codec::h264 && config.engine == H264Engine::x264;
  return {.rate_while_running = !x264,
          .size_while_running = true,
          .key_frame_on_demand = true,
          .temporal_layers = static_cast<std::uint8_t>(x264 ? 1 : 3),
          .spatial_layers = static_cast<std::uint8_t>(config.codec == Codec::vp9 ? 3 : 1)};
}

std::expected<std::unique_ptr<VideoEncoder>, SetupError> make_encoder(
    const VideoEncoderConfig& config) {
  if (!sane(config)) return std::unexpected(SetupError::bad_configuration);
  switch (config.codec) {
#if LUCID_HAVE_VPX
    case Codec::vp8:
    case Codec::vp9:
      return detail::make_vpx_encoder(config);
#endif
    case Codec::h264:
#if LUCID_HAVE_AV
      if (config.engine == H264Engine::x264) return detail::make_x264_encoder(config);
#endif
#if LUCID_HAVE_OPENH264
      return detail::make_openh264_encoder(config);
#else
      return std::unexpected(SetupError::not_available);
#endif
#if LUCID_HAVE_AOM
    case Codec::av1:
      return detail::make_aom_encoder(config);
#endif
    default:
      return std::unexpected(SetupError::not_available);
  }
}

std::expected<std::unique_ptr<VideoDecoder>, SetupError> make_decoder(Codec codec) {
  switch (codec) {
#if LUCID_HAVE_VPX
    case Codec::vp8:
    case Codec::vp9:
      return detail::make_vpx_decoder(codec);
#endif
#if LUCID_HAVE_AV
    case Codec::h264:
    case Codec::h265:
    case Codec::av1:
      return detail::make_av_decoder(codec);
#endif
    default:
      return std::unexpected(SetupError::not_available);
  }
}

std::expected<std::unique_ptr<AudioEncoder>, SetupError> make_encoder(
    const AudioEncoderConfig& config) {
  switch (config.codec) {
#if LUCID_HAVE_OPUS
    case Codec::opus:
      return detail::make_opus_encoder(config);
#endif
#if LUCID_HAVE_AV
    case Codec::g722:
      return detail::make_g722_encoder(config);
#endif
    case Codec::pcmu:
    case Codec::pcma:
      return detail::make_g711_encoder(config);
    default:
      return std::unexpected(SetupError::not_available);
  }
}

std::expected<std::unique_ptr<AudioDecoder>, SetupError> make_audio_decoder(
    Codec codec, [[maybe_unused]] std::uint8_t channels) {
  switch (codec) {
#if LUCID_HAVE_OPUS
    case Codec::opus:
      return detail::make_opus_decoder(channels);
#endif
#if LUCID_HAVE_AV
    case Codec::g722:
      return detail::make_g722_decoder();
#endif
    case Codec::pcmu:
    case Codec::pcma:
      return detail::make_g711_decoder(codec);
    default:
      return std::unexpected(SetupError::not_available);
  }
}

std::expected<core::AudioFrame, CodecError> AudioDecoder::decode_redundancy(
    const core::EncodedFrame&, core::Duration) {
  return std::unexpected(CodecError::bad_data);
}

}  // namespace lucid::codec
