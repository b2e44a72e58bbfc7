#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "core/buffer.hpp"
#include "core/bytes.hpp"
#include "rtp/rtcp/extended.hpp"
#include "rtp/rtcp/feedback.hpp"
#include "rtp/rtcp/report.hpp"
#include "rtp/rtcp/transport_feedback.hpp"

//   0                   1                   2                   3      RFC 3550 6.4
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |V=2|P|  count  |      PT       |      length in words - 1      |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |  body, and the next packet of the compound behind it ...
namespace lucid::rtp::rtcp {

enum class PacketType : std::uint8_t {
  sender_report = 200,
  receiver_report = 201,
  source_description = 202,
  bye = 203,
  application = 204,
  transport_feedback = 205,  // RFC 4585 6.2
  payload_feedback = 206,    // RFC 4585 6.3
  extended_report = 207,     // RFC 3611
};

enum class ParseError : std::uint8_t { truncated, bad_version, bad_length, bad_padding, bad_body };
std::string_view to_string(ParseError error);

// One packet of a compound, its body not yet looked at.
struct Block {
  std::uint8_t count = 0;  // or feedback message type, or subtype
  std::uint8_t type = 0;
  core::Bytes body;  // after the first word, without padding
  std::uint8_t padding = 0;
};

// A packet of a type that this stack does not know; it is rebuilt as it came.
struct Unknown {
  std::uint8_t count = 0;
  std::uint8_t type = 0;
  std::vector<std::uint8_t> body;
  friend bool operator==(const Unknown&, const Unknown&) = default;
};

using Message =
    std::variant<SenderReport, ReceiverReport, SourceDescription, Bye, Application, ExtendedReport,
                 Nack, TransportFeedback, CongestionFeedback, BitrateRequest, BitrateNotification,
                 PictureLoss, SliceLoss, ReferenceSelection, FullIntraRequest, Remb, Unknown>;
std::string_view name_of(const Message& message);

// Walks the packets of a compound without looking into them: while (blocks.next()) ... A malformed
// one ends the walk with error() set.
class Blocks {
 public:
  explicit Blocks(core::Bytes compound) : in_{compound} {}
  std::optional<Block> next();
  std::optional<ParseError> error() const { return error_; }

 private:
  std::optional<Block> fail(ParseError error);

  core::ByteReader in_;
  std::optional<ParseError> error_;
};

[[nodiscard]] std::expected<Message, ParseError> parse(const Block& block);
// All packets of a compound or of a reduced-size datagram (RFC 5506). One bad packet spoils all, as
// its length cannot be trusted.
[[nodiscard]] std::expected<std::vector<Message>, ParseError> parse_compound(core::Bytes datagram);

// How many bytes write() will add.
std::size_t size_of(const Message& message);
// False, with nothing written, when there is not enough room or a count is beyond its field.
bool write(const Message& message, core::ByteWriter& out);

// RFC 3550 6.1 and RFC 3550 A.2: a compound starts with SR or RR; without reduced size anything
// else is refused.
bool starts_with_report(core::Bytes datagram);

}  // namespace lucid::rtp::rtcp
