#include "sctp/detail/traffic.hpp"

#include <algorithm>

namespace lucid::sctp::detail {

namespace {

// RFC 9260 3.2, RFC 8260 2.1.
enum ChunkType : std::uint8_t {
  data = 0,
  sack = 3,
  abort = 6,
  interleaved_data = 64,
  forward_tsn = 192,
  interleaved_forward_tsn = 194,
};

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

std::optional<FirstSent> Traffic::chunk_out(const Chunk& chunk) {
  if (chunk.type != data && chunk.type != interleaved_data) return std::nullopt;
  core::ByteReader in{chunk.value};
  const Tsn tsn{in.u32()};
  const StreamId stream{in.u16()};
  if (sent_ && !tsn.ahead_of(*sent_)) {
    ++retransmitted_;
    return std::nullopt;
  }
  sent_ = tsn;
  const std::size_t header = chunk.type == data ? 12 : 16;
  return FirstSent{stream, chunk.value.size() - std::min(header, chunk.value.size())};
}

bool Traffic::is_forward_tsn(const Chunk& chunk) {
  return chunk.type == forward_tsn || chunk.type == interleaved_forward_tsn;
}

bool Traffic::incoming(core::Bytes packet) {
  bool brings_data = false;
  Chunks chunks{packet};
  while (const auto chunk = chunks.next()) {
    if (chunk->type == data || chunk->type == interleaved_data) brings_data = true;
    if (chunk->type == sack) acknowledged_ = Tsn{core::ByteReader{chunk->value}.u32()};
    if (chunk->type == abort) abort_in_ = true;
  }
  return brings_data;
}

}  // namespace lucid::sctp::detail
