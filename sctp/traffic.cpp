#include "sctp/detail/traffic.hpp"

#include <algorithm>

#include "sctp/detail/usrsctp_stack.hpp"

namespace lucid::sctp::detail {

namespace {

using namespace std::chrono_literals;

// RFC 9260 3.2, RFC 8260 2.1.
enum ChunkType : std::uint8_t { data = 0, sack = 3, abort = 6, interleaved_data = 64 };

// Below the engine's smallest retransmission timeout (see usrsctp_stack.cpp).
constexpr core::Duration smallest_timeout = 100ms;
constexpr core::Duration sack_delay = 20ms;

}  // namespace

std::optional<Chunk> Chunks::next() {
  if (malformed_ || in_.remaining() < 4) return std::nullopt;
  const std::uint8_t type = in_.u8();
  const std::uint8_t flags = in_.u8();
  const std::uint16_t length = in_.u16();
  // RFC 9260 3.2: the length counts the header, not the padding.
  if (length < 4 || length - 4U > in_.remaining()) {
    malformed_ = true;
    return std::nullopt;
  }
  const core::Bytes value = in_.bytes(length - 4U);
  in_.skip(std::min<std::size_t>((4 - length % 4) % 4, in_.remaining()));
  return Chunk{type, flags, value};
}

std::optional<FirstSent> Traffic::chunk_out(const Chunk& chunk, core::Time now) {
  switch (chunk.type) {
    case data:
    case interleaved_data: {
      core::ByteReader in{chunk.value};
      const Tsn tsn{in.u32()};
      const StreamId stream{in.u16()};
      progress_ = now;
      if (sent_ && !tsn.ahead_of(*sent_)) {
        ++retransmitted_;
        return std::nullopt;
      }
      sent_ = tsn;
      const std::size_t header = chunk.type == data ? 12 : 16;
      return FirstSent{stream, chunk.value.size() - std::min(header, chunk.value.size())};
    }
    case sack:
      sack_owed_.reset();
      return std::nullopt;
    case abort:
      abort_out_ = true;
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

void Traffic::incoming(core::Bytes packet, core::Time now) {
  Chunks chunks{packet};
  while (const auto chunk = chunks.next()) {
    switch (chunk->type) {
      case data:
      case interleaved_data:
        if (!sack_owed_) sack_owed_ = now;
        break;
      case sack:
        if (chunk->value.size() >= 4) {
          const Tsn tsn{core::ByteReader{chunk->value}.u32()};
          if (!acknowledged_ || tsn.ahead_of(*acknowledged_)) acknowledged_ = tsn;
        }
        progress_ = now;
        break;
      case abort:
        abort_in_ = true;
        break;
      default:
        break;
    }
  }
}

std::optional<core::Time> Traffic::deadline(core::Time now) const {
  std::optional<core::Time> when;
  if (sack_owed_) when = *sack_owed_ + sack_delay;
  if (outstanding()) when = core::earliest(when, progress_ + smallest_timeout);
  if (!when) return std::nullopt;
  // Once it is due, the engine is asked at every tick until the timer has run out.
  return next_tick(std::max(now, *when - core::Duration{1}));
}

}  // namespace lucid::sctp::detail
