#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "core/address.hpp"
#include "core/buffer.hpp"
#include "core/random.hpp"
#include "stun/integrity.hpp"
#include "stun/message.hpp"

namespace lucid::stun {

TransactionId random_transaction(core::Random& random);

// Writes one STUN message into a buffer of the pool. Attributes appear in the order of the calls;
// integrity comes after all others, the fingerprint last (RFC 8489 14.5 to 14.7).
//
//   Builder out{pool, Class::request, Method::binding, random_transaction(random)};
//   out.text(AttributeType::username, "evtj:h6vY");
//   out.u32(AttributeType::priority, 0x6e0001ff);
//   out.integrity(key);
//   out.fingerprint();
//   send(std::move(out).finish());
class Builder {
 public:
  static constexpr std::size_t default_room = 1280;

  Builder(core::Pool& pool, Class message_class, Method method, const TransactionId& transaction,
          std::size_t room = default_room);

  void flag(AttributeType type) { bytes(type, {}); }
  void u32(AttributeType type, std::uint32_t value);
  void u64(AttributeType type, std::uint64_t value);
  void text(AttributeType type, std::string_view value) { bytes(type, core::as_bytes(value)); }
  void bytes(AttributeType type, core::Bytes value);
  // Covers the address where the type's name begins with XOR.
  void address(AttributeType type, const core::Address& value);

  void error(ErrorCode code) { error(code, to_string(code)); }
  void error(ErrorCode code, std::string_view reason);
  void unknown_attributes(std::span<const AttributeType> types);
  void change_request(ChangeRequest change);
  void channel_number(std::uint16_t channel) {
    u32(AttributeType::channel_number, std::uint32_t{channel} << 16);
  }
  void requested_transport(std::uint8_t protocol) {
    u32(AttributeType::requested_transport, std::uint32_t{protocol} << 24);
  }
  // REQUESTED-ADDRESS-FAMILY, ADDITIONAL-ADDRESS-FAMILY
  void address_family(AttributeType type, core::Family family);
  void password_algorithm(PasswordAlgorithm algorithm);
  void password_algorithms(std::span<const PasswordAlgorithm> algorithms);

  void integrity(const Key& key);         // MESSAGE-INTEGRITY: HMAC-SHA1
  void integrity_sha256(const Key& key);  // MESSAGE-INTEGRITY-SHA256
  void fingerprint();

  // False when something did not fit; finish() then gives an empty buffer.
  bool ok() const { return ok_; }
  core::Buffer finish() &&;

 private:
  core::MutableBytes reserve(AttributeType type, std::size_t size);
  void set_length(std::size_t length);
  core::Bytes written() const { return core::Bytes{buffer_.bytes()}.first(size_); }

  core::Buffer buffer_;
  std::size_t size_ = header_size;
  bool ok_ = true;
};

}  // namespace lucid::stun
