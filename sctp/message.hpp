#pragma once
#include <cstdint>
#include <variant>

namespace lucid::sctp {

// RFC 9260 3.3.1: which stream a message belongs to.
enum class StreamId : std::uint16_t {};

// RFC 9260 3.3.1, RFC 8831 8: what a message is; SCTP carries it and does not look.
enum class PayloadProtocol : std::uint32_t {
  dcep = 50,
  string = 51,
  binary_partial = 52,  // deprecated by RFC 8831 6.6
  binary = 53,
  string_partial = 54,  // deprecated by RFC 8831 6.6
  string_empty = 56,
  binary_empty = 57,
};

enum class Order : std::uint8_t { ordered, unordered };

// Whether large messages may let others in between (RFC 8260), where both ends can. Only for peers
// that send nothing with limited reliability that is longer than a packet, and nothing unordered
// beyond 1.75 MiB: of that the engine loses window as a receiver, and the association comes to
// rest.
enum class Interleaving : std::uint8_t { never, when_supported };

// When a message may be given up (RFC 3758, RFC 7496).
struct Reliable {
  friend bool operator==(Reliable, Reliable) = default;
};
struct MaxRetransmits {
  std::uint16_t count = 0;
  friend bool operator==(MaxRetransmits, MaxRetransmits) = default;
};
struct MaxLifetime {
  std::uint16_t milliseconds = 0;
  friend bool operator==(MaxLifetime, MaxLifetime) = default;
};
using Reliability = std::variant<Reliable, MaxRetransmits, MaxLifetime>;

}  // namespace lucid::sctp
