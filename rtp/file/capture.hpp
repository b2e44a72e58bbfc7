#pragma once
#include <cstdint>
#include <expected>
#include <span>
#include <vector>

#include "core/address.hpp"
#include "core/bytes.hpp"
#include "core/time.hpp"
#include "rtp/file/media.hpp"

// Files of packets, as bytes: pcap, pcapng, rtpdump, or one bare RTP or RTCP packet. For the
// examples and the tests.
namespace lucid::rtp::file {

struct Record {
  core::Time time{};     // since the first record
  core::Bytes datagram;  // borrowed from the file: what UDP carried
};

// The UDP datagrams of a file, of whatever kind its first bytes say it is.
[[nodiscard]] std::expected<std::vector<Record>, Error> read_capture(core::Bytes file);

std::vector<std::uint8_t> write_rtpdump(std::span<const Record> records);
// Raw IPv4, from and to loopback.
std::vector<std::uint8_t> write_pcap(std::span<const Record> records);

}  // namespace lucid::rtp::file
