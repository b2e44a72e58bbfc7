#include "rtp/file/media.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <string>

#include "rtp/file/detail/ogg.hpp"
#include "rtp/ntp.hpp"
#include "rtp/payload/detail/nal.hpp"
#include "rtp/payload/opus.hpp"
#include "rtp/payload/packetizer.hpp"

namespace lucid::rtp::file {
namespace {

constexpr std::size_t ivf_header_size = 32;

// IVF counts in little-endian order.
std::uint16_t le16(core::ByteReader& in) { return std::byteswap(in.u16()); }
std::uint32_t le32(core::ByteReader& in) { return std::byteswap(in.u32()); }
std::uint64_t le64(core::ByteReader& in) { return std::byteswap(in.u64()); }

std::expected<MediaFile, Error> read_ivf(core::Bytes file) {
  core::ByteReader in{file};
  in.skip(6);
  const std::uint16_t header_size = le16(in);
  const std::string_view fourcc = core::as_text(in.bytes(4));
  MediaFile media;
  media.width = le16(in);
  media.height = le16(in);
  const double ticks = le32(in);
  const double seconds = le32(in);
  if (!in.ok() || header_size < ivf_header_size) return std::unexpected(Error::truncated);
  if (fourcc == "VP80")
    media.codec = core::Codec::vp8;
  else if (fourcc == "VP90")
    media.codec = core::Codec::vp9;
  else if (fourcc == "AV01")
    media.codec = core::Codec::av1;
  else
    return std::unexpected(Error::unsupported);
  if (ticks == 0) return std::unexpected(Error::malformed);
  in.skip(header_size - in.position());
  while (in.remaining() > 0) {
    const std::uint32_t size = le32(in);
    const auto time = static_cast<double>(le64(in));
    const core::Bytes data = in.bytes(size);
    if (!in.ok()) return std::unexpected(Error::truncated);
    const double timestamp = std::fmod(std::round(time * seconds / ticks * 90'000), 4294967296.0);
    media.frames.push_back({data, static_cast<std::uint32_t>(timestamp)});
  }
  return media;
}

std::expected<MediaFile, Error> read_annex_b(core::Bytes file, double frame_rate) {
  std::vector<core::Bytes> units;
  if (!rtp::detail::split_annex_b(file, units)) return std::unexpected(Error::not_recognised);
  MediaFile media;
  // H.265 streams begin with VPS, SPS or a delimiter, all of layer 0 and TID 1.
  const core::Bytes first = units.front();
  const bool h265 = first.size() > 1 && first[1] == 1 && first[0] >= 0x40 && first[0] <= 0x46;
  media.codec = h265 ? core::Codec::h265 : core::Codec::h264;
  for (const core::Bytes picture : access_units(file, media.codec)) {
    const double timestamp = static_cast<double>(media.frames.size()) * 90'000 / frame_rate;
    media.frames.push_back({picture, static_cast<std::uint32_t>(std::llround(timestamp))});
  }
  return media;
}

std::expected<MediaFile, Error> read_opus(core::Bytes file) {
  auto packets = detail::read_ogg(file);
  if (!packets) return std::unexpected(packets.error());
  if (packets->size() < 2 || core::as_text(packets->front()).substr(0, 8) != "OpusHead") {
    return std::unexpected(Error::unsupported);
  }
  MediaFile media;
  media.codec = core::Codec::opus;
  std::uint32_t timestamp = 0;
  for (std::size_t i = 2; i < packets->size(); ++i) {
    const auto packet = OpusPacket::parse((*packets)[i]);
    if (!packet) return std::unexpected(Error::malformed);
    media.joined.push_back(std::move((*packets)[i]));
    media.frames.push_back({{}, timestamp});
    timestamp += static_cast<std::uint32_t>(duration_to_ticks(packet->duration, 48'000));
  }
  for (std::size_t i = 0; i < media.joined.size(); ++i) media.frames[i].data = media.joined[i];
  return media;
}

std::vector<std::uint8_t> write_ivf(const MediaFile& media) {
  std::size_t size = ivf_header_size;
  for (const Frame& frame : media.frames) size += 14 + frame.data.size();
  std::vector<std::uint8_t> file(size);
  core::ByteWriter out{file};
  out.text("DKIF");
  out.u16(0);
  out.u16(std::byteswap(std::uint16_t{ivf_header_size}));
  out.text(media.codec == core::Codec::vp8   ? "VP80"
           : media.codec == core::Codec::vp9 ? "VP90"
                                             : "AV01");
  out.u16(std::byteswap(media.width));
  out.u16(std::byteswap(media.height));
  out.u32(std::byteswap(std::uint32_t{90'000}));
  out.u32(std::byteswap(std::uint32_t{1}));
  out.u32(std::byteswap(static_cast<std::uint32_t>(media.frames.size())));
  out.u32(0);
  for (const Frame& frame : media.frames) {
    // AV1 in IVF begins each temporal unit with a delimiter, which RTP does not carry.
    constexpr std::array<std::uint8_t, 2> delimiter{0x12, 0x00};
    const bool add =
        media.codec == core::Codec::av1 && (frame.data.empty() || frame.data[0] != delimiter[0]);
    const std::size_t length = frame.data.size() + (add ? delimiter.size() : 0);
    out.u32(std::byteswap(static_cast<std::uint32_t>(length)));
    out.u64(std::byteswap(std::uint64_t{frame.timestamp}));
    if (add) out.bytes(delimiter);
    out.bytes(frame.data);
  }
  file.resize(out.size());
  return file;
}

std::vector<std::uint8_t> write_opus(const MediaFile& media) {
  // RFC 7845 5.1 and 5.2: identification and comments come first.
  constexpr std::array<std::uint8_t, 19> head{'O', 'p', 'u',  's',  'H', 'e', 'a', 'd', 1, 2,
                                              0,   0,   0x80, 0xBB, 0,   0,   0,   0,   0};
  constexpr std::array<std::uint8_t, 21> tags{'O', 'p', 'u', 's', 'T', 'a', 'g', 's', 5, 0, 0,
                                              0,   'l', 'u', 'c', 'i', 'd', 0,   0,   0, 0};
  std::vector<detail::OggPacket> packets{{head, 0}, {tags, 0}};
  std::uint64_t samples = 0;
  for (const Frame& frame : media.frames) {
    const auto packet = OpusPacket::parse(frame.data);
    if (packet) samples += static_cast<std::uint64_t>(duration_to_ticks(packet->duration, 48'000));
    packets.push_back({frame.data, samples});
  }
  return detail::write_ogg(packets);
}

// What decides where a picture begins.
struct UnitKind {
  bool slice = false;          // of a picture
  bool first_slice = false;    // its first
  bool before_slices = false;  // belongs to the picture that comes
};

UnitKind kind_of_unit(core::Bytes unit, core::Codec codec) {
  if (codec == core::Codec::h264) {
    const unsigned type = unit[0] & 0x1F;
    const bool slice = type >= 1 && type <= 5;
    return {slice, slice && unit.size() > 1 && (unit[1] & 0x80) != 0,
            (type >= 6 && type <= 9) || (type >= 14 && type <= 18)};
  }
  const unsigned type = unit[0] >> 1 & 0x3F;
  const bool slice = type < 32;
  return {slice, slice && unit.size() > 2 && (unit[2] & 0x80) != 0,
          (type >= 32 && type <= 35) || type == 39 || (type >= 41 && type <= 44)};
}

}  // namespace

std::string_view to_string(Error error) {
  switch (error) {
    case Error::not_recognised:
      return "not_recognised";
    case Error::truncated:
      return "truncated";
    case Error::malformed:
      return "malformed";
    case Error::unsupported:
      return "unsupported";
  }
  return "unknown";
}

std::vector<core::Bytes> access_units(core::Bytes stream, core::Codec codec) {
  std::vector<core::Bytes> units;
  std::vector<core::Bytes> pictures;
  if (!rtp::detail::split_annex_b(stream, units)) return pictures;
  std::size_t begin = 0;
  bool has_slice = false;
  for (const core::Bytes unit : units) {
    // With its start code, of three bytes or four.
    auto at = static_cast<std::size_t>(unit.data() - stream.data()) - 3;
    if (at > 0 && stream[at - 1] == 0) --at;
    const UnitKind kind = kind_of_unit(unit, codec);
    if (has_slice && (kind.first_slice || kind.before_slices)) {
      pictures.push_back(stream.subspan(begin, at - begin));
      begin = at;
      has_slice = false;
    }
    has_slice = has_slice || kind.slice;
  }
  pictures.push_back(stream.subspan(begin));
  return pictures;
}

std::expected<MediaFile, Error> read_media(core::Bytes file, double frame_rate) {
  const std::string_view magic = core::as_text(file.first(std::min<std::size_t>(file.size(), 4)));
  if (magic == "DKIF") return read_ivf(file);
  if (magic == "OggS") return read_opus(file);
  return read_annex_b(file, frame_rate);
}

std::expected<std::vector<std::uint8_t>, Error> write_media(const MediaFile& media) {
  switch (media.codec) {
    case core::Codec::vp8:
    case core::Codec::vp9:
    case core::Codec::av1:
      return write_ivf(media);
    case core::Codec::opus:
      return write_opus(media);
    case core::Codec::h264:
    case core::Codec::h265:
      break;
    case core::Codec::g722:
    case core::Codec::pcmu:
    case core::Codec::pcma:
    case core::Codec::telephone_event:
      return std::unexpected(Error::unsupported);
  }
  std::vector<std::uint8_t> stream;
  for (const Frame& frame : media.frames) {
    stream.insert(stream.end(), frame.data.begin(), frame.data.end());
  }
  return stream;
}

}  // namespace lucid::rtp::file
