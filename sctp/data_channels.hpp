#pragma once
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <variant>

#include "core/machine.hpp"
#include "sctp/association.hpp"
#include "sctp/channel.hpp"

namespace lucid::sctp {

namespace detail {
class ChannelSet;
}

// The data channels of one transport: DCEP (RFC 8832) over one association (RFC 8831). Channels may
// be opened at any time; they connect when the association does.
//
//   connecting --association up, OPEN sent--> open --close(), reset from the peer--> closing
//              --both directions reset--> closed, and the stream id is free again
class DataChannels {
 public:
  using Datagram = core::Bytes;
  using Transmit = core::Buffer;

  struct Config {
    std::uint16_t local_port = 5000;
    std::uint16_t max_channels = 256;             // at most 1,024
    std::uint16_t initial_channels = 1'024;       // fewer: the rest comes by RFC 6525 when needed
    std::size_t max_message_size = 256UL * 1024;  // what a=max-message-size tells the peer
    std::size_t send_limit = 16UL * 1024 * 1024;  // hard cap on the buffered amount of all channels
    std::size_t receive_limit = 1024UL * 1024;
    Interleaving interleaving = Interleaving::never;
    std::size_t mtu = 1191;
  };
  struct Remote {
    std::uint16_t port = 5000;                   // a=sctp-port
    std::size_t max_message_size = 64UL * 1024;  // RFC 8841 6.1: 64K when not said, 0: no limit
  };

  struct Connected {
    std::uint16_t max_channels;  // as negotiated
  };
  struct Announced {  // the peer opened it; it is open
    ChannelId channel;
  };
  struct Open {  // one that we opened
    ChannelId channel;
  };
  struct Message {
    ChannelId channel;
    MessageKind kind;
    core::Buffer payload;
  };
  struct BufferedAmountLow {
    ChannelId channel;
  };
  struct Closing {  // the peer began to close it
    ChannelId channel;
  };
  struct Closed {  // the last event of a channel; find() knows it no more
    ChannelId channel;
    CloseReason reason;
  };
  struct Disconnected {};  // the peer shut the association down
  struct Failed {
    FailReason reason;
    std::uint16_t cause;  // RFC 9260 3.3.10
  };
  using Event = std::variant<Connected, Announced, Open, Message, BufferedAmountLow, Closing,
                             Closed, Disconnected, Failed>;

  struct Stats {
    std::uint64_t channels_opened = 0;  // W3C dataChannelsOpened
    std::uint64_t channels_closed = 0;
    std::uint64_t dropped_bad_dcep = 0;
    std::uint64_t dropped_no_channel = 0;        // messages on streams that nobody opened
    std::uint64_t dropped_unknown_protocol = 0;  // payload protocols that RFC 8831 8 does not know
  };

  DataChannels(Config config, core::Context context);
  DataChannels(DataChannels&&) noexcept;
  DataChannels& operator=(DataChannels&&) noexcept;
  ~DataChannels();

  [[nodiscard]] std::expected<ChannelId, OpenError> open(ChannelOptions options, core::Time now);
  // An empty payload is a message too (RFC 8831 6.6).
  [[nodiscard]] std::expected<void, SendError> send(ChannelId channel, MessageKind kind,
                                                    core::Bytes payload, core::Time now);
  void close(ChannelId channel, core::Time now);
  const Channel* find(ChannelId channel) const;          // null once it is closed
  std::size_t buffered_amount(ChannelId channel) const;  // accepted by send(), not on the wire yet
  void set_low_threshold(ChannelId channel, std::size_t bytes);

  void set_role(Role role, core::Time now);  // as soon as known: channels get their ids
  void set_remote(Remote remote);
  [[nodiscard]] std::expected<void, SetupError> connect(core::Time now);  // DTLS is up
  void close(
      core::Time now);  // all channels and the association, at once; the peer is told (ABORT)
  void read(Association::Reading reading, core::Time now);

  void handle_datagram(core::Bytes packet, core::Time now);
  void handle_timeout(core::Time now);
  std::optional<core::Buffer> poll_transmit();
  std::optional<Event> poll_event();
  std::optional<core::Time> next_timeout() const;

  const Stats& stats() const;
  const Association& association() const;  // its path and counters

 private:
  std::unique_ptr<detail::ChannelSet> set_;
};
static_assert(core::Machine<DataChannels>);

}  // namespace lucid::sctp
