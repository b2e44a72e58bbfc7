#pragma once
#include <cstdint>
#include <optional>

#include "core/bytes.hpp"
#include "core/serial.hpp"
#include "sctp/message.hpp"

namespace lucid::sctp::detail {

//    0                   1                   2                   3
//   |       source port             |       destination port        |   RFC 9260 3.1
//   |                       verification tag                        |
//   |                           checksum                            |
//   |  chunk type   |     flags     |         chunk length          |   3.2, repeated, each
//   |                        chunk value ...                        |   padded to four bytes
struct Chunk {
  std::uint8_t type;
  std::uint8_t flags;
  core::Bytes value;
};

constexpr std::size_t header_size = 12;  // of a packet: RFC 9260 3.1

// Takes the chunks out of a packet, one at a time; nullopt at its end.
class Chunks {
 public:
  explicit Chunks(core::Bytes packet) : in_{packet} { in_.skip(header_size); }
  std::optional<Chunk> next();
  bool malformed() const { return malformed_; }

 private:
  core::ByteReader in_;
  bool malformed_ = false;
};

// Payload that left for the first time.
struct FirstSent {
  StreamId stream;
  std::size_t bytes;
};

// Watches chunk headers go by, and so knows what the engine does not tell: which bytes have left,
// and who sent an ABORT.
class Traffic {
 public:
  // Calls `first_sent(FirstSent)` for each piece of data on its first way out, and
  // `forward(Chunk)` for a FORWARD TSN (RFC 3758 3.2, RFC 8260 2.3.1).
  template <class FirstSentFunction, class Forward>
  void outgoing(core::Bytes packet, FirstSentFunction&& first_sent, Forward&& forward) {
    Chunks chunks{packet};
    while (const auto chunk = chunks.next()) {
      if (const auto sent = chunk_out(*chunk)) first_sent(*sent);
      if (is_forward_tsn(*chunk)) forward(*chunk);
    }
  }
  // True when the packet brings data.
  bool incoming(core::Bytes packet);

  // A FORWARD TSN may name more than was ever sent: the end of a message given up in the middle.
  bool all_acknowledged() const {
    return !sent_ || (acknowledged_ && !sent_->ahead_of(*acknowledged_));
  }
  std::optional<core::Serial<std::uint32_t>> acknowledged() const { return acknowledged_; }
  bool saw_abort_in() const { return abort_in_; }
  std::uint64_t retransmitted() const { return retransmitted_; }

 private:
  std::optional<FirstSent> chunk_out(const Chunk& chunk);
  static bool is_forward_tsn(const Chunk& chunk);

  using Tsn = core::Serial<std::uint32_t>;
  std::optional<Tsn> sent_;          // the highest
  std::optional<Tsn> acknowledged_;  // by the latest SACK, cumulatively
  std::uint64_t retransmitted_ = 0;
  bool abort_in_ = false;
};

}  // namespace lucid::sctp::detail
