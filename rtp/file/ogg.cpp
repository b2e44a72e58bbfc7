#include <array>
#include <bit>
#include <utility>

#include "rtp/file/detail/ogg.hpp"

namespace lucid::rtp::file::detail {
namespace {

constexpr std::size_t page_header_size = 27;
constexpr std::size_t crc_at = 22;
constexpr std::uint8_t first_page = 2;
constexpr std::uint8_t last_page = 4;

// RFC 3533 6: polynomial 0x04c11db7, neither reflected nor inverted.
std::uint32_t crc(core::Bytes bytes) {
  std::uint32_t value = 0;
  for (const std::uint8_t byte : bytes) {
    value ^= std::uint32_t{byte} << 24;
    for (int bit = 0; bit < 8; ++bit) {
      value = value << 1 ^ ((value & 0x80000000) != 0 ? 0x04C11DB7U : 0U);
    }
  }
  return value;
}

void write_page(const OggPacket& packet, std::uint32_t number, std::uint8_t flags,
                std::vector<std::uint8_t>& file) {
  const std::size_t segments = packet.data.size() / 255 + 1;
  const std::size_t begin = file.size();
  file.resize(begin + page_header_size + segments + packet.data.size());
  const core::MutableBytes page = core::MutableBytes{file}.subspan(begin);
  core::ByteWriter out{page};
  out.text("OggS");
  out.u8(0);
  out.u8(flags);
  out.u64(std::byteswap(packet.granule));
  out.u32(std::byteswap(std::uint32_t{1}));
  out.u32(std::byteswap(number));
  out.u32(0);
  out.u8(static_cast<std::uint8_t>(segments));
  out.fill(segments - 1, 255);
  out.u8(static_cast<std::uint8_t>(packet.data.size() % 255));
  out.bytes(packet.data);
  core::ByteWriter checksum{page.subspan(crc_at, 4)};
  checksum.u32(std::byteswap(crc(page)));
}

}  // namespace

std::expected<std::vector<std::vector<std::uint8_t>>, Error> read_ogg(core::Bytes file) {
  std::vector<std::vector<std::uint8_t>> packets;
  std::vector<std::uint8_t> packet;
  core::ByteReader in{file};
  while (in.remaining() > 0) {
    if (core::as_text(in.bytes(4)) != "OggS") return std::unexpected(Error::malformed);
    in.skip(page_header_size - 5);
    const core::Bytes lacing = in.bytes(in.u8());
    for (const std::uint8_t size : lacing) {
      const core::Bytes part = in.bytes(size);
      packet.insert(packet.end(), part.begin(), part.end());
      // RFC 3533 5: a packet ends with a segment shorter than 255.
      if (size < 255) packets.push_back(std::exchange(packet, {}));
    }
    if (!in.ok()) return std::unexpected(Error::truncated);
  }
  return packets;
}

std::vector<std::uint8_t> write_ogg(std::span<const OggPacket> packets) {
  std::vector<std::uint8_t> file;
  for (std::size_t i = 0; i < packets.size(); ++i) {
    const bool last = i + 1 == packets.size();
    write_page(packets[i], static_cast<std::uint32_t>(i),
               i == 0 ? first_page
               : last ? last_page
                      : 0,
               file);
  }
  return file;
}

}  // namespace lucid::rtp::file::detail
