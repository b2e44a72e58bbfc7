// The lines that are not attributes: o=, c=, b= and m=.
#include "core/check.hpp"
#include "sdp/detail/text.hpp"
#include "sdp/session.hpp"
#include "sdp/transport.hpp"

namespace lucid::sdp {

using detail::number;
using detail::Words;

std::expected<Origin, SyntaxError> Origin::parse(std::string_view text) {
  Words words{text};
  std::vector<std::string_view> parts;
  std::vector<std::size_t> offsets;
  for (auto word = words.next(); !word.empty(); word = words.next()) {
    parts.push_back(word);
    offsets.push_back(words.offset());
  }
  if (parts.size() < 6) return std::unexpected(SyntaxError{Rule::origin, text.size()});
  // Some gear writes a user name of several words, so the fixed fields are counted from the end.
  const std::size_t first = parts.size() - 5;
  const auto version = detail::saturated_number(parts[first + 1]);
  if (!version) return std::unexpected(SyntaxError{Rule::origin, offsets[first + 1]});
  Origin origin;
  origin.username = detail::trim(text.substr(0, offsets[first]));
  origin.session_id = parts[first];
  origin.session_version = *version;
  origin.address = std::string{parts[first + 2]}.append(" ").append(parts[first + 3]);
  origin.address.append(" ").append(parts[first + 4]);
  return origin;
}

std::string Origin::value() const {
  std::string out = username;
  out.append(" ").append(session_id).append(" ").append(std::to_string(session_version));
  return out.append(" ").append(address);
}

std::expected<Connection, SyntaxError> Connection::parse(std::string_view text) {
  Words words{text};
  Connection connection;
  words.next();  // the network type, always IN
  connection.address_type = words.next();
  connection.address = words.next();
  if (connection.address.empty() || !words.at_end()) return words.fail(Rule::connection);
  return connection;
}

std::string Connection::value() const {
  return std::string{"IN "}.append(address_type).append(" ").append(address);
}

std::expected<Bandwidth, SyntaxError> Bandwidth::parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == 0 || colon == std::string_view::npos) {
    return std::unexpected(SyntaxError{Rule::bandwidth, 0});
  }
  const auto amount = detail::saturated_number(detail::trim(text.substr(colon + 1)));
  if (!amount) return std::unexpected(SyntaxError{Rule::bandwidth, colon + 1});
  return Bandwidth{std::string{text.substr(0, colon)}, *amount};
}

std::string Bandwidth::value() const { return type + ':' + std::to_string(amount); }

namespace {

bool is_rtp_protocol(std::string_view protocol) {
  // RFC 9429 5.1.2: RTP/[S]AVP[F], with any of UDP/TLS/ and TCP/TLS/ (DTLS) before it.
  const std::size_t rtp = protocol.find("RTP/");
  return rtp == 0 || (rtp != std::string_view::npos && protocol[rtp - 1] == '/');
}

}  // namespace

std::expected<MediaLine, SyntaxError> MediaLine::parse(std::string_view text) {
  Words words{text};
  MediaLine line;
  line.formats.clear();
  line.media = words.next();
  if (line.media.empty()) return words.fail(Rule::media_line);
  const std::string_view ports = words.next();
  const std::size_t slash = ports.find('/');
  const auto port = number<std::uint16_t>(ports.substr(0, slash));
  if (!port) return words.fail(Rule::media_line);
  line.port = *port;
  if (slash != std::string_view::npos) {
    const auto count = number<std::uint16_t>(ports.substr(slash + 1));
    if (!count || *count == 0) return words.fail(Rule::media_line);
    line.port_count = *count;
  }
  line.protocol = words.next();
  if (line.protocol.empty()) return words.fail(Rule::media_line);
  const bool rtp = is_rtp_protocol(line.protocol);
  for (auto format = words.next(); !format.empty(); format = words.next()) {
    // RFC 8866 5.14: the formats of an RTP profile are payload types.
    const auto payload_type = number<std::uint8_t>(format);
    const bool valid = payload_type && *payload_type < 128;
    if (rtp && line.port != 0 && !valid) return words.fail(Rule::media_line);
    line.formats.emplace_back(format);
  }
  // RFC 8866 9 wants a format; refused sections of some gear come without one, which does no harm.
  if (line.formats.empty() && line.port != 0) return words.fail(Rule::media_line);
  return line;
}

std::string MediaLine::value() const {
  std::string out = media + ' ' + std::to_string(port);
  if (port_count != 1) out.append("/").append(std::to_string(port_count));
  out.append(" ").append(protocol);
  for (const std::string& format : formats) out.append(" ").append(format);
  return out;
}

MediaSection::MediaSection(MediaLine line) : media_line_{std::move(line)} { set(media_line_); }

MediaSection::MediaSection(MediaLine parsed, Line line) : media_line_{std::move(parsed)} {
  core::check(line.type() == 'm');
  append(std::move(line));
}

void MediaSection::set_media_line(MediaLine line) {
  media_line_ = std::move(line);
  set(media_line_);
}

std::optional<core::MediaKind> MediaSection::kind() const {
  if (media_line_.media == "audio") return core::MediaKind::audio;
  if (media_line_.media == "video") return core::MediaKind::video;
  return std::nullopt;
}

bool MediaSection::is_data() const {
  return media_line_.media == "application" &&
         media_line_.protocol.find("DTLS/SCTP") != std::string::npos;
}

bool MediaSection::is_rtp() const { return is_rtp_protocol(media_line_.protocol); }

bool MediaSection::uses_dtls() const {
  return media_line_.protocol.find("TLS") != std::string::npos;
}

bool MediaSection::is_rejected() const { return media_line_.port == 0 && !has("bundle-only"); }

}  // namespace lucid::sdp
