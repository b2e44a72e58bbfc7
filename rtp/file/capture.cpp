#include "rtp/file/capture.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <optional>
#include <string_view>

#include "rtp/file/detail/packets.hpp"

namespace lucid::rtp::file {
namespace {

using Records = std::expected<std::vector<Record>, Error>;

constexpr std::string_view rtpdump_magic = "#!rtpplay1.0 ";
constexpr std::size_t pcap_header_size = 24;
constexpr std::uint32_t pcapng_section = 0x0A0D0D0A;
constexpr std::uint32_t pcapng_interface = 1;
constexpr std::uint32_t pcapng_simple = 3;
constexpr std::uint32_t pcapng_enhanced = 6;
constexpr std::uint32_t link_raw = 101;

std::uint32_t first_word(core::Bytes file) { return core::ByteReader{file}.u32(); }

// Keeps times relative to the first.
class RecordList {
 public:
  void add(core::Duration time, core::Bytes datagram) {
    if (!first_) first_ = time;
    records_.push_back({core::Time{time - *first_}, datagram});
  }
  std::vector<Record> take() { return std::move(records_); }

 private:
  std::optional<core::Duration> first_;
  std::vector<Record> records_;
};

// rtptools: a line of text, a header, and for each packet its length, its length with what was cut
// off, and milliseconds since the start.
Records read_rtpdump(core::Bytes file) {
  const std::size_t line = core::as_text(file).find('\n');
  if (line == std::string_view::npos) return std::unexpected(Error::truncated);
  core::ByteReader in{file.subspan(line + 1)};
  in.skip(16);
  if (!in.ok()) return std::unexpected(Error::truncated);
  std::vector<Record> records;
  while (in.remaining() > 0) {
    const std::size_t length = in.u16();
    in.skip(2);
    const core::Duration offset = std::chrono::milliseconds{in.u32()};
    if (!in.ok()) return std::unexpected(Error::truncated);
    if (length < 8) return std::unexpected(Error::malformed);
    const core::Bytes datagram = in.bytes(length - 8);
    if (!in.ok()) return std::unexpected(Error::truncated);
    records.push_back({core::Time{offset}, datagram});
  }
  return records;
}

Records read_pcap(core::Bytes file, bool little, bool nanoseconds) {
  detail::OrderedReader reader{file, little};
  reader.in.skip(20);
  const std::uint32_t link_type = reader.u32() & 0xFFFF;
  if (!reader.in.ok()) return std::unexpected(Error::truncated);
  RecordList records;
  while (reader.in.remaining() > 0) {
    const std::uint32_t seconds = reader.u32();
    const std::uint32_t fraction = reader.u32();
    const std::uint32_t captured = reader.u32();
    reader.in.skip(4);
    const core::Bytes frame = reader.in.bytes(captured);
    if (!reader.in.ok()) return std::unexpected(Error::truncated);
    const auto datagram = detail::udp_payload(link_type, frame);
    const core::Duration time =
        std::chrono::seconds{seconds} + core::Duration{nanoseconds ? fraction / 1000 : fraction};
    if (datagram) records.add(time, *datagram);
  }
  return records.take();
}

struct Interface {
  std::uint32_t link_type = 0;
  std::uint64_t ticks_per_second = 1'000'000;
};

// draft-ietf-opsawg-pcapng 4.2: option 9 is the resolution, a power of ten, or of two with the top
// bit.
Interface read_interface(core::Bytes body, bool little) {
  detail::OrderedReader reader{body, little};
  Interface interface{.link_type = reader.u16()};
  reader.in.skip(6);
  while (reader.in.remaining() >= 4) {
    const std::uint16_t code = reader.u16();
    const std::size_t length = reader.u16();
    const core::Bytes value = reader.in.bytes(length);
    reader.in.skip((4 - length % 4) % 4);
    if (code == 0 || !reader.in.ok()) break;
    if (code != 9 || value.size() != 1) continue;
    const unsigned exponent = value[0] & 0x7F;
    std::uint64_t ticks = 1;
    for (unsigned i = 0; i < exponent && ticks < (1ULL << 58); ++i) {
      ticks *= (value[0] & 0x80) != 0 ? 2 : 10;
    }
    interface.ticks_per_second = ticks;
  }
  return interface;
}

core::Duration to_duration(std::uint64_t ticks, std::uint64_t per_second) {
  // A clock that is off by ages would not fit our count of microseconds.
  constexpr std::uint64_t most_seconds = 0xFFFFFFFF;
  const auto whole = static_cast<std::int64_t>(std::min(ticks / per_second, most_seconds));
  const auto rest = static_cast<double>(ticks % per_second) / static_cast<double>(per_second);
  return std::chrono::seconds{whole} + core::Duration{std::llround(rest * 1e6)};
}

class PcapngReader {
 public:
  Records read(core::Bytes file) {
    core::ByteReader in{file};
    while (in.remaining() > 0) {
      core::ByteReader ahead = in;
      const std::uint32_t raw_type = ahead.u32();
      // draft-ietf-opsawg-pcapng 4.1: each section tells its own byte order.
      if (raw_type == pcapng_section) begin_section(ahead);
      detail::OrderedReader head{in.remaining() >= 8 ? in.bytes(8) : core::Bytes{}, little_};
      const std::uint32_t type = head.u32();
      const std::uint32_t length = head.u32();
      if (!head.in.ok() || length < 12 || length % 4 != 0) return std::unexpected(Error::malformed);
      const core::Bytes body = in.bytes(length - 12);
      in.skip(4);
      if (!in.ok()) return std::unexpected(Error::truncated);
      take(type, body);
    }
    return records_.take();
  }

