#pragma once
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <variant>

#include "core/buffer.hpp"
#include "core/machine.hpp"
#include "sctp/errors.hpp"
#include "sctp/message.hpp"

namespace lucid::sctp {

namespace detail {
class AssociationState;
}

// One SCTP association over DTLS (RFC 9260, RFC 8261): messages on streams, in memory. Both ends
// call connect(); simultaneous open is the normal case. The engine, usrsctp, does not show here.
//
//   connecting --COOKIE exchange--> open --close()--> closing --SHUTDOWN exchange--> closed
//        \                           |  \--SHUTDOWN from the peer--------------------^
//         \--no answer--> failed <---/ no answer, ABORT
class Association {
 public:
  using Datagram = core::Bytes;  // one SCTP packet, as DTLS has decrypted it
  using Transmit = core::Buffer;

  struct Config {
    std::uint16_t local_port = 5000;  // RFC 8841 5: a=sctp-port
    std::uint16_t remote_port = 5000;
    std::uint16_t streams = 256;      // each way, before the peer's own limit
    std::uint16_t max_streams = 256;  // what add_streams() and the peer may grow to (RFC 6525)
    std::size_t max_message_size = 256UL * 1024;  // longest message taken from the peer
    std::size_t receive_limit = 1024UL * 1024;    // unpolled bytes at which the window may close
    std::size_t send_limit = 16UL * 1024 * 1024;  // bytes that may wait to be sent, of all streams
    Interleaving interleaving = Interleaving::never;
    std::size_t mtu = 1191;  // largest packet: 1280 - IPv6 40 - UDP 8 - TURN 4 - DTLS 37
  };

  struct Connected {
    std::uint16_t outgoing_streams;
    std::uint16_t incoming_streams;
  };
  struct Message {
    StreamId stream;
    PayloadProtocol protocol;
    core::Buffer payload;
  };
  struct BufferedAmountLow {  // buffered_amount() fell to the stream's threshold
    StreamId stream;
  };
  struct IncomingReset {  // RFC 6525 5.2.2: the peer will send nothing more on its old numbering
    StreamId stream;
  };
  struct OutgoingReset {  // the answer to reset(); `done` false: the peer refused
    StreamId stream;
    bool done;
  };
  struct StreamsChanged {  // RFC 6525: either side added streams, or the peer refused ours
    std::uint16_t outgoing_streams;
    std::uint16_t incoming_streams;
    bool refused;
  };
  struct OversizedMessage {  // longer than max_message_size: dropped
    StreamId stream;
  };
  struct Closed {};  // SHUTDOWN exchange done, or the peer's close
  struct Failed {
    FailReason reason;
    std::uint16_t cause = 0;  // RFC 9260 3.3.10 cause code, 0 when none was given
  };
  using Event = std::variant<Connected, Message, BufferedAmountLow, IncomingReset, OutgoingReset,
                             StreamsChanged, OversizedMessage, Closed, Failed>;

  struct Stats {
    std::uint64_t packets_sent = 0;
    std::uint64_t packets_received = 0;
    std::uint64_t messages_sent = 0;
    std::uint64_t bytes_sent = 0;  // of payload, handed to send()
    std::uint64_t messages_received = 0;
    std::uint64_t bytes_received = 0;
    std::uint64_t messages_abandoned = 0;  // partial reliability gave them up
    std::uint64_t retransmitted_chunks = 0;
    std::uint64_t dropped_bad_checksum = 0;
    std::uint64_t dropped_malformed = 0;
    std::uint64_t dropped_not_open = 0;
  };
  struct Path {  // what congestion control believes (RFC 9260 7)
    core::Duration smoothed_round_trip{};
    std::size_t congestion_window = 0;
    std::size_t peer_window = 0;
    std::size_t unacknowledged_chunks = 0;
  };

  Association(Config config, core::Context context);
  Association(Association&&) noexcept;
  Association& operator=(Association&&) noexcept;
  ~Association();

  [[nodiscard]] std::expected<void, SetupError> connect(core::Time now);
  // Before Connected, messages wait in the queue. The payload must not be empty: SCTP has no such
  // messages.
  struct Sending {
    StreamId stream;
    PayloadProtocol protocol;
    Order order = Order::ordered;
    Reliability reliability = Reliable{};
  };
  [[nodiscard]] std::expected<void, SendError> send(const Sending& how, core::Bytes payload,
                                                    core::Time now);
  // RFC 6525: ends the outgoing numbering of a stream once what was sent on it has arrived.
  enum class Unsent : std::uint8_t { deliver, discard };
  void reset(StreamId stream, Unsent unsent, core::Time now);
  // RFC 6525 5.1.5, 5.1.6: asks for this many more streams; StreamsChanged answers.
  void add_streams(std::uint16_t outgoing, std::uint16_t incoming, core::Time now);
  void close(core::Time now);  // SHUTDOWN: what was sent still arrives
  void abort(core::Time now);  // ABORT: at once, and the peer is told

  // While stopped, the receive window closes and the peer waits (RFC 9260 6.2). Unpolled events
  // beyond `receive_limit` do the same.
  enum class Reading : std::uint8_t { flowing, stopped };
  void read(Reading reading, core::Time now);

  std::size_t buffered_amount() const;  // accepted by send(), not yet on the wire
  std::size_t buffered_amount(StreamId stream) const;
  void set_low_threshold(StreamId stream, std::size_t bytes);
  void set_weight(StreamId stream, std::uint16_t weight);  // share of what waits; 256 is usual

  void handle_datagram(core::Bytes packet, core::Time now);
  void handle_timeout(core::Time now);
  std::optional<core::Buffer> poll_transmit();
  std::optional<Event> poll_event();
  std::optional<core::Time> next_timeout() const;

  const Stats& stats() const;
  Path path() const;

 private:
  std::unique_ptr<detail::AssociationState> state_;
};
static_assert(core::Machine<Association>);

}  // namespace lucid::sctp
