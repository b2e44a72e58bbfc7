#include "stun/builder.hpp"

#include <algorithm>

#include "stun/detail/crc32.hpp"

namespace lucid::stun {
namespace {

// RFC 8489 5: the method's twelve bits lie around the two of the class.
constexpr std::uint16_t message_type(Class message_class, Method method) {
  const auto m = static_cast<unsigned>(method);
  return static_cast<std::uint16_t>(static_cast<unsigned>(message_class) | (m & 0x00F) |
                                    (m & 0x070) << 1 | (m & 0xF80) << 2);
}

}  // namespace

TransactionId random_transaction(core::Random& random) {
  TransactionId id;
  random.fill(id);
  return id;
}

Builder::Builder(core::Pool& pool, Class message_class, Method method,
                 const TransactionId& transaction, std::size_t room)
    : buffer_{pool.take(std::max(room, header_size))} {
  core::ByteWriter out{buffer_.bytes()};
  out.u16(message_type(message_class, method));
  out.u16(0);
  out.u32(magic_cookie);
  out.bytes(transaction);
}

core::MutableBytes Builder::reserve(AttributeType type, std::size_t size) {
  const std::size_t whole = 4 + size + padding(size);
  // RFC 8489 5, 14: both lengths have 16 bits.
  if (!ok_ || whole > buffer_.size() - size_ || size_ + whole - header_size > 0xFFFF) {
    ok_ = false;
    return {};
  }
  core::ByteWriter out{buffer_.bytes().subspan(size_, whole)};
  out.u16(static_cast<std::uint16_t>(type));
  out.u16(static_cast<std::uint16_t>(size));
  const core::MutableBytes value = out.reserve(size);
  out.fill(padding(size));
  size_ += whole;
  set_length(size_ - header_size);
  return value;
}

void Builder::set_length(std::size_t length) {
  buffer_.data()[2] = static_cast<std::uint8_t>(length >> 8);
  buffer_.data()[3] = static_cast<std::uint8_t>(length);
}

void Builder::u32(AttributeType type, std::uint32_t value) {
  core::ByteWriter{reserve(type, 4)}.u32(value);
}

void Builder::u64(AttributeType type, std::uint64_t value) {
  core::ByteWriter{reserve(type, 8)}.u64(value);
}

void Builder::bytes(AttributeType type, core::Bytes value) {
  core::ByteWriter{reserve(type, value.size())}.bytes(value);
}

void Builder::address(AttributeType type, const core::Address& value) {
  const core::Bytes ip = value.ip.bytes();
  const core::MutableBytes room = reserve(type, 4 + ip.size());
  core::ByteWriter out{room};
  out.u8(0);
  out.u8(value.family() == core::Family::v4 ? 1 : 2);
  out.u16(value.port);
  out.bytes(ip);
  if (!is_xored(type) || !out.ok()) return;
  // RFC 8489 14.2: the cookie and the transaction's number lie side by side in the header.
  const core::Bytes mask = written().subspan(4, 16);
  room[2] ^= mask[0];
  room[3] ^= mask[1];
  for (std::size_t i = 0; i < ip.size(); ++i) room[4 + i] ^= mask[i];
}

void Builder::error(ErrorCode code, std::string_view reason) {
  const auto number = static_cast<unsigned>(code);
  core::ByteWriter out{reserve(AttributeType::error_code, 4 + reason.size())};
  out.u16(0);
  out.u8(static_cast<std::uint8_t>(number / 100));
  out.u8(static_cast<std::uint8_t>(number % 100));
  out.text(reason);
}

void Builder::unknown_attributes(std::span<const AttributeType> types) {
  core::ByteWriter out{reserve(AttributeType::unknown_attributes, types.size() * 2)};
  for (const AttributeType type : types) out.u16(static_cast<std::uint16_t>(type));
}

void Builder::change_request(ChangeRequest change) {
  u32(AttributeType::change_request, (change.ip ? 4U : 0U) | (change.port ? 2U : 0U));
}

void Builder::address_family(AttributeType type, core::Family family) {
  u32(type, (family == core::Family::v4 ? 1U : 2U) << 24);
}

void Builder::password_algorithm(PasswordAlgorithm algorithm) {
  u32(AttributeType::password_algorithm, static_cast<std::uint32_t>(algorithm) << 16);
}

void Builder::password_algorithms(std::span<const PasswordAlgorithm> algorithms) {
  core::ByteWriter out{reserve(AttributeType::password_algorithms, algorithms.size() * 4)};
  // RFC 8489 14.11: each with the length of its parameters, of which neither algorithm has any.
  for (const PasswordAlgorithm algorithm : algorithms) {
    out.u16(static_cast<std::uint16_t>(algorithm));
    out.u16(0);
  }
}

void Builder::integrity(const Key& key) {
  const core::Bytes before = written();
  const core::MutableBytes tag = reserve(AttributeType::message_integrity, 20);
  // RFC 8489 14.5: the length in the header already counts this attribute.
  if (ok_) std::ranges::copy(key.sha1(before, {}), tag.begin());
}

void Builder::integrity_sha256(const Key& key) {
  const core::Bytes before = written();
  const core::MutableBytes tag = reserve(AttributeType::message_integrity_sha256, 32);
  if (ok_) std::ranges::copy(key.sha256(before, {}), tag.begin());
}

void Builder::fingerprint() {
  const core::Bytes before = written();
  const core::MutableBytes value = reserve(AttributeType::fingerprint, 4);
  if (ok_) core::ByteWriter{value}.u32(detail::crc32(before) ^ detail::fingerprint_mask);
}

core::Buffer Builder::finish() && {
  buffer_.resize(ok_ ? size_ : 0);
  return std::move(buffer_);
}

}  // namespace lucid::stun