 private:
  void begin_section(core::ByteReader ahead) {
    ahead.skip(4);
    little_ = ahead.u32() == 0x4D3C2B1A;
    interfaces_.clear();
  }

  void take(std::uint32_t type, core::Bytes body) {
    detail::OrderedReader reader{body, little_};
    if (type == pcapng_interface) interfaces_.push_back(read_interface(body, little_));
    if (type != pcapng_enhanced && type != pcapng_simple) return;
    const std::uint32_t index = type == pcapng_enhanced ? reader.u32() : 0;
    if (index >= interfaces_.size()) return;
    std::uint64_t ticks = 0;
    std::size_t length = reader.in.remaining() - std::min<std::size_t>(4, reader.in.remaining());
    if (type == pcapng_enhanced) {
      ticks = std::uint64_t{reader.u32()} << 32;
      ticks |= reader.u32();
      length = reader.u32();
    }
    reader.in.skip(4);
    const core::Bytes frame = reader.in.bytes(length);
    const auto datagram =
        reader.in.ok() ? detail::udp_payload(interfaces_[index].link_type, frame) : std::nullopt;
    if (datagram) records_.add(to_duration(ticks, interfaces_[index].ticks_per_second), *datagram);
  }

  bool little_ = false;
  std::vector<Interface> interfaces_;
  RecordList records_;
};

std::uint16_t header_checksum(core::Bytes header) {
  core::ByteReader in{header};
  std::uint32_t sum = 0;
  while (in.remaining() > 0) sum += in.u16();
  while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

void write_ip_and_udp(core::Bytes datagram, core::ByteWriter& out) {
  const std::size_t begin = out.size();
  const auto udp_size = static_cast<std::uint16_t>(8 + datagram.size());
  out.u16(0x4500);
  out.u16(static_cast<std::uint16_t>(20 + udp_size));
  out.u32(0x00004000);  // not to be fragmented
  out.u16(64 << 8 | 17);
  out.u16(0);
  out.u32(0x7F000001);
  out.u32(0x7F000001);
  out.patch_u16(begin + 10, header_checksum(out.written().subspan(begin, 20)));
  out.u16(5004);
  out.u16(5004);
  out.u16(udp_size);
  out.u16(0);  // RFC 768: no checksum
  out.bytes(datagram);
}

}  // namespace

Records read_capture(core::Bytes file) {
  if (file.size() < 4) return std::unexpected(Error::truncated);
  if (core::as_text(file).starts_with(rtpdump_magic)) return read_rtpdump(file);
  switch (first_word(file)) {
    case 0xA1B2C3D4:
      return read_pcap(file, false, false);
    case 0xD4C3B2A1:
      return read_pcap(file, true, false);
    case 0xA1B23C4D:
      return read_pcap(file, false, true);
    case 0x4D3CB2A1:
      return read_pcap(file, true, true);
    case pcapng_section:
      return PcapngReader{}.read(file);
    default:
      break;
  }
  // RFC 3550 5.1: whatever begins with version 2 may be one packet by itself.
  if (file[0] >> 6 == 2) return std::vector<Record>{{core::Time{}, file}};
  return std::unexpected(Error::not_recognised);
}

std::vector<std::uint8_t> write_rtpdump(std::span<const Record> records) {
  constexpr std::string_view head = "#!rtpplay1.0 127.0.0.1/5004\n";
  std::size_t size = head.size() + 16;
  for (const Record& record : records) size += 8 + record.datagram.size();
  std::vector<std::uint8_t> file(size);
  core::ByteWriter out{file};
  out.text(head);
  out.u64(0);
  out.u32(0x7F000001);
  out.u16(5004);
  out.u16(0);
  for (const Record& record : records) {
    const bool rtcp =
        record.datagram.size() > 1 && record.datagram[1] >= 192 && record.datagram[1] <= 223;
    out.u16(static_cast<std::uint16_t>(8 + record.datagram.size()));
    out.u16(rtcp ? 0 : static_cast<std::uint16_t>(record.datagram.size()));
    out.u32(static_cast<std::uint32_t>(record.time.time_since_epoch().count() / 1000));
    out.bytes(record.datagram);
  }
  return file;
}

std::vector<std::uint8_t> write_pcap(std::span<const Record> records) {
  std::size_t size = pcap_header_size;
  for (const Record& record : records) size += 16 + 28 + record.datagram.size();
  std::vector<std::uint8_t> file(size);
  core::ByteWriter out{file};
  out.u32(0xA1B2C3D4);
  out.u32(2U << 16 | 4);
  out.u64(0);
  out.u32(0x40000);
  out.u32(link_raw);
  for (const Record& record : records) {
    const std::int64_t time = record.time.time_since_epoch().count();
    const auto length = static_cast<std::uint32_t>(28 + record.datagram.size());
    out.u32(static_cast<std::uint32_t>(time / 1'000'000));
    out.u32(static_cast<std::uint32_t>(time % 1'000'000));
    out.u32(length);
    out.u32(length);
    write_ip_and_udp(record.datagram, out);
  }
  return file;
}

}  // namespace lucid::rtp::file
