#include "rtp/rtcp/packet.hpp"

#include "core/handle.hpp"

namespace lucid::rtp::rtcp {

std::string_view to_string(ParseError error) {
  switch (error) {
    case ParseError::truncated:
      return "truncated";
    case ParseError::bad_version:
      return "bad_version";
    case ParseError::bad_length:
      return "bad_length";
    case ParseError::bad_padding:
      return "bad_padding";
    case ParseError::bad_body:
      return "bad_body";
  }
  return "unknown";
}

std::string_view name_of(const Message& message) {
  return std::visit(core::Overloaded{
                        [](const SenderReport&) { return std::string_view{"SR"}; },
                        [](const ReceiverReport&) { return std::string_view{"RR"}; },
                        [](const SourceDescription&) { return std::string_view{"SDES"}; },
                        [](const Bye&) { return std::string_view{"BYE"}; },
                        [](const Application&) { return std::string_view{"APP"}; },
                        [](const ExtendedReport&) { return std::string_view{"XR"}; },
                        [](const Nack&) { return std::string_view{"NACK"}; },
                        [](const TransportFeedback&) { return std::string_view{"TWCC"}; },
                        [](const CongestionFeedback&) { return std::string_view{"CCFB"}; },
                        [](const BitrateRequest&) { return std::string_view{"TMMBR"}; },
                        [](const BitrateNotification&) { return std::string_view{"TMMBN"}; },
                        [](const PictureLoss&) { return std::string_view{"PLI"}; },
                        [](const SliceLoss&) { return std::string_view{"SLI"}; },
                        [](const ReferenceSelection&) { return std::string_view{"RPSI"}; },
                        [](const FullIntraRequest&) { return std::string_view{"FIR"}; },
                        [](const Remb&) { return std::string_view{"REMB"}; },
                        [](const Unknown&) { return std::string_view{"unknown"}; },
                    },
                    message);
}

std::optional<Block> Blocks::next() {
  if (error_ || in_.remaining() == 0) return std::nullopt;
  const std::uint8_t first = in_.u8();
  Block block;
  block.count = first & 0x1F;
  block.type = in_.u8();
  const std::size_t length = std::size_t{in_.u16()} * 4;
  if (!in_.ok()) return fail(ParseError::truncated);
  // RFC 3550 A.2: version 2 in each packet, and lengths that add up to the whole.
  if (first >> 6 != 2) return fail(ParseError::bad_version);
  block.body = in_.bytes(length);
  if (!in_.ok()) return fail(ParseError::bad_length);
  if ((first & 0x20) != 0) {
    // RFC 3550 6.4.1: the last byte counts the padding, itself included.
    if (block.body.empty() || block.body.back() == 0 || block.body.back() > block.body.size()) {
      return fail(ParseError::bad_padding);
    }
    block.padding = block.body.back();
    block.body = block.body.first(block.body.size() - block.padding);
  }
  return block;
}

std::optional<Block> Blocks::fail(ParseError error) {
  error_ = error;
  return std::nullopt;
}

std::expected<std::vector<Message>, ParseError> parse_compound(core::Bytes datagram) {
  if (datagram.empty()) return std::unexpected(ParseError::truncated);
  std::vector<Message> messages;
  Blocks blocks{datagram};
  std::size_t statuses = 0;
  while (const auto block = blocks.next()) {
    auto message = parse(*block);
    if (!message) return std::unexpected(message.error());
    // Few bytes report on many packets: a datagram may go once round the circle of their numbers.
    const auto* feedback = std::get_if<TransportFeedback>(&*message);
    if (feedback != nullptr) statuses += feedback->status_count;
    if (statuses > 0xFFFF) return std::unexpected(ParseError::bad_body);
    messages.push_back(std::move(*message));
  }
  if (blocks.error()) return std::unexpected(*blocks.error());
  return messages;
}

bool starts_with_report(core::Bytes datagram) {
  if (datagram.size() < 8) return false;
  const PacketType type{datagram[1]};
  return type == PacketType::sender_report || type == PacketType::receiver_report;
}

}  // namespace lucid::rtp::rtcp
