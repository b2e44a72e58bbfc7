#include "rtp/packet.hpp"

#include <algorithm>
#include <cstring>

#include "core/check.hpp"

namespace lucid::rtp {
namespace {

constexpr std::uint16_t one_byte_profile = 0xBEDE;  // RFC 8285 4.2
constexpr std::uint16_t two_byte_profile = 0x1000;  // RFC 8285 4.3, the low four bits are free
constexpr std::size_t most_element_bytes = 255;

void put_u16(std::uint8_t* at, std::uint16_t value) {
  at[0] = static_cast<std::uint8_t>(value >> 8);
  at[1] = static_cast<std::uint8_t>(value);
}

void put_u32(std::uint8_t* at, std::uint32_t value) {
  put_u16(at, static_cast<std::uint16_t>(value >> 16));
  put_u16(at + 2, static_cast<std::uint16_t>(value));
}

std::size_t to_words(std::size_t size) { return (size + 3) / 4; }

}  // namespace

std::string_view to_string(PacketError error) {
  switch (error) {
    case PacketError::truncated:
      return "truncated";
    case PacketError::bad_version:
      return "bad_version";
    case PacketError::bad_extension:
      return "bad_extension";
    case PacketError::bad_padding:
      return "bad_padding";
  }
  return "unknown";
}

bool is_rtcp(core::Bytes datagram) {
  // RFC 5761 4: payload types 64 to 95 stay unused, so this range belongs to RTCP alone.
  return datagram.size() >= 2 && datagram[1] >= 192 && datagram[1] <= 223;
}

std::expected<Packet, PacketError> Packet::parse(core::Bytes bytes) {
  core::ByteReader in{bytes};
  const std::uint8_t first = in.u8();
  const std::uint8_t second = in.u8();
  Packet packet;
  packet.bytes_ = bytes;
  packet.header_ = {.payload_type = static_cast<std::uint8_t>(second & 0x7F),
                    .marker = (second & 0x80) != 0,
                    .sequence = in.u16(),
                    .timestamp = in.u32(),
                    .ssrc = in.u32()};
  packet.csrcs_ = static_cast<std::uint8_t>((first & 0x0F) * 4);
  in.skip(packet.csrcs_);
  if (!in.ok()) return std::unexpected(PacketError::truncated);
  // RFC 3550 A.1: the version is 2.
  if (first >> 6 != 2) return std::unexpected(PacketError::bad_version);
  if ((first & 0x10) != 0) {
    // RFC 3550 5.3.1: one extension, its length counted in words behind its own first one.
    in.skip(2);
    packet.extension_size_ = std::size_t{in.u16()} * 4;
    packet.extension_at_ = in.position();
    in.skip(packet.extension_size_);
    if (!in.ok()) return std::unexpected(PacketError::bad_extension);
  }
  packet.header_size_ = in.position();
  packet.payload_size_ = in.remaining();
  if ((first & 0x20) != 0) {
    // RFC 3550 5.1: the last byte counts the padding, itself included.
    const std::size_t padding = bytes.back();
    if (padding == 0 || padding > packet.payload_size_) {
      return std::unexpected(PacketError::bad_padding);
    }
    packet.payload_size_ -= padding;
  }
  return packet;
}

std::uint32_t Packet::csrc(std::size_t index) const {
  core::ByteReader in{bytes_.subspan(12 + 4 * index)};
  return in.u32();
}

std::optional<std::uint16_t> Packet::extension_profile() const {
  if (extension_at_ == 0) return std::nullopt;
  core::ByteReader in{bytes_.subspan(extension_at_ - 4)};
  return in.u16();
}

std::optional<core::Bytes> Packet::extension(std::uint8_t id) const {
  ExtensionElements elements{*this};
  while (const auto element = elements.next()) {
    if (element->id == id) return element->value;
  }
  return std::nullopt;
}

ExtensionElements::ExtensionElements(const Packet& packet) : in_{packet.extension_bytes()} {
  const auto profile = packet.extension_profile();
  if (profile == one_byte_profile) form_ = Form::one_byte;
  if (profile && (*profile & 0xFFF0) == two_byte_profile) form_ = Form::two_byte;
}

std::optional<ExtensionElement> ExtensionElements::next() {
  while (form_ != Form::none && in_.remaining() > 0) {
    const std::uint8_t first = in_.u8();
    // RFC 8285 4.1.1: zero bytes between elements are padding. In the one-byte form an id of 0 with
    // a length means nothing, and its length cannot be trusted.
    if (first == 0 && form_ == Form::one_byte) continue;
    ExtensionElement element;
    if (form_ == Form::one_byte) {
      element.id = first >> 4;
      // RFC 8285 4.2: id 15 ends the processing.
      if (element.id == 0 || element.id == 15) break;
      element.value = in_.bytes((first & 0x0FU) + 1);
    } else {
      if (first == 0) continue;
      element.id = first;
      element.value = in_.bytes(in_.u8());
    }
    if (!in_.ok()) break;
    return element;
  }
  form_ = Form::none;
  return std::nullopt;
}

void PacketRewriter::marker(bool marker) {
  bytes_[1] = static_cast<std::uint8_t>((bytes_[1] & 0x7F) | (marker ? 0x80 : 0));
}

void PacketRewriter::payload_type(std::uint8_t payload_type) {
  bytes_[1] = static_cast<std::uint8_t>((bytes_[1] & 0x80) | (payload_type & 0x7F));
}

void PacketRewriter::sequence(std::uint16_t sequence) { put_u16(&bytes_[2], sequence); }
void PacketRewriter::timestamp(std::uint32_t timestamp) { put_u32(&bytes_[4], timestamp); }
void PacketRewriter::ssrc(std::uint32_t ssrc) { put_u32(&bytes_[8], ssrc); }

core::MutableBytes PacketRewriter::extension(std::uint8_t id) {
  const auto packet = Packet::parse(bytes_);
  const auto value = packet ? packet->extension(id) : std::nullopt;
  if (!value || value->empty()) return {};
  return bytes_.subspan(static_cast<std::size_t>(value->data() - bytes_.data()), value->size());
}

HeaderWriter::HeaderWriter(const Header& header) {
  bytes_[0] = 2 << 6;
  bytes_[1] = static_cast<std::uint8_t>((header.payload_type & 0x7F) | (header.marker ? 0x80 : 0));
  put_u16(&bytes_[2], header.sequence);
  put_u32(&bytes_[4], header.timestamp);
  put_u32(&bytes_[8], header.ssrc);
}

void HeaderWriter::marker(bool marker) { PacketRewriter{bytes_}.marker(marker); }
void HeaderWriter::sequence(std::uint16_t sequence) { put_u16(&bytes_[2], sequence); }

bool HeaderWriter::add_csrc(std::uint32_t csrc) {
  if ((bytes_[0] & 0x0F) == 15 || extension_at_ != 0) return false;
  put_u32(&bytes_[size_], csrc);
  size_ += 4;
  ++bytes_[0];
  return true;
}

core::MutableBytes HeaderWriter::add_extension(std::uint8_t id, std::size_t size) {
  if (id == 0 || size > 255) return {};
  const bool needs_two = id > 14 || size == 0 || size > 16;
  const std::size_t used = extension_at_ == 0 ? 0 : size_ - extension_at_;
  // Counted as the two-byte form, so that widening always fits.
  std::size_t elements = 0;
  if (extension_at_ != 0 && !two_byte_) {
    for (std::size_t at = extension_at_; at < size_; at += (bytes_[at] & 0x0FU) + 2) ++elements;
  }
  if (used + elements + 2 + size > most_element_bytes) return {};
  if (extension_at_ == 0) {
    bytes_[0] |= 0x10;
    size_ += 4;
    extension_at_ = size_;
  }
  if (needs_two && !two_byte_) widen();
  if (two_byte_) {
    bytes_[size_++] = id;
    bytes_[size_++] = static_cast<std::uint8_t>(size);
  } else {
    bytes_[size_++] = static_cast<std::uint8_t>(std::size_t{id} << 4 | (size - 1));
  }
  put_u16(&bytes_[extension_at_ - 4], two_byte_ ? two_byte_profile : one_byte_profile);
  const core::MutableBytes value = core::MutableBytes{bytes_}.subspan(size_, size);
  size_ += size;
  put_u16(&bytes_[extension_at_ - 2], static_cast<std::uint16_t>(to_words(size_ - extension_at_)));
  return value;
}

bool HeaderWriter::add_extension(std::uint8_t id, core::Bytes value) {
  const std::size_t before = size_;
  const core::MutableBytes room = add_extension(id, value.size());
  if (!value.empty() && !room.empty()) std::memcpy(room.data(), value.data(), value.size());
  return size_ != before;
}

void HeaderWriter::widen() {
  const auto narrow = bytes_;
  const std::size_t end = size_;
  size_ = extension_at_;
  for (std::size_t at = extension_at_; at < end;) {
    const std::size_t length = (narrow[at] & 0x0FU) + 1;
    bytes_[size_++] = narrow[at] >> 4;
    bytes_[size_++] = static_cast<std::uint8_t>(length);
    std::copy_n(&narrow[at + 1], length, &bytes_[size_]);
    size_ += length;
    at += length + 1;
  }
  two_byte_ = true;
}

std::size_t HeaderWriter::size() const {
  return extension_at_ == 0 ? size_ : extension_at_ + 4 * to_words(size_ - extension_at_);
}

void HeaderWriter::prepend_to(core::Buffer& payload) const {
  const core::Bytes header = bytes();
  std::memcpy(payload.prepend(header.size()).data(), header.data(), header.size());
}

void add_padding(core::Buffer& packet, std::uint8_t count) {
  core::check(count > 0 && packet.size() >= 12);
  packet.data()[0] |= 0x20;
  const core::MutableBytes padding = packet.append(count);
  std::ranges::fill(padding, std::uint8_t{0});
  padding.back() = count;
}

void replace_header(core::Buffer& packet, const Packet& view, const HeaderWriter& header) {
  const bool padded = view.padding_size() > 0;
  packet.drop_front(view.header_size());
  header.prepend_to(packet);
  if (padded) packet.data()[0] |= 0x20;
}

}  // namespace lucid::rtp
