#include "sdp/rtp.hpp"

#include <charconv>

#include "sdp/detail/text.hpp"

namespace lucid::sdp {

using detail::number;
using detail::Words;

std::expected<Extmap, SyntaxError> Extmap::parse(std::string_view text) {
  Words words{text};
  Extmap map;
  const std::string_view first = words.next();
  const std::size_t slash = first.find('/');
  const auto id = number<std::uint16_t>(first.substr(0, slash));
  if (!id) return words.fail(Rule::extmap);
  map.id = *id;
  if (slash != std::string_view::npos) {
    map.direction = direction_from_name(first.substr(slash + 1));
    if (!map.direction) return words.fail(Rule::extmap);
  }
  map.uri = words.next();
  if (map.uri.empty()) return words.fail(Rule::extmap);
  map.attributes = words.rest();
  return map;
}

std::string Extmap::value() const {
  std::string out = std::to_string(id);
  if (direction) out.append("/").append(to_string(*direction));
  out.append(" ").append(uri);
  if (!attributes.empty()) out.append(" ").append(attributes);
  return out;
}

std::expected<Msid, SyntaxError> Msid::parse(std::string_view text) {
  Words words{text};
  Msid msid;
  msid.stream = words.next();
  if (msid.stream.empty()) return words.fail(Rule::msid);
  msid.track = words.next();
  return msid;
}

std::string Msid::value() const { return track.empty() ? stream : stream + ' ' + track; }

std::expected<SsrcAttribute, SyntaxError> SsrcAttribute::parse(std::string_view text) {
  Words words{text};
  SsrcAttribute out;
  const auto ssrc = number<std::uint32_t>(words.next());
  if (!ssrc) return words.fail(Rule::ssrc);
  out.ssrc = *ssrc;
  const std::string_view attribute = words.rest();
  const std::size_t colon = attribute.find(':');
  out.name = attribute.substr(0, colon);
  if (colon != std::string_view::npos) out.text = attribute.substr(colon + 1);
  return out;
}

std::string SsrcAttribute::value() const {
  std::string out = std::to_string(ssrc);
  if (!name.empty() || !text.empty()) out.append(" ").append(name);
  if (!text.empty()) out.append(":").append(text);
  return out;
}

std::expected<SsrcGroup, SyntaxError> SsrcGroup::parse(std::string_view text) {
  Words words{text};
  SsrcGroup group;
  group.semantics = words.next();
  if (group.semantics.empty()) return words.fail(Rule::ssrc_group);
  for (auto word = words.next(); !word.empty(); word = words.next()) {
    const auto ssrc = number<std::uint32_t>(word);
    if (!ssrc) return words.fail(Rule::ssrc_group);
    group.ssrcs.push_back(*ssrc);
  }
  return group;
}

std::string SsrcGroup::value() const {
  std::string out = semantics;
  for (const std::uint32_t ssrc : ssrcs) out.append(" ").append(std::to_string(ssrc));
  return out;
}

namespace {

// RFC 8866 6.4: a number above zero, whole or with a fraction.
std::expected<double, SyntaxError> milliseconds_from(std::string_view text) {
  text = detail::trim(text);
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  constexpr double longest = 1e9;
  if (error != std::errc{} || end != text.data() + text.size() || !(value > 0 && value < longest)) {
    return std::unexpected(SyntaxError{Rule::ptime, 0});
  }
  return value;
}

std::string milliseconds_text(double value) {
  char room[64];
  const auto [end, error] =
      std::to_chars(room, room + sizeof room, value, std::chars_format::fixed);
  return error == std::errc{} ? std::string{room, end} : std::string{"20"};
}

}  // namespace

std::expected<Ptime, SyntaxError> Ptime::parse(std::string_view text) {
  const auto value = milliseconds_from(text);
  if (!value) return std::unexpected(value.error());
  return Ptime{*value};
}

std::string Ptime::value() const { return milliseconds_text(milliseconds); }

std::expected<MaxPtime, SyntaxError> MaxPtime::parse(std::string_view text) {
  const auto value = milliseconds_from(text);
  if (!value) return std::unexpected(value.error());
  return MaxPtime{*value};
}

std::string MaxPtime::value() const { return milliseconds_text(milliseconds); }

}  // namespace lucid::sdp
