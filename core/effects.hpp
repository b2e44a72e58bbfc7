#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "core/address.hpp"
#include "core/buffer.hpp"

// What protocol machines ask of the edge (net/ or sim/), and what the edge tells them. A machine
// emits an effect as an event, by itself or inside an Effect; the edge answers by calling a
// command:
//
//   BindUdp     ->  bound(SocketId, Address, Time) or bind_failed(SocketId, PathError, Time)
//   OpenStream  ->  opened(StreamId, Path, Time) or closed(StreamId, PathError, Time)
//   Listen      ->  listening(StreamId, Address, Time) or closed(StreamId, PathError, Time)
//   Resolve     ->  resolved(ResolveId, std::span<const Ip>, Time); empty when there are none
//   CloseUdp, CloseStream, PublishName, WithdrawName  ->  nothing
//
// Unasked come interfaces(std::span<const Interface>, Time), at the start and after each change,
// and path_error(Path, PathError, Time) after a send was refused. A datagram carries its path as
// the host sees it, and a transmit finds its socket or stream by its path.
namespace lucid::core {

// The two congestion bits of the IP header (RFC 3168 5).
enum class Ecn : std::uint8_t { not_ect = 0, ect1 = 1, ect0 = 2, ce = 3 };

// One datagram as the edge hands it in or takes it out. Over a stream it is one framed message.
struct Datagram {
  Path path;
  Ecn ecn = Ecn::not_ect;
  Buffer bytes;
};

enum class SocketId : std::uint32_t {};
enum class StreamId : std::uint32_t {};
enum class ResolveId : std::uint32_t {};

// A UDP socket on one address of this host; port 0 lets the edge choose.
struct BindUdp {
  SocketId id{};
  Address local{};
};

struct CloseUdp {
  SocketId id{};
};

// How messages are told apart on a stream.
enum class Framing : std::uint8_t {
  rfc4571,  // a 16-bit length before each message: ICE over TCP (RFC 6544)
  stun,     // STUN and ChannelData lengths, padded to four bytes: TURN (RFC 8656 3.1)
};

struct OpenStream {
  StreamId id{};
  Transport transport = Transport::tcp;  // or tls
  Framing framing = Framing::rfc4571;
  Address local{};  // port 0: any
  Address remote{};
  std::string server_name{};  // for TLS: the name to ask for and to verify
};

// A passive TCP candidate wants connections; `local.port` 0 lets the edge choose. A connection that
// comes in is known by the path of its first message. CloseStream ends the listening alone.
struct Listen {
  StreamId id{};
  Framing framing = Framing::rfc4571;
  Address local{};
};

struct CloseStream {
  StreamId id{};
};

// A name of the DNS, or one that ends in ".local" (RFC 6762).
struct Resolve {
  ResolveId id{};
  std::string name{};
};

// The edge is to answer for this ".local" name (RFC 6762 6) until it is withdrawn.
struct PublishName {
  std::string name{};
  Ip ip{};
};

struct WithdrawName {
  std::string name{};
};

using Effect = std::variant<BindUdp, CloseUdp, OpenStream, Listen, CloseStream, Resolve,
                            PublishName, WithdrawName>;

enum class NetworkType : std::uint8_t { unknown, ethernet, wifi, cellular, vpn, loopback };

struct Interface {
  std::string name{};
  std::uint32_t index = 0;
  NetworkType type = NetworkType::unknown;
  Ip ip;
  friend bool operator==(const Interface&, const Interface&) = default;
};

enum class PathError : std::uint8_t {
  unreachable,      // no route, host or network unreachable
  refused,          // ICMP port unreachable, TCP reset
  timed_out,        // a stream that did not open or has gone silent
  too_big,          // larger than the path's MTU
  not_permitted,    // a firewall of this host
  bad_certificate,  // TLS: the server is not who it should be
  closed,           // the other end closed the stream
};
std::string_view to_string(PathError error);

}  // namespace lucid::core
