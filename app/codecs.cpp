#include "app/codecs.hpp"

#include <algorithm>

#include "codec/audio.hpp"
#include "codec/video.hpp"

namespace lucid::app {

namespace {

// "video/VP8": nullopt for repair formats.
std::optional<core::Codec> named(const std::string& mime_type) {
  const std::size_t slash = mime_type.find('/');
  if (slash == std::string::npos) return std::nullopt;
  return core::codec_from_name(std::string_view{mime_type}.substr(slash + 1));
}

}  // namespace

const char* name_of(core::MediaKind kind) {
  return kind == core::MediaKind::video ? "video" : "audio";
}

std::vector<peer::RtpCodec> offered_codecs(std::string_view first) {
  std::vector<peer::RtpCodec> all = peer::default_codecs();
  std::vector<core::Codec> able = codec::encodable_video();
  std::ranges::copy(codec::encodable_audio(), std::back_inserter(able));
  std::erase_if(all, [&](const peer::RtpCodec& it) {
    const auto codec = named(it.mime_type);
    return codec && *codec != core::Codec::telephone_event &&
           std::ranges::find(able, *codec) == able.end();
  });
  if (const auto wanted = core::codec_from_name(first)) {
    std::ranges::stable_partition(
        all, [&](const peer::RtpCodec& it) { return named(it.mime_type) == wanted; });
  }
  return all;
}

std::optional<core::Codec> codec_of(const std::vector<peer::RtpCodecParameters>& codecs) {
  for (const peer::RtpCodecParameters& parameters : codecs) {
    const auto codec = named(parameters.codec.mime_type);
    if (codec && *codec != core::Codec::telephone_event) return codec;
  }
  return std::nullopt;
}

std::uint32_t clock_rate_of(core::Codec codec) {
  if (core::kind_of(codec) == core::MediaKind::video) return 90'000;
  return codec == core::Codec::opus ? 48'000 : 8'000;
}

}  // namespace lucid::app
