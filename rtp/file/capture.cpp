#include "rtp/file/capture.hpp"

#include <array>
#include <optional>
#include <string_view>

#include "core/capture_file.hpp"

namespace lucid::rtp::file {
namespace {

using Records = std::expected<std::vector<Record>, Error>;

constexpr std::string_view rtpdump_magic = "#!rtpplay1.0 ";
constexpr std::size_t pcap_header_size = 24;
// Where packets are said to come from and go to: a record does not tell.
constexpr core::Address local_rtp{core::Ip::v4(0x7F00'0001), 5004};

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

// pcap and pcapng: of what was captured, the datagrams.
Records read_packets(core::Bytes file) {
  const auto packets = core::read_capture(file);
  if (!packets) {
    return std::unexpected(packets.error() == core::CaptureError::truncated ? Error::truncated
                                                                            : Error::malformed);
  }
  std::vector<Record> records;
  std::optional<core::Duration> first;
  for (const core::CapturedPacket& packet : *packets) {
    if (packet.path.transport != core::Transport::udp) continue;
    if (!first) first = packet.unix_time;
    records.push_back({core::Time{packet.unix_time - *first}, packet.payload});
  }
  return records;
}

}  // namespace

Records read_capture(core::Bytes file) {
  if (file.size() < 4) return std::unexpected(Error::truncated);
  if (core::as_text(file).starts_with(rtpdump_magic)) return read_rtpdump(file);
  if (core::is_capture(file)) return read_packets(file);
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
  std::vector<std::uint8_t> file(pcap_header_size);
  core::ByteWriter head{file};
  head.u32(0xA1B2C3D4);
  head.u32(2U << 16 | 4);
  head.u64(0);
  head.u32(0x40000);
  head.u32(core::link_type_raw);
  for (const Record& record : records) {
    const std::int64_t time = record.time.time_since_epoch().count();
    const auto packet =
        core::captured_as({core::Transport::udp, local_rtp, local_rtp}, record.datagram);
    const auto length = static_cast<std::uint32_t>(packet.size());
    std::array<std::uint8_t, 16> numbers;
    core::ByteWriter out{numbers};
    out.u32(static_cast<std::uint32_t>(time / 1'000'000));
    out.u32(static_cast<std::uint32_t>(time % 1'000'000));
    out.u32(length);
    out.u32(length);
    file.insert(file.end(), numbers.begin(), numbers.end());
    file.insert(file.end(), packet.begin(), packet.end());
  }
  return file;
}

}  // namespace lucid::rtp::file
