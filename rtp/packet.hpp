#pragma once
#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>

#include "core/buffer.hpp"
#include "core/bytes.hpp"

//   0                   1                   2                   3      RFC 3550 5.1
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |V=2|P|X|  CC   |M|     PT      |       sequence number         |
//  |                           timestamp                           |
//  |                             SSRC                              |
//  |                     CSRC, as many as CC says                  |
//  |  extension: profile, length in words |  elements (RFC 8285)   |   if X
//  |  payload ...                         |  padding ... its count |   if P
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
namespace lucid::rtp {

// What a sender chooses for each packet.
struct Header {
  std::uint8_t payload_type = 0;
  bool marker = false;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t ssrc = 0;
  friend bool operator==(const Header&, const Header&) = default;
};

enum class PacketError : std::uint8_t { truncated, bad_version, bad_extension, bad_padding };
std::string_view to_string(PacketError error);

// RFC 5761 4: on a port that carries both, the second byte tells RTCP (192 to 223) from RTP.
bool is_rtcp(core::Bytes datagram);

// One RTP packet, borrowing its bytes. Where those stand in a core::Buffer the view stays good
// while the buffer is moved about, until it is destroyed or grown at the front.
class Packet {
 public:
  Packet() = default;
  [[nodiscard]] static std::expected<Packet, PacketError> parse(core::Bytes bytes);

  const Header& header() const { return header_; }
  std::uint8_t payload_type() const { return header_.payload_type; }
  bool marker() const { return header_.marker; }
  std::uint16_t sequence() const { return header_.sequence; }
  std::uint32_t timestamp() const { return header_.timestamp; }
  std::uint32_t ssrc() const { return header_.ssrc; }

  std::size_t csrc_count() const { return csrcs_ / 4; }
  std::uint32_t csrc(std::size_t index) const;

  core::Bytes bytes() const { return bytes_; }
  core::Bytes payload() const { return bytes_.subspan(header_size_, payload_size_); }
  std::size_t header_size() const { return header_size_; }
  std::size_t padding_size() const { return bytes_.size() - header_size_ - payload_size_; }

  // RFC 8285 4.1: the 16 bits in front of the elements; 0xBEDE for one-byte headers.
  std::optional<std::uint16_t> extension_profile() const;
  core::Bytes extension_bytes() const { return bytes_.subspan(extension_at_, extension_size_); }
  // The value of the element with this id, empty for one without content; nullopt when there is
  // none.
  std::optional<core::Bytes> extension(std::uint8_t id) const;

 private:
  core::Bytes bytes_;
  Header header_;
  std::uint8_t csrcs_ = 0;  // in bytes
  std::size_t extension_at_ = 0;
  std::size_t extension_size_ = 0;
  std::size_t header_size_ = 0;
  std::size_t payload_size_ = 0;
};

// One element of a header extension, of either form.
struct ExtensionElement {
  std::uint8_t id = 0;
  core::Bytes value;
};

// Walks the elements of a packet: while (const auto element = elements.next()) ...
class ExtensionElements {
 public:
  explicit ExtensionElements(const Packet& packet);
  std::optional<ExtensionElement> next();

 private:
  core::ByteReader in_;
  enum class Form : std::uint8_t { none, one_byte, two_byte } form_ = Form::none;
};

// Changes a packet where it lies: what a forwarder and a pacer need. The bytes must hold a packet
// that Packet::parse accepts.
class PacketRewriter {
 public:
  explicit PacketRewriter(core::MutableBytes packet) : bytes_{packet} {}

  void marker(bool marker);
  void payload_type(std::uint8_t payload_type);
  void sequence(std::uint16_t sequence);
  void timestamp(std::uint32_t timestamp);
  void ssrc(std::uint32_t ssrc);
  // Room of an element that is already there, to be filled late or changed; empty when it is not.
  core::MutableBytes extension(std::uint8_t id);

 private:
  core::MutableBytes bytes_;
};

// A header being written: fixed part, CSRCs, extension elements. It is made once for a frame and
// laid in front of each of its payloads, with the sequence number and marker of each.
class HeaderWriter {
 public:
  explicit HeaderWriter(const Header& header);

  void marker(bool marker);
  void sequence(std::uint16_t sequence);
  // False when there is no room for more (15 CSRCs; 255 bytes of elements). CSRCs go first.
  bool add_csrc(std::uint32_t csrc);
  // Room for the value of a new element, zeroed. RFC 8285 4.2 and 4.3: the one-byte form as long as
  // ids and lengths allow, the two-byte form for all elements otherwise. Empty when it cannot be
  // had. Spans given out before become invalid.
  core::MutableBytes add_extension(std::uint8_t id, std::size_t size);
  bool add_extension(std::uint8_t id, core::Bytes value);

  // With the padding to a full word.
  std::size_t size() const;
  core::Bytes bytes() const { return core::Bytes{bytes_}.first(size()); }
  void prepend_to(core::Buffer& payload) const;

 private:
  void widen();

  std::array<std::uint8_t, 12 + 15 * 4 + 4 + 256> bytes_{};
  std::size_t size_ = 12;
  std::size_t extension_at_ = 0;  // of the first element; 0 without extension
  bool two_byte_ = false;
};

// RFC 3550 5.1: appends `count` bytes of padding (1 to 255) and sets the bit.
void add_padding(core::Buffer& packet, std::uint8_t count);
// Lays `header` in front of the payload in place of the one that is there: for a forwarder whose
// extension ids differ from leg to leg.
void replace_header(core::Buffer& packet, const Packet& view, const HeaderWriter& header);

}  // namespace lucid::rtp
