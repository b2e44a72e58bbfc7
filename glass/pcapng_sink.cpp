#include "glass/pcapng_sink.hpp"

#include <algorithm>

namespace lucid::glass {

namespace {

namespace trace = core::trace;

// draft-ietf-opsawg-pcapng 4: block types; 10.1: secrets types; and the link type for bare IP
// packets.
constexpr std::uint32_t section_header = 0x0A0D0D0A;
constexpr std::uint32_t interface_description = 1;
constexpr std::uint32_t enhanced_packet = 6;
constexpr std::uint32_t decryption_secrets = 10;
constexpr std::uint32_t tls_key_log = 0x544C534B;
constexpr std::uint16_t link_type_raw = 101;
constexpr std::uint32_t byte_order = 0x1A2B3C4D;

constexpr std::uint8_t protocol_tcp = 6;
constexpr std::uint8_t protocol_udp = 17;
// RFC 6951 6: SCTP in UDP, which is how plain SCTP packets are shown.
constexpr std::uint16_t sctp_port = 9899;

// Network byte order throughout: the format lets the writer choose.
class Body {
 public:
  Body& u8(std::uint8_t value) {
    bytes_.push_back(value);
    return *this;
  }
  Body& u16(std::uint32_t value) {
    return u8(static_cast<std::uint8_t>(value >> 8)).u8(static_cast<std::uint8_t>(value));
  }
  Body& u32(std::uint32_t value) { return u16(value >> 16).u16(value & 0xFFFF); }
  Body& bytes(core::Bytes value) {
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    return *this;
  }
  Body& pad() {
    bytes_.resize((bytes_.size() + 3) / 4 * 4);
    return *this;
  }
  Body& option(std::uint16_t code, core::Bytes value) {
    return u16(code).u16(static_cast<std::uint32_t>(value.size())).bytes(value).pad();
  }
  Body& end_of_options() { return u32(0); }
  void patch_u16(std::size_t at, std::uint32_t value) {
    bytes_[at] = static_cast<std::uint8_t>(value >> 8);
    bytes_[at + 1] = static_cast<std::uint8_t>(value);
  }
  std::size_t size() const { return bytes_.size(); }
  core::Bytes view() const { return bytes_; }
  std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

// RFC 1071 1: the ones' complement sum, continued from `sum`.
std::uint32_t add_up(core::Bytes bytes, std::uint32_t sum) {
  for (std::size_t i = 0; i < bytes.size(); ++i) sum += i % 2 == 0 ? bytes[i] * 256U : bytes[i];
  return sum;
}
std::uint16_t checksum(std::uint32_t sum) {
  while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

void append_ip(Body& out, const core::Path& ends, std::uint8_t protocol, std::size_t payload) {
  if (ends.local.family() == core::Family::v6) {
    out.u32(0x6000'0000).u16(static_cast<std::uint32_t>(payload)).u8(protocol).u8(64);
    out.bytes(ends.local.ip.bytes()).bytes(ends.remote.ip.bytes());
    return;
  }
  out.u16(0x4500)
      .u16(static_cast<std::uint32_t>(payload + 20))
      .u32(0x0000'4000)
      .u8(64)
      .u8(protocol);
  out.u16(0).bytes(ends.local.ip.bytes()).bytes(ends.remote.ip.bytes());
  out.patch_u16(10, checksum(add_up(out.view(), 0)));
}

// Where the packet comes from and goes to, as IP has it; both ends of one family.
core::Path ends_of(const trace::Packet& packet) {
  core::Path ends = packet.path;
  if (packet.direction == trace::Direction::in) std::swap(ends.local, ends.remote);
  if (ends.local.family() != ends.remote.family())
    ends.local.ip = core::Ip::any(ends.remote.family());
  if (packet.object.module == "sctp") ends.local.port = ends.remote.port = sctp_port;
  return ends;
}

}  // namespace

PcapngSink::PcapngSink(File file, Secrets secrets, core::WallClock wall)
    : file_{std::move(file)}, secrets_{secrets}, wall_{wall} {
  Body body;
  body.u32(byte_order).u16(1).u16(0).u32(0xFFFF'FFFF).u32(0xFFFF'FFFF);  // 1.0, length not told
  body.option(4, core::as_bytes("lucid")).end_of_options();
  write_block(section_header, body.view());
}

void PcapngSink::report(const trace::Report& report) {
  if (const auto* packet = std::get_if<trace::Packet>(&report)) {
    write_packet(*packet);
  } else if (const auto* secret = std::get_if<trace::Secret>(&report); secret && wants_secrets()) {
    write_secret(secret->line);
  } else {
    return;
  }
  std::fflush(stream_of(file_));
}

void PcapngSink::write_block(std::uint32_t type, core::Bytes content) {
  const auto length = static_cast<std::uint32_t>(content.size() + 12);
  const std::vector<std::uint8_t> block =
      Body{}.u32(type).u32(length).bytes(content).u32(length).take();
  std::fwrite(block.data(), 1, block.size(), stream_of(file_));
}

std::uint32_t PcapngSink::interface_of(std::string_view module) {
  const auto known = interfaces_.find(module);
  if (known != interfaces_.end()) return known->second;
  Body body;
  body.u16(link_type_raw).u16(0).u32(0).option(2, core::as_bytes(module)).end_of_options();
  write_block(interface_description, body.view());
  const auto number = static_cast<std::uint32_t>(interfaces_.size());
  interfaces_.emplace(module, number);
  return number;
}

void PcapngSink::write_packet(const trace::Packet& packet) {
  const std::uint32_t interface = interface_of(packet.object.module);
  const std::vector<std::uint8_t> bytes = ip_packet(packet);
  const auto size = static_cast<std::uint32_t>(bytes.size());
  const auto time = static_cast<std::uint64_t>(wall_.unix_time(packet.time).count());
  const std::string comment =
      std::string{packet.object.module} + "#" + std::to_string(packet.object.id);
  Body body;
  body.u32(interface)
      .u32(static_cast<std::uint32_t>(time >> 32))
      .u32(static_cast<std::uint32_t>(time));
  body.u32(size).u32(size).bytes(bytes).pad();
  body.option(1, core::as_bytes(comment));
  body.u16(2).u16(4).u32(packet.direction == trace::Direction::in ? 1 : 2).end_of_options();
  write_block(enhanced_packet, body.view());
}

void PcapngSink::write_secret(std::string_view line) {
  const std::string text = std::string{line} + "\n";
  Body body;
  body.u32(tls_key_log)
      .u32(static_cast<std::uint32_t>(text.size()))
      .bytes(core::as_bytes(text))
      .pad();
  write_block(decryption_secrets, body.view());
}

std::vector<std::uint8_t> PcapngSink::ip_packet(const trace::Packet& packet) {
  const core::Path ends = ends_of(packet);
  const bool udp = ends.transport == core::Transport::udp;
  const std::uint8_t protocol = udp ? protocol_udp : protocol_tcp;
  const std::size_t size = (udp ? 8 : 20) + packet.bytes.size();
  Body out;
  append_ip(out, ends, protocol, size);
  const std::size_t start = out.size();
  out.u16(ends.local.port).u16(ends.remote.port);
  std::size_t checksum_at = start + 6;
  if (udp) {
    out.u16(static_cast<std::uint32_t>(size)).u16(0);
  } else {
    // Only what was sent is known, so the sequence numbers count that.
    std::uint32_t& sequence = sequence_.try_emplace(ends, 1).first->second;
    core::Path back = ends;
    std::swap(back.local, back.remote);
    out.u32(sequence).u32(sequence_.try_emplace(back, 1).first->second);
    out.u16(0x5018).u16(0xFFFF).u32(0);  // PSH and ACK
    checksum_at = start + 16;
    sequence += static_cast<std::uint32_t>(packet.bytes.size());
  }
  out.bytes(packet.bytes);
  // RFC 768, RFC 8200 8.1: the sum goes over addresses, protocol and length too.
  std::uint32_t sum = add_up(ends.local.ip.bytes(), protocol + static_cast<std::uint32_t>(size));
  sum = add_up(ends.remote.ip.bytes(), sum);
  const std::uint16_t result = checksum(add_up(out.view().subspan(start), sum));
  out.patch_u16(checksum_at, result == 0 ? 0xFFFF : result);
  return out.take();
}

}  // namespace lucid::glass
