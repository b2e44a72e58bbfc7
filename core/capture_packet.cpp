#include "core/capture_file.hpp"

namespace lucid::core {
namespace {

constexpr std::uint8_t protocol_tcp = 6;
constexpr std::uint8_t protocol_udp = 17;

// RFC 1071 1: the ones' complement sum, continued from `sum`.
std::uint32_t add_up(Bytes bytes, std::uint32_t sum) {
  for (std::size_t i = 0; i < bytes.size(); ++i) sum += i % 2 == 0 ? bytes[i] * 256U : bytes[i];
  return sum;
}
std::uint16_t checksum(std::uint32_t sum) {
  while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

void write_ip(ByteWriter& out, const Path& ends, std::uint8_t protocol, std::size_t payload) {
  if (ends.local.family() == Family::v6) {
    out.u32(0x6000'0000);
    out.u16(static_cast<std::uint16_t>(payload));
    out.u8(protocol);
    out.u8(64);
    out.bytes(ends.local.ip.bytes());
    out.bytes(ends.remote.ip.bytes());
    return;
  }
  out.u16(0x4500);
  out.u16(static_cast<std::uint16_t>(payload + 20));
  out.u32(0x0000'4000);  // not to be fragmented
  out.u8(64);
  out.u8(protocol);
  out.u16(0);
  out.bytes(ends.local.ip.bytes());
  out.bytes(ends.remote.ip.bytes());
  out.patch_u16(10, checksum(add_up(out.written(), 0)));
}

}  // namespace

std::vector<std::uint8_t> captured_as(const Path& path, Bytes payload, TcpNumbers numbers) {
  const bool udp = path.transport == Transport::udp;
  const std::uint8_t protocol = udp ? protocol_udp : protocol_tcp;
  const std::size_t size = (udp ? 8 : 20) + payload.size();
  const std::size_t start = path.local.family() == Family::v6 ? 40 : 20;
  std::vector<std::uint8_t> packet(start + size);
  ByteWriter out{packet};
  write_ip(out, path, protocol, size);
  out.u16(path.local.port);
  out.u16(path.remote.port);
  if (udp) {
    out.u16(static_cast<std::uint16_t>(size));
    out.u16(0);
  } else {
    out.u32(numbers.sequence);
    out.u32(numbers.acknowledged);
    out.u16(0x5018);  // PSH and ACK
    out.u16(0xFFFF);
    out.u32(0);
  }
  out.bytes(payload);
  // RFC 768, RFC 8200 8.1: the sum goes over addresses, protocol and length too.
  std::uint32_t sum = add_up(path.local.ip.bytes(), protocol + static_cast<std::uint32_t>(size));
  sum = add_up(path.remote.ip.bytes(), sum);
  const std::uint16_t result = checksum(add_up(out.written().subspan(start), sum));
  out.patch_u16(start + (udp ? 6 : 16), result == 0 ? 0xFFFF : result);
  return packet;
}

}  // namespace lucid::core
