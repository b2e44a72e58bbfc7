#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/buffer.hpp"
#include "core/bytes.hpp"
#include "core/time.hpp"
#include "peer/error.hpp"

namespace lucid::sctp {
struct Channel;
}

namespace lucid::peer {

namespace detail {
struct Connection;
}

enum class DataChannelState : std::uint8_t { connecting, open, closing, closed };
std::string_view to_string(DataChannelState state);

// RTCDataChannelInit. At most one of the two limits may be set.
struct DataChannelInit {
  bool ordered = true;
  std::optional<std::uint16_t> max_packet_life_time;  // milliseconds
  std::optional<std::uint16_t> max_retransmits;
  std::string protocol;
  bool negotiated = false;  // both sides create it with the same id; nothing is announced
  std::optional<std::uint16_t> id;
};

// RTCDataChannel: a handle to a channel of one PeerConnection. Cheap to copy and compare; it must
// not outlive its connection. What happens on a channel comes out of PeerConnection::poll_event.
// After its ChannelClosed event a handle answers `closed` and empty values.
class DataChannel {
 public:
  DataChannel() = default;

  // Queues a message; open channels only. OperationError when the send buffer is full: wait for
  // ChannelBufferedAmountLow. TypeError when the message is larger than the peer takes.
  [[nodiscard]] Result<void> send(std::string_view text, core::Time now);
  [[nodiscard]] Result<void> send(core::Bytes binary, core::Time now);
  // Sends what is queued, then resets the stream (RFC 8831 6.7).
  void close(core::Time now);
  // A reader that cannot keep up: events of a paused channel wait until it resumes. Beyond 1 MiB of
  // them the association stops reading, which halts all channels of the connection: the peer's
  // buffered_amount grows instead of our memory.
  void pause();
  void resume(core::Time now);
  bool paused() const;

  DataChannelState ready_state() const;
  std::string label() const;
  std::string protocol() const;
  bool ordered() const;
  std::optional<std::uint16_t> max_packet_life_time() const;
  std::optional<std::uint16_t> max_retransmits() const;
  bool negotiated() const;
  std::optional<std::uint16_t> id() const;  // the SCTP stream; known once DTLS roles are
  std::size_t buffered_amount() const;
  std::size_t buffered_amount_low_threshold() const;
  void set_buffered_amount_low_threshold(std::size_t bytes);

  std::uint32_t key() const { return key_; }  // this channel among all of its connection, for maps
  friend bool operator==(const DataChannel&, const DataChannel&) = default;

 private:
  friend struct detail::Connection;
  DataChannel(detail::Connection* owner, std::uint32_t key) : owner_{owner}, key_{key} {}

  const sctp::Channel* find() const;

  detail::Connection* owner_ = nullptr;
  std::uint32_t key_ = 0;
};

// A message as received; text is UTF-8.
struct DataMessage {
  bool binary = false;
  core::Buffer data;

  std::string_view text() const { return core::as_text(data); }
};

}  // namespace lucid::peer
