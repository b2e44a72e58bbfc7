#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/address.hpp"
#include "core/buffer.hpp"

// What protocol machines ask of the edge, and what the edge tells them. A machine emits an effect as
// an event; the edge answers by calling the command of the same name:
//
//   OpenStream{id, ...}  ->  opened(id, path, now) or closed(id, error, now)
//   CloseStream{id}      ->  nothing
//   Resolve{id, name}    ->  resolved(id, addresses, now); empty when there are none
//   (interfaces change)  ->  interfaces(list, now)
//   (a send was refused) ->  path_error(path, error, now)
namespace lucid::core {

// The two congestion bits of the IP header (RFC 3168 5).
enum class Ecn : std::uint8_t { not_ect = 0, ect1 = 1, ect0 = 2, ce = 3 };

// One datagram as the edge hands it in or takes it out. Over a stream it is one framed message.
struct Datagram {
  Path path;
  Ecn ecn = Ecn::not_ect;
  Buffer bytes;
};

enum class StreamId : std::uint32_t {};
enum class ResolveId : std::uint32_t {};

// How messages are told apart on a stream.
enum class Framing : std::uint8_t {
  rfc4571,  // a 16-bit length before each message: ICE over TCP (RFC 6544)
  stun,     // STUN and ChannelData lengths, padded to four bytes: TURN (RFC 8656 3.1)
};

struct OpenStream {
  StreamId id;
  Transport transport;      // tcp or tls
  Framing framing;
  Address local;            // port 0: any
  Address remote;
  std::string server_name;  // for TLS: the name to ask for and to verify
};

// A passive TCP candidate wants connections; `local.port` 0 lets the edge choose. Answered by
// listening(id, address, now) or closed(id, error, now).
struct Listen {
  StreamId id;
  Framing framing;
  Address local;
};

struct CloseStream {
  StreamId id;
};

struct Resolve {
  ResolveId id;
  std::string name;
};

enum class NetworkType : std::uint8_t { unknown, ethernet, wifi, cellular, vpn, loopback };

struct Interface {
  std::string name;
  std::uint32_t index = 0;
  NetworkType type = NetworkType::unknown;
  Ip ip;
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
