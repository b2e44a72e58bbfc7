#include "core/media.hpp"

#include <algorithm>
#include <array>

#include "core/text.hpp"

namespace lucid::core {

namespace {

struct Name {
  Codec codec;
  MediaKind kind;
  std::string_view text;
};
constexpr std::array names{
    Name{Codec::vp8, MediaKind::video, "VP8"},
    Name{Codec::vp9, MediaKind::video, "VP9"},
    Name{Codec::h264, MediaKind::video, "H264"},
    Name{Codec::h265, MediaKind::video, "H265"},
    Name{Codec::av1, MediaKind::video, "AV1"},
    Name{Codec::opus, MediaKind::audio, "opus"},
    Name{Codec::g722, MediaKind::audio, "G722"},
    Name{Codec::pcmu, MediaKind::audio, "PCMU"},
    Name{Codec::pcma, MediaKind::audio, "PCMA"},
    Name{Codec::telephone_event, MediaKind::audio, "telephone-event"},
};

}  // namespace

MediaKind kind_of(Codec codec) { return names[static_cast<std::size_t>(codec)].kind; }

std::string_view to_string(Codec codec) { return names[static_cast<std::size_t>(codec)].text; }

std::optional<Codec> codec_from_name(std::string_view name) {
  const auto same = [&](const Name& entry) { return equal_ignoring_case(entry.text, name); };
  const auto found = std::ranges::find_if(names, same);
  if (found == names.end()) return std::nullopt;
  return found->codec;
}

}  // namespace lucid::core
