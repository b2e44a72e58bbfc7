#include "stun/message.hpp"

#include <algorithm>

namespace lucid::stun {
namespace {

constexpr std::uint16_t class_mask = 0x0110;

// RFC 8489 5: the method's twelve bits lie around the two of the class.
constexpr Method method_of(std::uint16_t type) {
  return Method{
      static_cast<std::uint16_t>((type & 0x000F) | (type & 0x00E0) >> 1 | (type & 0x3E00) >> 2)};
}

// RFC 8489 14.5, 14.6: what may follow the integrity attributes.
constexpr bool may_follow(AttributeType integrity, AttributeType type) {
  if (type == AttributeType::fingerprint) return true;
  return integrity == AttributeType::message_integrity &&
         type == AttributeType::message_integrity_sha256;
}

// A value of the attribute's frame at the head of `rest`, which parse() has checked.
constexpr std::size_t size_field(core::Bytes rest) {
  return static_cast<std::size_t>(rest[2] << 8 | rest[3]);
}

}  // namespace

Attribute AttributeRange::Iterator::operator*() const {
  const auto type = static_cast<std::uint16_t>(rest_[0] << 8 | rest_[1]);
  return {AttributeType{type}, rest_.subspan(4, size_field(rest_))};
}

AttributeRange::Iterator& AttributeRange::Iterator::operator++() {
  const std::size_t size = size_field(rest_);
  rest_ = rest_.subspan(4 + size + padding(size));
  return *this;
}

AttributeRange::Iterator AttributeRange::Iterator::operator++(int) {
  const Iterator before = *this;
  ++*this;
  return before;
}

std::expected<Message, ParseError> Message::parse(core::Bytes datagram) {
  core::ByteReader in{datagram};
  const std::uint16_t type = in.u16();
  const std::uint16_t length = in.u16();
  const std::uint32_t cookie = in.u32();
  const core::Bytes transaction = in.bytes(12);
  // RFC 8489 5: the first two bits are zero; the cookie tells STUN from other protocols.
  if (!datagram.empty() && (datagram[0] & 0xC0) != 0) return std::unexpected(ParseError::not_stun);
  if (!in.ok()) return std::unexpected(ParseError::truncated);
  if (cookie != magic_cookie) return std::unexpected(ParseError::not_stun);
  // RFC 8489 5: attributes are padded to four bytes, so the low two bits of the length are zero.
  if (length % 4 != 0) return std::unexpected(ParseError::bad_length);
  if (length > in.remaining()) return std::unexpected(ParseError::truncated);
  if (length < in.remaining()) return std::unexpected(ParseError::bad_length);
  while (in.remaining() > 0) {
    in.skip(2);
    const std::size_t size = in.u16();
    in.skip(size + padding(size));
    if (!in.ok()) return std::unexpected(ParseError::bad_attribute);
  }
  Message message;
  message.bytes_ = datagram;
  message.class_ = Class{static_cast<std::uint16_t>(type & class_mask)};
  message.method_ = method_of(type);
  std::ranges::copy(transaction, message.transaction_.begin());
  return message;
}

AttributeRange Message::content() const {
  const core::Bytes all = bytes_.subspan(header_size);
  for (auto at = attributes().begin(); at != std::default_sentinel; ++at) {
    const AttributeType type = (*at).type;
    if (type == AttributeType::message_integrity ||
        type == AttributeType::message_integrity_sha256 || type == AttributeType::fingerprint) {
      return AttributeRange{all.first(all.size() - at.remaining())};
    }
  }
  return AttributeRange{all};
}

std::optional<core::Bytes> Message::find(AttributeType type) const {
  std::optional<AttributeType> integrity;
  for (const Attribute attribute : attributes()) {
    // RFC 8489 14.5, 14.6: whatever else follows an integrity attribute is ignored.
    if (integrity && !may_follow(*integrity, attribute.type)) continue;
    // RFC 8489 14: of several attributes of one type only the first counts.
    if (attribute.type == type) return attribute.value;
    if (attribute.type == AttributeType::message_integrity ||
        attribute.type == AttributeType::message_integrity_sha256) {
      integrity = attribute.type;
    }
    // RFC 8489 14.7: the fingerprint is last.
    if (attribute.type == AttributeType::fingerprint) break;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> Message::u32(AttributeType type) const {
  const auto value = find(type);
  if (!value || value->size() != 4) return std::nullopt;
  return core::ByteReader{*value}.u32();
}

std::optional<std::uint64_t> Message::u64(AttributeType type) const {
  const auto value = find(type);
  if (!value || value->size() != 8) return std::nullopt;
  return core::ByteReader{*value}.u64();
}

std::optional<std::string_view> Message::text(AttributeType type) const {
  const auto value = find(type);
  if (!value) return std::nullopt;
  return core::as_text(*value);
}

std::optional<core::Address> Message::address(AttributeType type) const {
  const auto value = find(type);
  if (!value) return std::nullopt;
  return is_xored(type) ? parse_xor_address(*value, transaction_) : parse_address(*value);
}

std::optional<core::Address> Message::mapped_address() const {
  if (const auto xored = address(AttributeType::xor_mapped_address)) return xored;
  return address(AttributeType::mapped_address);
}

std::optional<Error> Message::error() const {
  const auto value = find(AttributeType::error_code);
  if (!value) return std::nullopt;
  return parse_error_code(*value);
}

std::optional<ChangeRequest> Message::change_request() const {
  const auto value = u32(AttributeType::change_request);
  if (!value) return std::nullopt;
  return ChangeRequest{(*value & 4) != 0, (*value & 2) != 0};
}

std::span<AttributeType> Message::unknown_required(std::span<const AttributeType> known,
                                                   std::span<AttributeType> room) const {
  std::size_t count = 0;
  for (const Attribute attribute : content()) {
    const std::span<AttributeType> found = room.first(count);
    if (count == room.size()) break;
    if (!comprehension_required(attribute.type) ||
        std::ranges::find(known, attribute.type) != known.end() ||
        std::ranges::find(found, attribute.type) != found.end()) {
      continue;
    }
    room[count++] = attribute.type;
  }
  return room.first(count);
}

bool Message::understood() const {
  return std::ranges::all_of(content(), [](const Attribute& attribute) {
    return !comprehension_required(attribute.type) || is_of_rfc3489(attribute.type) ||
           to_string(attribute.type) != "unknown";
  });
}

bool looks_like_stun(core::Bytes datagram) {
  if (datagram.size() < 8 || datagram[0] > 3) return false;
  return core::ByteReader{datagram.subspan(4)}.u32() == magic_cookie;
}

std::optional<core::Address> parse_address(core::Bytes value) {
  core::ByteReader in{value};
  in.skip(1);
  const std::uint8_t family = in.u8();
  const std::uint16_t port = in.u16();
  if (!in.ok() || (family != 1 && family != 2)) return std::nullopt;
  if (in.remaining() != (family == 1 ? 4U : 16U)) return std::nullopt;
  const auto ip = core::Ip::from_bytes(in.rest());
  if (!ip) return std::nullopt;
  return core::Address{*ip, port};
}

std::optional<core::Address> parse_xor_address(core::Bytes value,
                                               const TransactionId& transaction) {
  if (value.size() != 8 && value.size() != 20) return std::nullopt;
  // RFC 8489 14.2: the port is covered by the cookie, the address by the cookie and, when it is
  // v6, the transaction's number behind it.
  std::array<std::uint8_t, 16> mask{0x21, 0x12, 0xA4, 0x42};
  std::ranges::copy(transaction, mask.begin() + 4);
  std::array<std::uint8_t, 20> plain{};
  std::ranges::copy(value, plain.begin());
  plain[2] ^= mask[0];
  plain[3] ^= mask[1];
  for (std::size_t i = 4; i < value.size(); ++i) plain[i] ^= mask[i - 4];
  return parse_address(core::Bytes{plain}.first(value.size()));
}

std::optional<Error> parse_error_code(core::Bytes value) {
  core::ByteReader in{value};
  in.skip(2);
  const std::uint8_t hundreds = in.u8() & 7;
  const std::uint8_t rest = in.u8();
  // RFC 8489 14.8: the class is 3 to 6, the number 0 to 99.
  if (!in.ok() || hundreds < 3 || hundreds > 6 || rest > 99) return std::nullopt;
  return Error{ErrorCode{static_cast<std::uint16_t>(hundreds * 100 + rest)},
               core::as_text(in.rest())};
}

std::string_view to_string(Class message_class) {
  switch (message_class) {
    case Class::request:
      return "request";
    case Class::indication:
      return "indication";
    case Class::success:
      return "success response";
    case Class::error:
      return "error response";
  }
  return "unknown";
}

std::string_view to_string(ParseError error) {
  switch (error) {
    case ParseError::truncated:
      return "the message is longer than the datagram";
    case ParseError::not_stun:
      return "not a STUN message";
    case ParseError::bad_length:
      return "the length field does not fit the datagram";
    case ParseError::bad_attribute:
      return "an attribute reaches past the end of the message";
  }
  return "unknown";
}

}  // namespace lucid::stun
