#pragma once
#include <cstdint>
#include <optional>

#include "core/bytes.hpp"
#include "core/serial.hpp"
#include "core/time.hpp"
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

// Takes the chunks out of a packet, one at a time; nullopt at its end.
class Chunks {
 public:
  explicit Chunks(core::Bytes packet) : in_{packet} { in_.skip(12); }
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
// and which of its timers may be running.
class Traffic {
 public:
  // Calls `first_sent(FirstSent)` for each piece of data on its first way out.
  template <class Function>
  void outgoing(core::Bytes packet, core::Time now, Function&& first_sent) {
    Chunks chunks{packet};
    while (const auto chunk = chunks.next()) {
      if (const auto sent = chunk_out(*chunk, now)) first_sent(*sent);
    }
  }
  void incoming(core::Bytes packet, core::Time now);

  // When the engine may next have something to do by itself; nullopt: when it is spoken to.
  std::optional<core::Time> deadline(core::Time now) const;

  bool saw_abort_in() const { return abort_in_; }
  bool saw_abort_out() const { return abort_out_; }
  std::uint64_t retransmitted() const { return retransmitted_; }

 private:
  std::optional<FirstSent> chunk_out(const Chunk& chunk, core::Time now);
  bool outstanding() const { return sent_ && (!acknowledged_ || sent_->ahead_of(*acknowledged_)); }

  using Tsn = core::Serial<std::uint32_t>;
  std::optional<Tsn> sent_;          // the highest
  std::optional<Tsn> acknowledged_;  // the peer's cumulative TSN ack
  core::Time progress_{};            // when the retransmission timer was last set, at the earliest
  std::optional<core::Time> sack_owed_;
  std::uint64_t retransmitted_ = 0;
  bool abort_in_ = false;
  bool abort_out_ = false;
};

}  // namespace lucid::sctp::detail
