#pragma once
#include <cstdint>
#include <expected>
#include <string_view>
#include <vector>

#include "core/address.hpp"
#include "core/bytes.hpp"
#include "core/time.hpp"

// Recorded network traffic, as tcpdump, Wireshark and browsers write it: pcap and pcapng.
namespace lucid::core {

// The payload of one UDP datagram or TCP segment; `path.local` is its source. Borrows the file.
struct CapturedPacket {
  Duration unix_time{};  // since 1970
  Path path;
  Bytes payload;
};

enum class CaptureError : std::uint8_t { not_a_capture, truncated, bad_block };
std::string_view to_string(CaptureError error);

// True when the bytes begin like a pcap or pcapng file.
bool is_capture(Bytes file);

// All that is UDP or TCP over IP and whole, in order; what is not is left out. Ethernet (with VLAN
// tags), Linux "cooked", loopback and raw IP; either byte order; micro- and nanoseconds.
[[nodiscard]] std::expected<std::vector<CapturedPacket>, CaptureError> read_capture(Bytes file);

// The numbers of a TCP segment, of which only the payload is known.
struct TcpNumbers {
  std::uint32_t sequence = 0;
  std::uint32_t acknowledged = 0;
};
// The other way round: an IP packet (link type "raw", 101) around a UDP datagram or, for the other
// transports, a TCP segment. Both ends are of one family; `path.local` is the source.
std::vector<std::uint8_t> captured_as(const Path& path, Bytes payload, TcpNumbers numbers = {});
inline constexpr std::uint32_t link_type_raw = 101;

}  // namespace lucid::core
