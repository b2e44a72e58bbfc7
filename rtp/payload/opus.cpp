#include "rtp/payload/opus.hpp"

namespace lucid::rtp {
namespace {

constexpr core::Duration longest_packet{120'000};  // RFC 6716 3.4, R5
constexpr std::size_t most_frame_bytes = 1275;     // RFC 6716 3.2.1

core::Duration frame_duration(unsigned config) {
  // RFC 6716 3.1, table 2: SILK, hybrid and CELT configurations.
  constexpr std::int64_t silk[] = {10'000, 20'000, 40'000, 60'000};
  constexpr std::int64_t celt[] = {2'500, 5'000, 10'000, 20'000};
  if (config < 12) return core::Duration{silk[config % 4]};
  if (config < 16) return core::Duration{silk[config % 2]};
  return core::Duration{celt[config % 4]};
}

// RFC 6716 3.2.1: one byte up to 251, otherwise two.
std::size_t frame_length(core::ByteReader& in) {
  const std::size_t first = in.u8();
  return first < 252 ? first : first + std::size_t{in.u8()} * 4;
}

// The first frame of a packet whose table of contents has been read, and how many there are.
struct Frames {
  std::uint8_t count = 0;
  core::Bytes first;
};

std::optional<Frames> read_many(core::ByteReader& in) {
  // RFC 6716 3.2.5: |v|p|  M  | then padding lengths, then the lengths of all frames but the last.
  const std::uint8_t head = in.u8();
  const std::uint8_t count = head & 0x3F;
  std::size_t padding = 0;
  if ((head & 0x40) != 0) {
    std::uint8_t byte = 255;
    while (byte == 255 && in.ok()) {
      byte = in.u8();
      padding += byte == 255 ? 254 : byte;
    }
  }
  std::size_t first = 0;
  std::size_t total = 0;
  if ((head & 0x80) != 0) {
    for (unsigned i = 0; i + 1 < count; ++i) {
      const std::size_t length = frame_length(in);
      if (i == 0) first = length;
      total += length;
    }
  }
  if (!in.ok() || count == 0 || total + padding > in.remaining()) return std::nullopt;
  const std::size_t data = in.remaining() - padding;
  if ((head & 0x80) == 0 && data % count != 0) return std::nullopt;
  if ((head & 0x80) == 0) first = data / count;
  if (count == 1) first = data;
  return Frames{count, in.bytes(first)};
}

std::optional<Frames> read_frames(core::ByteReader& in, unsigned code) {
  switch (code) {
    case 0:
      return Frames{1, in.rest()};
    case 1:
      if (in.remaining() % 2 != 0) return std::nullopt;
      return Frames{2, in.bytes(in.remaining() / 2)};
    case 2: {
      const std::size_t first = frame_length(in);
      if (!in.ok() || first > in.remaining()) return std::nullopt;
      return Frames{2, in.bytes(first)};
    }
    default:
      return read_many(in);
  }
}

// RFC 6716 4.2.3 and 4.2.4: a SILK frame begins, for each channel, with one voice bit for each 20
// ms and then one that announces redundancy.
bool announces_fec(unsigned config, bool stereo, core::Bytes frame) {
  if (config >= 16 || frame.empty()) return false;
  const std::int64_t length = frame_duration(config).count();
  const auto voice_bits = static_cast<unsigned>(length <= 20'000 ? 1 : length / 20'000);
  for (unsigned channel = 0; channel < (stereo ? 2U : 1U); ++channel) {
    const unsigned bit = (channel + 1) * (voice_bits + 1) - 1;
    if ((frame[0] & (0x80U >> bit)) != 0) return true;
  }
  return false;
}

}  // namespace

std::optional<OpusPacket> OpusPacket::parse(core::Bytes packet) {
  if (packet.empty()) return std::nullopt;  // RFC 6716 3.4, R1
  core::ByteReader in{packet};
  const std::uint8_t toc = in.u8();
  const unsigned config = toc >> 3;
  const auto frames = read_frames(in, toc & 3);
  if (!frames || frames->first.size() > most_frame_bytes) return std::nullopt;
  OpusPacket parsed{.duration = frame_duration(config) * frames->count,
                    .frames = frames->count,
                    .stereo = (toc & 4) != 0};
  if (parsed.duration > longest_packet) return std::nullopt;
  parsed.has_fec = announces_fec(config, parsed.stereo, frames->first);
  return parsed;
}

}  // namespace lucid::rtp
