#include "sdp/codec.hpp"

#include <algorithm>
#include <array>

#include "core/text.hpp"
#include "sdp/detail/text.hpp"

namespace lucid::sdp {

using core::equal_ignoring_case;
using detail::number;
using detail::Words;

std::expected<Rtpmap, SyntaxError> Rtpmap::parse(std::string_view text) {
  Words words{text};
  const auto payload_type = number<std::uint8_t>(words.next());
  if (!payload_type || *payload_type > 127) return words.fail(Rule::rtpmap);
  const auto parts = detail::split(words.rest(), '/');
  if (parts.size() < 2 || parts.size() > 3 || parts[0].empty()) return words.fail(Rule::rtpmap);
  const auto rate = number<std::uint32_t>(detail::trim(parts[1]));
  if (!rate || *rate == 0) return words.fail(Rule::rtpmap);
  Rtpmap map{*payload_type, std::string{parts[0]}, *rate, 0};
  if (parts.size() == 3) {
    const auto channels = number<std::uint16_t>(detail::trim(parts[2]));
    if (!channels) return words.fail(Rule::rtpmap);
    map.channels = *channels;
  }
  return map;
}

std::string Rtpmap::value() const {
  std::string out = std::to_string(payload_type) + ' ' + name + '/' + std::to_string(clock_rate);
  if (channels != 0) out.append("/").append(std::to_string(channels));
  return out;
}

std::expected<Fmtp, SyntaxError> Fmtp::parse(std::string_view text) {
  Words words{text};
  Fmtp fmtp;
  fmtp.format = words.next();
  if (fmtp.format.empty()) return words.fail(Rule::fmtp);
  fmtp.parameters = words.rest();
  return fmtp;
}

std::string Fmtp::value() const { return parameters.empty() ? format : format + ' ' + parameters; }

std::expected<RtcpFb, SyntaxError> RtcpFb::parse(std::string_view text) {
  Words words{text};
  RtcpFb fb;
  const std::string_view format = words.next();
  if (format != "*") {
    fb.payload_type = number<std::uint8_t>(format);
    if (!fb.payload_type || *fb.payload_type > 127) return words.fail(Rule::rtcp_fb);
  }
  fb.feedback.type = words.next();
  if (fb.feedback.type.empty()) return words.fail(Rule::rtcp_fb);
  fb.feedback.parameter = words.rest();
  return fb;
}

std::string RtcpFb::value() const {
  std::string out = payload_type ? std::to_string(*payload_type) : std::string{"*"};
  out.append(" ").append(feedback.type);
  if (!feedback.parameter.empty()) out.append(" ").append(feedback.parameter);
  return out;
}

Parameters Parameters::parse(std::string_view text) {
  Parameters parameters;
  for (const std::string_view part : detail::split(text, ';')) {
    const std::string_view entry = detail::trim(part);
    if (entry.empty() || entry.starts_with('=')) continue;
    const std::size_t equals = entry.find('=');
    const std::string_view name = detail::trim(entry.substr(0, equals));
    const std::string_view value = equals == std::string_view::npos
                                       ? std::string_view{}
                                       : detail::trim(entry.substr(equals + 1));
    parameters.entries_.push_back({std::string{name}, std::string{value}});
  }
  return parameters;
}

std::string Parameters::text() const {
  std::string out;
  for (const Entry& entry : entries_) {
    if (!out.empty()) out.push_back(';');
    out.append(entry.name);
    if (!entry.value.empty()) out.append("=").append(entry.value);
  }
  return out;
}

std::optional<std::string_view> Parameters::find(std::string_view name) const {
  for (const Entry& entry : entries_) {
    if (equal_ignoring_case(entry.name, name)) return entry.value;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> Parameters::number(std::string_view name) const {
  const auto value = find(name);
  if (!value) return std::nullopt;
  return detail::number<std::uint64_t>(*value);
}

void Parameters::set(std::string_view name, std::string_view value) {
  for (Entry& entry : entries_) {
    if (!equal_ignoring_case(entry.name, name)) continue;
    entry.value = value;
    return;
  }
  entries_.push_back({std::string{name}, std::string{value}});
}

void Parameters::erase(std::string_view name) {
  std::erase_if(entries_,
                [&](const Entry& entry) { return equal_ignoring_case(entry.name, name); });
}

bool Codec::is(std::string_view other_name) const { return equal_ignoring_case(name, other_name); }

bool Codec::is_auxiliary() const {
  constexpr std::array names{"rtx", "red", "ulpfec", "flexfec-03", "flexfec", "telephone-event",
                             "CN"};
  return std::ranges::any_of(names, [&](std::string_view each) { return is(each); });
}

std::optional<std::uint8_t> Codec::apt() const {
  const auto value = parameters.number("apt");
  if (!value || *value > 127) return std::nullopt;
  return static_cast<std::uint8_t>(*value);
}

bool Codec::has_feedback(std::string_view type, std::string_view parameter) const {
  return std::ranges::any_of(feedback, [&](const Feedback& each) {
    return each.type == type && each.parameter == parameter;
  });
}

std::string Codec::mime_type(core::MediaKind kind) const {
  return (kind == core::MediaKind::audio ? "audio/" : "video/") + name;
}

namespace {

// RFC 3551 6, tables 4 and 5: payload types that need no rtpmap.
struct Static {
  std::uint8_t payload_type;
  std::string_view name;
  std::uint32_t clock_rate;
  std::uint16_t channels;
};
constexpr auto static_types = std::to_array<Static>({
    {0, "PCMU", 8000, 1},   {3, "GSM", 8000, 1},    {4, "G723", 8000, 1},   {5, "DVI4", 8000, 1},
    {6, "DVI4", 16000, 1},  {7, "LPC", 8000, 1},    {8, "PCMA", 8000, 1},   {9, "G722", 8000, 1},
    {10, "L16", 44100, 2},  {11, "L16", 44100, 1},  {12, "QCELP", 8000, 1}, {13, "CN", 8000, 1},
    {14, "MPA", 90000, 1},  {15, "G728", 8000, 1},  {16, "DVI4", 11025, 1}, {17, "DVI4", 22050, 1},
    {18, "G729", 8000, 1},  {25, "CelB", 90000, 1}, {26, "JPEG", 90000, 1}, {28, "nv", 90000, 1},
    {31, "H261", 90000, 1}, {32, "MPV", 90000, 1},  {33, "MP2T", 90000, 1}, {34, "H263", 90000, 1},
});

std::optional<Codec> static_codec(std::uint8_t payload_type) {
  const auto found = std::ranges::find(static_types, payload_type, &Static::payload_type);
  if (found == static_types.end()) return std::nullopt;
  return Codec{payload_type, std::string{found->name}, found->clock_rate, found->channels, {}, {}};
}

// Nothing real comes near; it keeps hostile descriptions from costing the square of their length.
constexpr std::size_t max_entries = 64;

// The formats of an m= line with what the lines below say of each. A clock rate of 0 is one of
// which nothing was said yet.
class Described {
 public:
  explicit Described(const MediaSection& section) {
    places_.fill(none);
    for (const std::string& format : section.media_line().formats) {
      const auto type = number<std::uint8_t>(format);
      if (!type || *type > 127 || places_[*type] != none) continue;
      places_[*type] = static_cast<std::uint8_t>(codecs_.size());
      codecs_.push_back({*type, {}, 0, 1, {}, {}});
    }
    for (const Rtpmap& map : section.all<Rtpmap>()) add(map);
    for (Codec& codec : codecs_) {
      if (codec.clock_rate == 0) codec = static_codec(codec.payload_type).value_or(codec);
    }
    for (const Fmtp& fmtp : section.all<Fmtp>()) add(fmtp);
    for (const RtcpFb& fb : section.all<RtcpFb>()) add(fb);
  }

  std::vector<Codec> take() && {
    std::erase_if(codecs_, [](const Codec& codec) { return codec.clock_rate == 0; });
    return std::move(codecs_);
  }

 private:
  Codec* find(std::optional<std::uint8_t> type) {
    return type && *type < 128 && places_[*type] != none ? &codecs_[places_[*type]] : nullptr;
  }

  void add(const Rtpmap& map) {
    Codec* codec = find(map.payload_type);
    if (codec == nullptr || codec->clock_rate != 0) return;
    codec->name = map.name;
    codec->clock_rate = map.clock_rate;
    codec->channels = std::max<std::uint16_t>(map.channels, 1);
  }

  void add(const Fmtp& fmtp) {
    Codec* codec = find(number<std::uint8_t>(fmtp.format));
    if (codec == nullptr) return;
    const Parameters more = Parameters::parse(fmtp.parameters);
    for (const auto& entry : more.entries()) {
      if (codec->parameters.entries().size() == max_entries) break;
      codec->parameters.set(entry.name, entry.value);
    }
  }

  void add(const RtcpFb& fb) {
    for (Codec& codec : codecs_) {
      if (fb.payload_type && *fb.payload_type != codec.payload_type) continue;
      // RFC 4585 4.2: "*" is every payload type; feedback on what repairs others means nothing.
      if (!fb.payload_type && codec.is_auxiliary()) continue;
      if (codec.feedback.size() == max_entries) continue;
      if (codec.has_feedback(fb.feedback.type, fb.feedback.parameter)) continue;
      codec.feedback.push_back(fb.feedback);
    }
  }

  static constexpr std::uint8_t none = 255;
  std::array<std::uint8_t, 128> places_{};  // payload type -> place in codecs_
  std::vector<Codec> codecs_;
};

}  // namespace

std::optional<std::uint8_t> static_payload_type(const Codec& codec) {
  for (const Static& each : static_types) {
    if (codec.is(each.name) && codec.clock_rate == each.clock_rate &&
        codec.channels == each.channels) {
      return each.payload_type;
    }
  }
  return std::nullopt;
}

std::vector<Codec> codecs(const MediaSection& section) {
  if (!section.is_rtp()) return {};
  return Described{section}.take();
}

void set_codecs(MediaSection& section, std::span<const Codec> codecs) {
  if (!section.is_rtp()) return;
  section.erase<Rtpmap>();
  section.erase<Fmtp>();
  section.erase<RtcpFb>();
  MediaLine line = section.media_line();
  line.formats.clear();
  for (const Codec& codec : codecs) {
    line.formats.push_back(std::to_string(codec.payload_type));
    // RFC 8866 6.6: the channels are left out when there is one.
    const std::uint16_t channels = codec.channels > 1 ? codec.channels : std::uint16_t{0};
    section.add(Rtpmap{codec.payload_type, codec.name, codec.clock_rate, channels});
    for (const Feedback& feedback : codec.feedback) {
      section.add(RtcpFb{codec.payload_type, feedback});
    }
    if (!codec.parameters.empty()) {
      section.add(Fmtp{std::to_string(codec.payload_type), codec.parameters.text()});
    }
  }
  // RFC 8866 9: an m= line has a format, even where nothing is left to say.
  if (line.formats.empty()) line.formats.emplace_back("0");
  section.set_media_line(std::move(line));
}

const Codec* find_payload_type(std::span<const Codec> codecs, std::uint8_t payload_type) {
  const auto found = std::ranges::find(codecs, payload_type, &Codec::payload_type);
  return found == codecs.end() ? nullptr : &*found;
}

const Codec* find_rtx(std::span<const Codec> codecs, std::uint8_t payload_type) {
  const auto found = std::ranges::find_if(
      codecs, [&](const Codec& codec) { return codec.is_rtx() && codec.apt() == payload_type; });
  return found == codecs.end() ? nullptr : &*found;
}

}  // namespace lucid::sdp
