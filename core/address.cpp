#include "core/address.hpp"

#include <algorithm>
#include <charconv>

namespace lucid::core {

namespace {

template <class Number>
std::optional<Number> parse_number(std::string_view text, int base = 10) {
  Number value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

// Exactly four decimal numbers; leading zeros are refused, as some systems read them as octal.
bool parse_v4(std::string_view text, MutableBytes out) {
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t dot = text.find('.');
    if ((dot == std::string_view::npos) != (i == 3)) return false;
    const std::string_view part = text.substr(0, dot);
    if (part.size() > 1 && part.front() == '0') return false;
    const auto number = parse_number<std::uint8_t>(part);
    if (!number) return false;
    out[i] = *number;
    text.remove_prefix(i == 3 ? text.size() : dot + 1);
  }
  return true;
}

// The groups on one side of "::". A dotted quad may stand for the last two of an address.
struct Groups {
  std::array<std::uint8_t, 16> bytes{};
  std::size_t size = 0;

  bool parse(std::string_view text, bool dotted_allowed) {
    while (!text.empty()) {
      const std::size_t colon = text.find(':');
      const std::string_view part = text.substr(0, colon);
      const bool last = colon == std::string_view::npos;
      if (last && dotted_allowed && part.find('.') != std::string_view::npos) {
        if (size + 4 > 16 || !parse_v4(part, MutableBytes{bytes}.subspan(size, 4))) return false;
        size += 4;
        return true;
      }
      const auto group = part.size() <= 4 ? parse_number<std::uint16_t>(part, 16) : std::nullopt;
      if (!group || size + 2 > 16) return false;
      bytes[size++] = static_cast<std::uint8_t>(*group >> 8);
      bytes[size++] = static_cast<std::uint8_t>(*group);
      if (last) return true;
      text.remove_prefix(colon + 1);
      if (text.empty()) return false;
    }
    return true;
  }
};

std::optional<std::array<std::uint8_t, 16>> parse_v6(std::string_view text) {
  const std::size_t gap = text.find("::");
  Groups head;
  Groups tail;
  if (gap == std::string_view::npos) {
    if (!head.parse(text, true) || head.size != 16) return std::nullopt;
    return head.bytes;
  }
  if (!head.parse(text.substr(0, gap), false) || !tail.parse(text.substr(gap + 2), true)) {
    return std::nullopt;
  }
  if (head.size + tail.size > 14) return std::nullopt;
  std::copy_n(tail.bytes.begin(), tail.size,
              head.bytes.end() - static_cast<std::ptrdiff_t>(tail.size));
  return head.bytes;
}

std::string v6_text(Bytes bytes) {
  std::array<std::uint16_t, 8> groups{};
  for (std::size_t i = 0; i < 8; ++i) {
    groups[i] = static_cast<std::uint16_t>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
  }
  // RFC 5952 4.2: "::" stands for the longest run of at least two zero groups, the first of equals.
  std::size_t gap = 8;
  std::size_t gap_size = 1;
  for (std::size_t i = 0; i < 8;) {
    std::size_t end = i;
    while (end < 8 && groups[end] == 0) ++end;
    if (end - i > gap_size) {
      gap = i;
      gap_size = end - i;
    }
    i = end + 1;
  }
  std::string text;
  for (std::size_t i = 0; i < 8; ++i) {
    if (i == gap) {
      text += "::";
      i += gap_size - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    std::array<char, 4> digits;
    const auto [end, error] =
        std::to_chars(digits.data(), digits.data() + digits.size(), groups[i], 16);
    text.append(digits.data(), end);
  }
  return text;
}

std::size_t mix(std::size_t a, std::size_t b) {
  return a ^ (b + 0x9E3779B97F4A7C15 + (a << 6) + (a >> 2));
}

}  // namespace

std::optional<Ip> Ip::from_bytes(Bytes bytes, std::uint32_t scope) {
  if (bytes.size() != 4 && bytes.size() != 16) return std::nullopt;
  Ip ip;
  ip.family_ = bytes.size() == 4 ? Family::v4 : Family::v6;
  std::ranges::copy(bytes, ip.bytes_.begin());
  ip.scope_ = ip.is_link_local() && ip.family_ == Family::v6 ? scope : 0;
  return ip;
}

std::optional<Ip> Ip::parse(std::string_view text) {
  std::array<std::uint8_t, 4> four;
  if (parse_v4(text, four)) return from_bytes(four);
  std::uint32_t scope = 0;
  if (const std::size_t percent = text.find('%'); percent != std::string_view::npos) {
    const auto zone = parse_number<std::uint32_t>(text.substr(percent + 1));
    if (!zone) return std::nullopt;
    scope = *zone;
    text = text.substr(0, percent);
  }
  const auto sixteen = parse_v6(text);
  if (!sixteen) return std::nullopt;
  return from_bytes(*sixteen, scope);
}

Ip Ip::any(Family family) {
  Ip ip;
  ip.family_ = family;
  return ip;
}

Ip Ip::loopback(Family family) {
  if (family == Family::v4) return v4(0x7F000001);
  Ip ip = any(Family::v6);
  ip.bytes_[15] = 1;
  return ip;
}

std::string Ip::text() const {
  if (family_ == Family::v6) {
    std::string text =
        is_v4_mapped() ? "::ffff:" + from_bytes(bytes().last(4))->text() : v6_text(bytes());
    if (scope_ != 0) text += "%" + std::to_string(scope_);
    return text;
  }
  std::string text;
  for (const std::uint8_t byte : bytes()) {
    if (!text.empty()) text += '.';
    text += std::to_string(byte);
  }
  return text;
}

bool Ip::is_any() const {
  return std::ranges::all_of(bytes(), [](auto b) { return b == 0; });
}

bool Ip::is_loopback() const {
  return family_ == Family::v4 ? bytes_[0] == 127 : *this == loopback(Family::v6);
}

bool Ip::is_link_local() const {
  if (family_ == Family::v4) return bytes_[0] == 169 && bytes_[1] == 254;
  return bytes_[0] == 0xFE && (bytes_[1] & 0xC0) == 0x80;
}

bool Ip::is_private() const {
  if (family_ == Family::v6) return (bytes_[0] & 0xFE) == 0xFC;
  return bytes_[0] == 10 || (bytes_[0] == 172 && (bytes_[1] & 0xF0) == 16) ||
         (bytes_[0] == 192 && bytes_[1] == 168) || (bytes_[0] == 100 && (bytes_[1] & 0xC0) == 64);
}

bool Ip::is_multicast() const {
  return family_ == Family::v4 ? (bytes_[0] & 0xF0) == 0xE0 : bytes_[0] == 0xFF;
}

bool Ip::is_v4_mapped() const {
  constexpr std::array<std::uint8_t, 12> prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  return family_ == Family::v6 && equal(bytes().first(12), prefix);
}

std::optional<Address> Address::parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_number<std::uint16_t>(text.substr(colon + 1));
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto ip = Ip::parse(host);
  if (!port || !ip || bracketed != (ip->family() == Family::v6)) return std::nullopt;
  return Address{*ip, *port};
}

std::string Address::text() const {
  const std::string host = ip.text();
  return (ip.family() == Family::v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool is_mdns_name(std::string_view name) {
  constexpr std::string_view suffix = ".local";
  if (!name.ends_with(suffix)) return false;
  name.remove_suffix(suffix.size());
  return !name.empty() && name.size() <= 63 && name.find('.') == std::string_view::npos;
}

std::string_view to_string(Transport transport) {
  switch (transport) {
    case Transport::udp:
      return "udp";
    case Transport::tcp:
      return "tcp";
    case Transport::tls:
      return "tls";
  }
  return "unknown";
}

std::string Path::text() const {
  return std::string{to_string(transport)} + " " + local.text() + " -> " + remote.text();
}

}  // namespace lucid::core

std::size_t std::hash<lucid::core::Ip>::operator()(const lucid::core::Ip& ip) const noexcept {
  return std::hash<std::string_view>{}(lucid::core::as_text(ip.bytes())) ^ ip.scope();
}
std::size_t std::hash<lucid::core::Address>::operator()(
    const lucid::core::Address& address) const noexcept {
  return lucid::core::mix(std::hash<lucid::core::Ip>{}(address.ip), address.port);
}
std::size_t std::hash<lucid::core::Path>::operator()(const lucid::core::Path& path) const noexcept {
  const std::size_t ends = lucid::core::mix(std::hash<lucid::core::Address>{}(path.local),
                                            std::hash<lucid::core::Address>{}(path.remote));
  return lucid::core::mix(ends, static_cast<std::size_t>(path.transport));
}
