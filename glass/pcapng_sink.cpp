#include "glass/pcapng_sink.hpp"

#include <algorithm>

#include "core/capture_file.hpp"

namespace lucid::glass {

namespace {

namespace trace = core::trace;

// draft-ietf-opsawg-pcapng 4: block types; 10.1: secrets types.
constexpr std::uint32_t section_header = 0x0A0D0D0A;
constexpr std::uint32_t interface_description = 1;
constexpr std::uint32_t enhanced_packet = 6;
constexpr std::uint32_t decryption_secrets = 10;
constexpr std::uint32_t tls_key_log = 0x544C534B;
constexpr std::uint32_t byte_order = 0x1A2B3C4D;

// RFC 791 3.1: the largest packet, less the headers.
constexpr std::size_t max_payload = 65535 - 20 - 20;

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
  core::Bytes view() const { return bytes_; }
  std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

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
    // A message of a stream may be longer than a packet of IP.
    trace::Packet part = *packet;
    core::Bytes rest = packet->bytes;
    const bool stream = packet->path.transport != core::Transport::udp;
    for (; stream && rest.size() > max_payload; rest = rest.subspan(max_payload)) {
      part.bytes = rest.first(max_payload);
      write_packet(part);
    }
    part.bytes = rest;
    write_packet(part);
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
  body.u16(core::link_type_raw).u16(0).u32(0).option(2, core::as_bytes(module)).end_of_options();
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
  if (ends.transport == core::Transport::udp) return core::captured_as(ends, packet.bytes);
  // Only what was sent is known, so the sequence numbers count that.
  core::Path back = ends;
  std::swap(back.local, back.remote);
  const std::uint32_t acknowledged = sequence_.try_emplace(back, 1).first->second;
  std::uint32_t& sequence = sequence_.try_emplace(ends, 1).first->second;
  auto bytes = core::captured_as(ends, packet.bytes, {sequence, acknowledged});
  sequence += static_cast<std::uint32_t>(packet.bytes.size());
  return bytes;
}

}  // namespace lucid::glass
