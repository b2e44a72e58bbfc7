#pragma once
#include <array>
#include <cstdint>
#include <expected>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>

#include "core/address.hpp"
#include "core/bytes.hpp"
#include "stun/attributes.hpp"

namespace lucid::stun {

constexpr std::uint32_t magic_cookie = 0x2112A442;
constexpr std::size_t header_size = 20;

// RFC 8489 5: two bits of the message type.
enum class Class : std::uint16_t {
  request = 0x000,
  indication = 0x010,
  success = 0x100,
  error = 0x110
};
std::string_view to_string(Class message_class);

using TransactionId = std::array<std::uint8_t, 12>;

enum class ParseError : std::uint8_t { truncated, not_stun, bad_length, bad_attribute };
std::string_view to_string(ParseError error);

struct Attribute {
  AttributeType type{};
  core::Bytes value;
};

// The attributes of a message in order, each read from its place in the datagram.
class AttributeRange {
 public:
  class Iterator {
   public:
    using value_type = Attribute;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    explicit Iterator(core::Bytes rest) : rest_{rest} {}
    Attribute operator*() const;
    Iterator& operator++();
    Iterator operator++(int);
    bool operator==(std::default_sentinel_t) const { return rest_.empty(); }
    std::size_t remaining() const { return rest_.size(); }

   private:
    core::Bytes rest_;
  };

  explicit AttributeRange(core::Bytes bytes) : bytes_{bytes} {}
  Iterator begin() const { return Iterator{bytes_}; }
  std::default_sentinel_t end() const { return {}; }

 private:
  core::Bytes bytes_;
};

struct Error {
  ErrorCode code{};
  std::string_view reason;
};

// RFC 5780 7.2
struct ChangeRequest {
  bool ip = false;
  bool port = false;
};

// One STUN message (RFC 8489 5), borrowing its datagram. Parsing checks the shape of the message
// and of every attribute's frame, and allocates nothing; values are judged when asked for.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |0 0|M M M M M|C|M M M|C|M M M M|         Message Length        |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |                  Magic Cookie = 0x2112A442                    |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |                  Transaction ID (96 bits)                     |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |  Attributes: Type (16), Length (16), Value, padding to 32 ... |
class Message {
 public:
  [[nodiscard]] static std::expected<Message, ParseError> parse(core::Bytes datagram);

  Class message_class() const { return class_; }
  Method method() const { return method_; }
  const TransactionId& transaction() const { return transaction_; }
  core::Bytes bytes() const { return bytes_; }

  // Everything there is, in order.
  AttributeRange attributes() const { return AttributeRange{bytes_.subspan(header_size)}; }
  // Those before the integrity and the fingerprint: what stands behind them does not count.
  AttributeRange content() const;
  // The first of its type, among those that a receiver may use: after MESSAGE-INTEGRITY only
  // MESSAGE-INTEGRITY-SHA256 and FINGERPRINT count, for nothing else there is protected.
  std::optional<core::Bytes> find(AttributeType type) const;
  bool has(AttributeType type) const { return find(type).has_value(); }

  // Values, nullopt when absent or of the wrong size or form.
  std::optional<std::uint32_t> u32(AttributeType type) const;
  std::optional<std::uint64_t> u64(AttributeType type) const;
  std::optional<std::string_view> text(AttributeType type) const;
  // XOR-MAPPED-ADDRESS, XOR-PEER-ADDRESS and XOR-RELAYED-ADDRESS are uncovered, others taken as
  // they are.
  std::optional<core::Address> address(AttributeType type) const;
  // XOR-MAPPED-ADDRESS, or MAPPED-ADDRESS from a server that knows no better.
  std::optional<core::Address> mapped_address() const;
  std::optional<Error> error() const;
  std::optional<ChangeRequest> change_request() const;

  // RFC 8489 6.3.1: attributes that must be understood and are not among `known`. Writes as many as
  // fit and returns that part of `room`.
  std::span<AttributeType> unknown_required(std::span<const AttributeType> known,
                                            std::span<AttributeType> room) const;
  // RFC 8489 6.3.3, 6.3.4: a response with an attribute that would have to be understood and has no
  // name here is no answer.
  bool understood() const;

 private:
  Message() = default;

  core::Bytes bytes_;
  Class class_{};
  Method method_{};
  TransactionId transaction_{};
};

// RFC 7983 7: STUN shares its port with other protocols; its first byte is 0 to 3, and the cookie
// makes it certain. No judgement on the rest.
bool looks_like_stun(core::Bytes datagram);

// RFC 8489 14.1, 14.2: an address attribute's value on its own.
std::optional<core::Address> parse_address(core::Bytes value);
std::optional<core::Address> parse_xor_address(core::Bytes value, const TransactionId& transaction);
// ERROR-CODE (RFC 8489 14.8), and ADDRESS-ERROR-CODE behind its family (RFC 8656 18.13).
std::optional<Error> parse_error_code(core::Bytes value);

constexpr std::size_t padding(std::size_t size) { return (4 - size % 4) % 4; }

}  // namespace lucid::stun
