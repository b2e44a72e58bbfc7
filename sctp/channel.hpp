#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sctp/message.hpp"

namespace lucid::sctp {

// Names one channel of a DataChannels for good; never used again. Not the SCTP stream id, which is
// not known before the DTLS roles are.
enum class ChannelId : std::uint32_t {};

// RFC 8831 6.4; the numbers are DCEP's (RFC 8832 8.2.3).
enum class Priority : std::uint16_t { very_low = 128, low = 256, medium = 512, high = 1024 };

enum class MessageKind : std::uint8_t { string, binary };

// RFC 8832 6: the DTLS client opens even stream ids, the server odd ones.
enum class Role : std::uint8_t { client, server };

// W3C RTCDataChannelState.
enum class ChannelState : std::uint8_t { connecting, open, closing, closed };

struct ChannelOptions {
  std::string label{};  // each at most 65,535 bytes (RFC 8832 5.1)
  std::string protocol{};
  Order order = Order::ordered;
  Reliability reliability = Reliable{};
  Priority priority = Priority::low;
  std::optional<std::uint16_t> negotiated{};  // both ends open this id themselves; no DCEP
};

enum class OpenError : std::uint8_t {
  label_too_long,
  protocol_too_long,
  id_in_use,
  id_out_of_range,  // a negotiated id at or above max_channels, or 65535
  no_free_id,       // all ids of our parity are taken
  closed,           // the association is gone
};
enum class CloseReason : std::uint8_t {
  local,              // close() was called here
  remote,             // the peer closed it
  association_lost,   // the association failed or was aborted: an error to the application
  no_free_id,         // the ids that the peer allows were used up before this one was known
  oversized_message,  // the peer sent more than max_message_size
  protocol_violation,
};
std::string_view to_string(OpenError error);
std::string_view to_string(CloseReason reason);
std::string_view to_string(ChannelState state);
std::string_view to_string(Priority priority);
std::string_view to_string(MessageKind kind);

// What is known of one channel.
struct Channel {
  ChannelOptions options;
  ChannelState state = ChannelState::connecting;
  std::optional<std::uint16_t> stream{};  // known once the DTLS role is
  std::uint64_t messages_sent = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t messages_received = 0;
  std::uint64_t bytes_received = 0;
};

}  // namespace lucid::sctp
