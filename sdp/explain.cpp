#include "sdp/explain.hpp"

#include "sdp/codec.hpp"
#include "sdp/detail/describe.hpp"
#include "sdp/detail/text.hpp"

namespace lucid::sdp {
namespace {

using detail::describe_codec;
using detail::describe_head;
using detail::describe_rtp;
using detail::describe_transport;

std::string describe(const Line& line, const detail::Place& place) {
  if (line.text.find_first_not_of(" \t") == std::string::npos)
    return "a blank line, which says nothing";
  std::string words = describe_head(line, place);
  if (words.empty()) words = describe_transport(line);
  if (words.empty()) words = describe_rtp(line);
  if (words.empty()) words = describe_codec(line, place);
  if (!words.empty()) return words;
  return line.type() == 'a' ? "an attribute that this reader keeps and does not know"
                            : "a line that this reader keeps and does not know";
}

}  // namespace

std::vector<Explanation> explain(const Session& session) {
  std::vector<Explanation> out;
  const auto add = [&](const Section& lines, const detail::Place& place) {
    for (const Line& line : lines.lines()) {
      out.push_back({line.number, line.text, describe(line, place)});
    }
  };
  add(session.head, {});
  for (const MediaSection& section : session.media) add(section, {&section, codecs(section)});
  return out;
}

namespace detail {
namespace {

std::string describe_origin(const Line& line) {
  const auto origin = Origin::parse(line.value());
  if (!origin) return {};
  return "who made this (" + origin->username + "), session " + origin->session_id + ", version " +
         std::to_string(origin->session_version) +
         " of it: the version grows with each new offer or answer (RFC 8866 5.2)";
}

std::string describe_connection(const Line& line) {
  const auto connection = Connection::parse(line.value());
  if (!connection) return {};
  const bool none = connection->address == "0.0.0.0" || connection->address == "::";
  return none ? "no address yet: the candidates will tell (RFC 8840)"
              : "the default address, " + connection->address +
                    ", for peers without ICE (RFC 8866 5.7)";
}

std::string describe_bandwidth(const Line& line) {
  const auto bandwidth = Bandwidth::parse(line.value());
  if (!bandwidth) return {};
  const std::string amount = std::to_string(bandwidth->amount);
  if (bandwidth->type == "AS")
    return "at most " + amount + " kbit/s, headers included (RFC 8866 5.8)";
  if (bandwidth->type == "TIAS") return "at most " + amount + " bit/s of media (RFC 3890)";
  if (bandwidth->type == "RR") return amount + " bit/s for the RTCP of receivers (RFC 3556)";
  if (bandwidth->type == "RS") return amount + " bit/s for the RTCP of senders (RFC 3556)";
  return "a bandwidth of the kind " + bandwidth->type;
}

std::string describe_formats(const Place& place) {
  std::string out;
  for (const std::string& format : place.section->media_line().formats) {
    if (!out.empty()) out.append(", ");
    out.append(format);
    const auto type = number<std::uint8_t>(format);
    const Codec* codec = type ? find_payload_type(place.codecs, *type) : nullptr;
    if (codec != nullptr) out.append(" ").append(codec->name);
  }
  return out;
}

std::string describe_media(const Place& place) {
  const MediaSection& section = *place.section;
  const MediaLine& line = section.media_line();
  if (section.is_rejected())
    return "a section for " + line.media + ", refused or ended: its port is 0 (RFC 3264 6)";
  std::string out =
      section.is_data() ? "a section for data channels" : "a section for " + line.media;
  if (line.port == 0) {
    out.append(", only as part of the bundle (RFC 9143 6)");
  } else if (line.port == 9) {
    out.append(", without a port yet");
  } else {
    out.append(", by default on port ").append(std::to_string(line.port));
  }
  out.append(", over ").append(line.protocol);
  if (section.is_rtp()) out.append("; in order of preference ").append(describe_formats(place));
  return out;
}

}  // namespace

std::string describe_head(const Line& line, const Place& place) {
  switch (line.type()) {
    case 'v':
      return "SDP, version 0: there is no other (RFC 8866 5.1)";
    case 'o':
      return describe_origin(line);
    case 's':
      return "the name of the session, which WebRTC does not use (RFC 8866 5.3)";
    case 't':
      return "from when to when: 0 0 is without bounds (RFC 8866 5.9)";
    case 'i':
      return "a title for people (RFC 8866 5.4)";
    case 'u':
      return "where to read more (RFC 8866 5.5)";
    case 'e':
    case 'p':
      return "whom to ask (RFC 8866 5.6)";
    case 'r':
    case 'z':
      return "repeat times and time zones, of announced sessions (RFC 8866 5.10)";
    case 'k':
      return "a key in clear text: obsolete and not used (RFC 8866 5.12)";
    case 'c':
      return describe_connection(line);
    case 'b':
      return describe_bandwidth(line);
    case 'm':
      return place.section == nullptr ? std::string{} : describe_media(place);
    default:
      return {};
  }
}

}  // namespace detail
}  // namespace lucid::sdp
