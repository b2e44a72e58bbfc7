#include "srtp/detail/packet.hpp"

namespace lucid::srtp::detail {

namespace {

constexpr std::uint8_t version_mask = 0xC0;
constexpr std::uint8_t version_2 = 0x80;
constexpr std::uint8_t extension_flag = 0x10;
constexpr std::uint8_t csrc_count_mask = 0x0F;

}  // namespace

// RFC 3550 5.1: version 2, then the CSRCs. RFC 3550 5.3.1: an extension counts its own length.
std::optional<RtpHeader> parse_rtp(core::Bytes packet) {
  core::ByteReader in{packet};
  const std::uint8_t first = in.u8();
  in.skip(1);
  RtpHeader header{};
  header.sequence = in.u16();
  in.skip(4);
  header.ssrc = in.u32();
  in.skip(std::size_t{4} * (first & csrc_count_mask));
  if ((first & extension_flag) != 0) {
    in.skip(2);
    in.skip(std::size_t{4} * in.u16());
  }
  if (!in.ok() || (first & version_mask) != version_2) return std::nullopt;
  header.size = in.position();
  return header;
}

std::optional<std::uint32_t> parse_rtcp_ssrc(core::Bytes packet) {
  core::ByteReader in{packet};
  const std::uint8_t first = in.u8();
  in.skip(3);
  const std::uint32_t ssrc = in.u32();
  if (!in.ok() || (first & version_mask) != version_2) return std::nullopt;
  return ssrc;
}

std::optional<std::uint32_t> parse_rtcp_word(core::Bytes packet, std::size_t tag_size, bool aead) {
  if (packet.size() < rtcp_header_size + rtcp_word_size + tag_size) return std::nullopt;
  return core::ByteReader{packet.last(rtcp_word_size + (aead ? 0 : tag_size))}.u32();
}

}  // namespace lucid::srtp::detail
