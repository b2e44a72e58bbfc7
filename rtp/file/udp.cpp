#include "rtp/file/detail/packets.hpp"

namespace lucid::rtp::file::detail {
namespace {

constexpr std::uint8_t udp = 17;
constexpr std::uint16_t ether_ipv4 = 0x0800;
constexpr std::uint16_t ether_ipv6 = 0x86DD;
constexpr std::uint16_t ether_vlan = 0x8100;
constexpr std::uint16_t ether_qinq = 0x88A8;

std::optional<core::Bytes> from_udp(core::ByteReader in) {
  in.skip(4);
  const std::size_t length = in.u16();
  in.skip(2);
  if (!in.ok() || length < 8 || length - 8 > in.remaining()) return std::nullopt;
  return in.bytes(length - 8);
}

std::optional<core::Bytes> from_ipv4(core::Bytes packet) {
  core::ByteReader in{packet};
  const std::size_t header = std::size_t{in.u8() & 0x0FU} * 4;
  in.skip(5);
  const std::uint16_t fragment = in.u16();
  in.skip(1);
  const std::uint8_t protocol = in.u8();
  // Only whole datagrams: no further fragment, no offset.
  if (!in.ok() || header < 20 || (fragment & 0x3FFF) != 0 || protocol != udp) return std::nullopt;
  in.skip(header - in.position());
  return from_udp(in);
}

std::optional<core::Bytes> from_ipv6(core::Bytes packet) {
  core::ByteReader in{packet};
  in.skip(6);
  const std::uint8_t next = in.u8();
  in.skip(33);
  if (!in.ok() || next != udp) return std::nullopt;
  return from_udp(in);
}

std::optional<core::Bytes> from_ip(core::Bytes packet) {
  if (packet.empty()) return std::nullopt;
  if (packet[0] >> 4 == 4) return from_ipv4(packet);
  if (packet[0] >> 4 == 6) return from_ipv6(packet);
  return std::nullopt;
}

std::optional<core::Bytes> from_ethernet(core::Bytes frame) {
  core::ByteReader in{frame};
  in.skip(12);
  std::uint16_t type = in.u16();
  while (in.ok() && (type == ether_vlan || type == ether_qinq)) {
    in.skip(2);
    type = in.u16();
  }
  if (!in.ok() || (type != ether_ipv4 && type != ether_ipv6)) return std::nullopt;
  return from_ip(in.rest());
}

std::optional<core::Bytes> behind(core::Bytes frame, std::size_t header) {
  if (frame.size() < header) return std::nullopt;
  return from_ip(frame.subspan(header));
}

}  // namespace

std::optional<core::Bytes> udp_payload(std::uint32_t link_type, core::Bytes frame) {
  switch (link_type) {
    case 0:  // BSD loopback
    case 108:
      return behind(frame, 4);
    case 1:
      return from_ethernet(frame);
    case 12:  // raw IP, as some systems number it
    case 14:
    case 101:
    case 228:
    case 229:
      return from_ip(frame);
    case 113:
      return behind(frame, 16);  // Linux, any interface
    case 276:
      return behind(frame, 20);
    default:
      return std::nullopt;
  }
}

}  // namespace lucid::rtp::file::detail
