#include "core/capture_file.hpp"

#include <algorithm>
#include <optional>

namespace lucid::core {
namespace {

constexpr std::uint32_t pcap_micro = 0xA1B2C3D4;
constexpr std::uint32_t pcap_nano = 0xA1B23C4D;
constexpr std::uint32_t pcapng_section = 0x0A0D0D0A;
constexpr std::uint32_t pcapng_order = 0x1A2B3C4D;
constexpr std::uint32_t pcapng_interface = 1;
constexpr std::uint32_t pcapng_simple_packet = 3;
constexpr std::uint32_t pcapng_packet = 6;

constexpr std::uint32_t swapped(std::uint32_t value) { return __builtin_bswap32(value); }

// Numbers in the byte order of the machine that wrote the file.
struct Reader {
  ByteReader in;
  bool little = false;

  std::uint16_t u16() {
    const std::uint16_t value = in.u16();
    return little ? __builtin_bswap16(value) : value;
  }
  std::uint32_t u32() {
    const std::uint32_t value = in.u32();
    return little ? swapped(value) : value;
  }
};

// How an interface's frames begin (the numbers of "LINKTYPE_..."), and how its clock ticks.
struct Link {
  std::uint32_t type = 1;
  std::uint64_t ticks_a_second = 1'000'000;
};

Duration time_of(std::uint64_t ticks, const Link& link) {
  // No date is that late; a broken file may claim it.
  constexpr std::uint64_t end_of_time = std::uint64_t{1} << 40;
  const std::uint64_t seconds = std::min(ticks / link.ticks_a_second, end_of_time);
  const std::uint64_t rest = ticks % link.ticks_a_second;
  const double micro = static_cast<double>(rest) * 1e6 / static_cast<double>(link.ticks_a_second);
  return std::chrono::seconds{seconds} + Duration{static_cast<std::int64_t>(micro)};
}

// The IP packet inside a frame.
Bytes ip_packet(Bytes frame, std::uint32_t link_type) {
  ByteReader in{frame};
  switch (link_type) {
    case 1: {  // Ethernet
      in.skip(12);
      std::uint16_t type = in.u16();
      while (in.ok() && (type == 0x8100 || type == 0x88A8)) {
        in.skip(2);
        type = in.u16();
      }
      return type == 0x0800 || type == 0x86DD ? in.rest() : Bytes{};
    }
    case 0:
    case 108:
      in.skip(4);
      return in.rest();  // loopback: an address family
    case 113:
      in.skip(16);
      return in.rest();  // Linux cooked
    case 276:
      in.skip(20);
      return in.rest();  // Linux cooked, version 2
    case 12:
    case 14:
    case 101:
    case 228:
    case 229:
      return in.rest();  // IP at once
    default:
      return {};
  }
}

struct Payload {
  std::uint8_t protocol = 0;
  Ip source;
  Ip destination;
  Bytes bytes;
};

std::optional<Payload> ip_payload(Bytes packet) {
  if (packet.empty()) return std::nullopt;
  ByteReader in{packet};
  Payload payload;
  const unsigned version = packet[0] >> 4;
  if (version == 4) {
    const std::size_t header = std::size_t{packet[0]} % 16 * 4;
    in.skip(2);
    std::size_t total = in.u16();
    if (total == 0) total = packet.size();  // not filled in yet where the device segments
    in.skip(2);
    const std::uint16_t fragment = in.u16();
    in.skip(1);
    payload.protocol = in.u8();
    in.skip(2);
    const Bytes source = in.bytes(4);
    const Bytes destination = in.bytes(4);
    const bool whole = in.ok() && (fragment & 0x3FFF) == 0;
    if (!whole || header < 20 || total < header || total > packet.size()) return std::nullopt;
    payload.source = *Ip::from_bytes(source);
    payload.destination = *Ip::from_bytes(destination);
    payload.bytes = packet.subspan(header, total - header);
  } else if (version == 6) {
    in.skip(4);
    const std::size_t length = in.u16();
    payload.protocol = in.u8();
    in.skip(1);
    const Bytes source = in.bytes(16);
    const Bytes destination = in.bytes(16);
    if (!in.ok() || length > in.remaining()) return std::nullopt;
    payload.source = *Ip::from_bytes(source);
    payload.destination = *Ip::from_bytes(destination);
    payload.bytes = in.bytes(length);
  } else {
    return std::nullopt;
  }
  return payload;
}

std::optional<CapturedPacket> packet_in(Bytes frame, const Link& link, Duration time) {
  const auto ip = ip_payload(ip_packet(frame, link.type));
  if (!ip) return std::nullopt;
  ByteReader in{ip->bytes};
  CapturedPacket packet;
  packet.unix_time = time;
  packet.path.local = {ip->source, in.u16()};
  packet.path.remote = {ip->destination, in.u16()};
  if (ip->protocol == 17) {
    const std::size_t length = in.u16();
    in.skip(2);
    if (!in.ok() || length < 8 || length - 8 > in.remaining()) return std::nullopt;
    packet.payload = in.bytes(length - 8);
  } else if (ip->protocol == 6) {
    packet.path.transport = Transport::tcp;
    in.skip(8);
    const std::size_t header = std::size_t{in.u8()} / 16 * 4;
    if (!in.ok() || header < 20 || header > ip->bytes.size()) return std::nullopt;
    packet.payload = ip->bytes.subspan(header);
    if (packet.payload.empty()) return std::nullopt;
  } else {
    return std::nullopt;
  }
  return packet;
}

using Packets = std::expected<std::vector<CapturedPacket>, CaptureError>;

Packets read_pcap(Bytes file) {
  Reader in{ByteReader{file}};
  const std::uint32_t magic = in.in.u32();
  in.little = magic == swapped(pcap_micro) || magic == swapped(pcap_nano);
  Link link;
  if (magic == pcap_nano || magic == swapped(pcap_nano)) link.ticks_a_second = 1'000'000'000;
  in.in.skip(16);
  link.type = in.u32() & 0xFFFF;
  if (!in.in.ok()) return std::unexpected(CaptureError::truncated);
  std::vector<CapturedPacket> packets;
  while (in.in.remaining() > 0) {
    const std::uint64_t seconds = in.u32();
    const std::uint64_t fraction = in.u32();
    const std::uint32_t captured = in.u32();
    in.in.skip(4);
    const Bytes frame = in.in.bytes(captured);
    if (!in.in.ok()) return std::unexpected(CaptureError::truncated);
    const Duration time = time_of(seconds * link.ticks_a_second + fraction, link);
    if (auto packet = packet_in(frame, link, time)) packets.push_back(*packet);
  }
  return packets;
}

// Option 9 of an interface block, if_tsresol: a power of ten, or of two with the top bit set.
Link interface_in(Reader body) {
  Link link;
  link.type = body.u16();
  body.in.skip(6);
  while (body.in.ok() && body.in.remaining() >= 4) {
    const std::uint16_t code = body.u16();
    const std::uint16_t length = body.u16();
    const Bytes value = body.in.bytes(length);
    body.in.skip((4 - length % 4) % 4);
    if (code != 9 || value.size() != 1) continue;
    const unsigned power = value[0] & 0x7F;
    if ((value[0] & 0x80) != 0) {
      link.ticks_a_second = std::uint64_t{1} << (power < 63 ? power : 63);
    } else {
      link.ticks_a_second = 1;
      for (unsigned i = 0; i < power && i < 18; ++i) link.ticks_a_second *= 10;
    }
  }
  return link;
}

void read_packet_block(Reader body, bool simple, const std::vector<Link>& links,
                       std::vector<CapturedPacket>& packets) {
  const std::uint32_t interface = simple ? 0 : body.u32();
  const std::uint64_t high = simple ? 0 : body.u32();
  const std::uint64_t low = simple ? 0 : body.u32();
  std::size_t captured = body.u32();
  if (simple && captured > body.in.remaining()) captured = body.in.remaining();
  if (!simple) body.in.skip(4);
  const Bytes frame = body.in.bytes(captured);
  if (!body.in.ok() || interface >= links.size()) return;
  const Link& link = links[interface];
  if (auto packet = packet_in(frame, link, time_of(high << 32 | low, link))) {
    packets.push_back(*packet);
  }
}

Packets read_pcapng(Bytes file) {
  Reader in{ByteReader{file}};
  std::vector<Link> links;
  std::vector<CapturedPacket> packets;
  while (in.in.remaining() > 0) {
    const std::size_t start = in.in.position();
    const std::uint32_t type = in.u32();
    if (type == pcapng_section) {  // the same in either order; the next word tells which it is
      ByteReader ahead{file.subspan(start)};
      ahead.skip(8);
      in.little = ahead.u32() == swapped(pcapng_order);
      links.clear();
    }
    const std::uint32_t length = in.u32();
    if (!in.in.ok()) return std::unexpected(CaptureError::truncated);
    if (length < 12 || length % 4 != 0) return std::unexpected(CaptureError::bad_block);
    const Reader body{ByteReader{in.in.bytes(length - 12)}, in.little};
    in.in.skip(4);
    if (!in.in.ok()) return std::unexpected(CaptureError::truncated);
    if (type == pcapng_interface) links.push_back(interface_in(body));
    if (type == pcapng_packet) read_packet_block(body, false, links, packets);
    if (type == pcapng_simple_packet) read_packet_block(body, true, links, packets);
  }
  return packets;
}

bool is_pcapng(Bytes file) {
  ByteReader in{file};
  const std::uint32_t type = in.u32();
  in.skip(4);
  const std::uint32_t order = in.u32();
  return type == pcapng_section && (order == pcapng_order || order == swapped(pcapng_order));
}

bool is_pcap(Bytes file) {
  const std::uint32_t magic = ByteReader{file}.u32();
  return magic == pcap_micro || magic == swapped(pcap_micro) || magic == pcap_nano ||
         magic == swapped(pcap_nano);
}

}  // namespace

std::string_view to_string(CaptureError error) {
  switch (error) {
    case CaptureError::not_a_capture:
      return "neither pcap nor pcapng";
    case CaptureError::truncated:
      return "the file ends inside of a packet or block";
    case CaptureError::bad_block:
      return "a block has an impossible length";
  }
  return "unknown";
}

bool is_capture(Bytes file) { return is_pcap(file) || is_pcapng(file); }

Packets read_capture(Bytes file) {
  if (is_pcapng(file)) return read_pcapng(file);
  if (is_pcap(file)) return read_pcap(file);
  return std::unexpected(CaptureError::not_a_capture);
}

}  // namespace lucid::core
