#include "signaling/engine_io_payload.hpp"

#include "signaling/detail/base64.hpp"

namespace lucid::signaling {

namespace {

constexpr char separator = '\x1e';
constexpr std::size_t most_packets = 1000;  // in one payload
constexpr std::size_t most_digits = 9;      // of a length

bool is_type(char c) { return c >= '0' && c <= '6'; }

// The bytes that so many UTF-16 units take up as UTF-8; nothing when the text is shorter.
std::optional<std::size_t> utf16_span(std::string_view text, std::size_t units) {
  std::size_t at = 0;
  while (units > 0 && at < text.size()) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    const std::size_t takes = size == 4 ? 2 : 1;
    if (takes > units) return std::nullopt;
    units -= takes;
    at += size;
  }
  return units > 0 || at > text.size() ? std::nullopt : std::optional{at};
}

std::size_t utf16_length(std::string_view text) {
  std::size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80) units += byte >= 0xF0 ? 2 : 1;
  }
  return units;
}

// A packet as text. Revision 3 has the type behind the 'b', revision 4 none: it is a message.
std::optional<EnginePacket> packet_of(std::string_view text, int revision) {
  if (text.empty()) return std::nullopt;
  if (text[0] == 'b') {
    const std::size_t head = revision == 3 ? 2 : 1;
    if (text.size() < head || (revision == 3 && !is_type(text[1]))) return std::nullopt;
    auto bytes = detail::from_base64(text.substr(head));
    if (!bytes) return std::nullopt;
    return EnginePacket{revision == 3 ? text[1] : '4', std::move(*bytes), true};
  }
  if (!is_type(text[0])) return std::nullopt;
  return EnginePacket{text[0], std::string{text.substr(1)}, false};
}

std::optional<std::vector<EnginePacket>> decode_lengths(std::string_view body) {
  std::vector<EnginePacket> packets;
  while (!body.empty() && packets.size() < most_packets) {
    const std::size_t colon = body.find(':');
    if (colon == 0 || colon > most_digits) return std::nullopt;
    std::size_t length = 0;
    for (const char c : body.substr(0, colon)) {
      if (c < '0' || c > '9') return std::nullopt;
      length = length * 10 + static_cast<std::size_t>(c - '0');
    }
    body.remove_prefix(colon + 1);
    const auto size = utf16_span(body, length);
    const auto packet = size ? packet_of(body.substr(0, *size), 3) : std::nullopt;
    if (!packet) return std::nullopt;
    packets.push_back(*packet);
    body.remove_prefix(*size);
  }
  return body.empty() ? std::optional{std::move(packets)} : std::nullopt;
}

// Revision 3 as bytes: 0 text or 1 bytes, the length's digits as bytes, 255, the packet.
std::optional<std::vector<EnginePacket>> decode_bytes(std::string_view body) {
  std::vector<EnginePacket> packets;
  while (!body.empty() && packets.size() < most_packets) {
    const bool binary = body[0] == 1;
    const std::size_t end = body.find('\xFF');
    if (body[0] > 1 || end == std::string_view::npos || end < 2 || end > most_digits + 1)
      return std::nullopt;
    std::size_t length = 0;
    for (const char digit : body.substr(1, end - 1)) {
      if (digit < 0 || digit > 9) return std::nullopt;
      length = length * 10 + static_cast<std::size_t>(digit);
    }
    body.remove_prefix(end + 1);
    if (length == 0 || length > body.size()) return std::nullopt;
    if (binary) {
      if (body[0] > 6) return std::nullopt;
      packets.push_back(
          {static_cast<char>('0' + body[0]), std::string{body.substr(1, length - 1)}, true});
    } else if (const auto packet = packet_of(body.substr(0, length), 3)) {
      packets.push_back(*packet);
    } else {
      return std::nullopt;
    }
    body.remove_prefix(length);
  }
  return body.empty() ? std::optional{std::move(packets)} : std::nullopt;
}

std::string text_of(const EnginePacket& packet, int revision) {
  if (!packet.binary) return packet.type + packet.data;
  return (revision == 3 ? std::string{'b', packet.type} : std::string{'b'}) +
         detail::to_base64(packet.data);
}

}  // namespace

std::string encode_payload(const std::vector<EnginePacket>& packets, int revision) {
  std::string body;
  for (const EnginePacket& packet : packets) {
    const std::string text = text_of(packet, revision);
    if (revision == 3) {
      body += std::to_string(utf16_length(text)) + ":";
    } else if (!body.empty()) {
      body += separator;
    }
    body += text;
  }
  return body;
}

std::optional<std::vector<EnginePacket>> decode_payload(std::string_view body, int revision,
                                                        bool bytes) {
  if (revision == 3) return bytes ? decode_bytes(body) : decode_lengths(body);
  std::vector<EnginePacket> packets;
  for (bool more = true; more;) {
    const std::size_t end = body.find(separator);
    const auto packet = packet_of(body.substr(0, end), revision);
    if (!packet || packets.size() >= most_packets) return std::nullopt;
    packets.push_back(*packet);
    more = end != std::string_view::npos;
    if (more) body.remove_prefix(end + 1);
  }
  return packets;
}

}  // namespace lucid::signaling
