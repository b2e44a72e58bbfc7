#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/bytes.hpp"
#include "sctp/message.hpp"

// The Data Channel Establishment Protocol (RFC 8832): syntax only.
namespace lucid::sctp::dcep {

enum class ParseError : std::uint8_t {
  truncated,
  unknown_message,       // neither DATA_CHANNEL_OPEN nor DATA_CHANNEL_ACK
  unknown_channel_type,  // RFC 8832 8.2.2
  trailing_bytes,
};
std::string_view to_string(ParseError error);

//    0                   1                   2                   3
//   | message type  | channel type  |            priority           |   RFC 8832 5.1
//   |                     reliability parameter                     |
//   |         label length          |        protocol length        |
//   |                            label ...                          |
//   |                          protocol ...                         |
struct Open {
  Order order = Order::ordered;
  Reliability reliability = Reliable{};
  std::uint16_t priority = 256;
  std::string label;
  std::string protocol;
  friend bool operator==(const Open&, const Open&) = default;
};

//   | message type  |   RFC 8832 5.2
struct Ack {
  friend bool operator==(Ack, Ack) = default;
};

using Message = std::variant<Open, Ack>;

[[nodiscard]] std::expected<Message, ParseError> parse(core::Bytes message);
// Label and protocol must have at most 65,535 bytes each.
std::vector<std::uint8_t> serialize(const Message& message);

}  // namespace lucid::sctp::dcep
