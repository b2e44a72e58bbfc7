#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/bytes.hpp"

namespace lucid::core {

enum class Family : std::uint8_t { v4, v6 };

// An IPv4 or IPv6 address without a port. A link-local v6 address carries its interface index.
class Ip {
 public:
  constexpr Ip() = default;  // 0.0.0.0
  static constexpr Ip v4(std::uint32_t host_order) {
    Ip ip;
    for (std::size_t i = 0; i < 4; ++i) {
      ip.bytes_[i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
    }
    return ip;
  }
  // Four bytes or sixteen, network order.
  static std::optional<Ip> from_bytes(Bytes bytes, std::uint32_t scope = 0);
  // "192.0.2.1", "2001:db8::1", "fe80::1%2" (a numeric zone).
  static std::optional<Ip> parse(std::string_view text);
  static Ip any(Family family);
  static Ip loopback(Family family);

  Family family() const { return family_; }
  Bytes bytes() const { return Bytes{bytes_}.first(family_ == Family::v4 ? 4 : 16); }
  std::uint32_t scope() const { return scope_; }
  std::string text() const;

  bool is_any() const;
  bool is_loopback() const;
  bool is_link_local() const;  // 169.254/16, fe80::/10
  bool is_private() const;     // RFC 1918, RFC 4193, RFC 6598 (carrier-grade NAT)
  bool is_multicast() const;
  bool is_v4_mapped() const;  // ::ffff:a.b.c.d

  friend constexpr auto operator<=>(const Ip&, const Ip&) = default;

 private:
  Family family_ = Family::v4;
  std::array<std::uint8_t, 16> bytes_{};
  std::uint32_t scope_ = 0;
};

// A transport address: IP and port.
struct Address {
  Ip ip;
  std::uint16_t port = 0;

  // "192.0.2.1:5000", "[2001:db8::1]:5000".
  static std::optional<Address> parse(std::string_view text);
  std::string text() const;
  Family family() const { return ip.family(); }
  friend constexpr auto operator<=>(const Address&, const Address&) = default;
};

// Names that browsers put in place of host addresses (RFC 6762 3): one label, then ".local".
bool is_mdns_name(std::string_view name);

enum class Transport : std::uint8_t { udp, tcp, tls };
std::string_view to_string(Transport transport);

// Where a datagram comes from or goes to, as the host itself sees it.
struct Path {
  Transport transport = Transport::udp;
  Address local;
  Address remote;

  std::string text() const;  // "udp 192.0.2.1:5000 -> 198.51.100.7:6000"
  friend constexpr auto operator<=>(const Path&, const Path&) = default;
};

}  // namespace lucid::core

template <>
struct std::hash<lucid::core::Ip> {
  std::size_t operator()(const lucid::core::Ip& ip) const noexcept;
};
template <>
struct std::hash<lucid::core::Address> {
  std::size_t operator()(const lucid::core::Address& address) const noexcept;
};
template <>
struct std::hash<lucid::core::Path> {
  std::size_t operator()(const lucid::core::Path& path) const noexcept;
};
