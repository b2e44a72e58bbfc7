#include "sctp/dcep.hpp"

#include <algorithm>
#include <optional>

#include "core/check.hpp"

namespace lucid::sctp::dcep {

namespace {

// RFC 8832 8.2.1.
constexpr std::uint8_t type_ack = 0x02;
constexpr std::uint8_t type_open = 0x03;
constexpr std::size_t open_header = 12;

// RFC 8832 5.1: the low bits say what limits a message, the high bit that order does not matter.
enum Limit : std::uint8_t { none = 0, retransmits = 1, lifetime = 2 };
constexpr std::uint8_t unordered_bit = 0x80;

std::optional<Reliability> reliability_of(std::uint8_t limit, std::uint32_t parameter) {
  // W3C counts both in 16 bits; more than that is as good as the largest.
  const auto capped = static_cast<std::uint16_t>(std::min<std::uint32_t>(parameter, 0xFFFF));
  switch (limit) {
    case none:
      return Reliable{};  // RFC 8832 5.1: the parameter is ignored
    case retransmits:
      return MaxRetransmits{capped};
    case lifetime:
      return MaxLifetime{capped};
    default:
      return std::nullopt;
  }
}

std::expected<Message, ParseError> parse_open(core::ByteReader in) {
  const std::uint8_t type = in.u8();
  Open open;
  open.priority = in.u16();
  const std::uint32_t parameter = in.u32();
  const std::uint16_t label_size = in.u16();
  const std::uint16_t protocol_size = in.u16();
  open.label = core::as_text(in.bytes(label_size));
  open.protocol = core::as_text(in.bytes(protocol_size));
  if (!in.ok()) return std::unexpected(ParseError::truncated);
  if (in.remaining() > 0) return std::unexpected(ParseError::trailing_bytes);
  const auto reliability =
      reliability_of(type & static_cast<std::uint8_t>(~unordered_bit), parameter);
  if (!reliability) return std::unexpected(ParseError::unknown_channel_type);
  open.order = (type & unordered_bit) != 0 ? Order::unordered : Order::ordered;
  open.reliability = *reliability;
  return open;
}

void write(core::ByteWriter& out, const Open& open) {
  std::uint8_t type = none;
  std::uint32_t parameter = 0;
  if (const auto* limit = std::get_if<MaxRetransmits>(&open.reliability)) {
    type = retransmits;
    parameter = limit->count;
  } else if (const auto* time = std::get_if<MaxLifetime>(&open.reliability)) {
    type = lifetime;
    parameter = time->milliseconds;
  }
  out.u8(type_open);
  out.u8(open.order == Order::unordered ? type | unordered_bit : type);
  out.u16(open.priority);
  out.u32(parameter);
  out.u16(static_cast<std::uint16_t>(open.label.size()));
  out.u16(static_cast<std::uint16_t>(open.protocol.size()));
  out.text(open.label);
  out.text(open.protocol);
}

}  // namespace

std::string_view to_string(ParseError error) {
  switch (error) {
    case ParseError::truncated:
      return "truncated";
    case ParseError::unknown_message:
      return "unknown_message";
    case ParseError::unknown_channel_type:
      return "unknown_channel_type";
    case ParseError::trailing_bytes:
      return "trailing_bytes";
  }
  return "";
}

std::expected<Message, ParseError> parse(core::Bytes message) {
  core::ByteReader in{message};
  const std::uint8_t type = in.u8();
  if (!in.ok()) return std::unexpected(ParseError::truncated);
  if (type == type_open) return parse_open(in);
  if (type != type_ack) return std::unexpected(ParseError::unknown_message);
  if (in.remaining() > 0) return std::unexpected(ParseError::trailing_bytes);
  return Ack{};
}

std::vector<std::uint8_t> serialize(const Message& message) {
  const auto* open = std::get_if<Open>(&message);
  if (open == nullptr) return {type_ack};
  std::vector<std::uint8_t> bytes(open_header + open->label.size() + open->protocol.size());
  core::ByteWriter out{bytes};
  write(out, *open);
  core::check(out.ok() && out.room() == 0);
  return bytes;
}

}  // namespace lucid::sctp::dcep
