#pragma once
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "core/machine.hpp"
#include "sim/channel.hpp"

namespace lucid::sim {

// One end of a simulated TCP connection that carries whole messages in order: handshake,
// acknowledgements, retransmission after a timeout or three repeated acknowledgements, a window
// that grows and halves. With TLS one more round trip comes first, in which the server shows its
// name. Plain enough to read; real enough that loss costs what it costs.
//
//   opening --accept--> [securing --server's name-->] open --close, reset, silence--> ended
class Stream {
 public:
  using Datagram = Packet;
  using Transmit = Packet;
  struct Opened {};
  struct Message {
    core::Buffer bytes;
  };
  struct Ended {
    core::PathError reason;
  };
  using Event = std::variant<Opened, Message, Ended>;

  // The end that opens. With TLS the server must be called `server_name`, unless that is empty.
  static Stream connect(core::Path path, std::string server_name, core::Pool& pool, core::Time now);
  // The end that is opened by `first`; `name` is shown to a client that asks for TLS.
  static Stream accept(const Packet& first, std::string name, core::Pool& pool);

  const core::Path& path() const { return path_; }
  // Nothing is left to say, the last acknowledgement included.
  bool done() const { return state_ == State::ended && sender_.queue.empty(); }
  void send(core::Buffer message, core::Time now);
  void close(core::Time now);

  void handle_datagram(Packet packet, core::Time now);
  void handle_timeout(core::Time now);
  std::optional<Packet> poll_transmit();
  std::optional<Event> poll_event();
  std::optional<core::Time> next_timeout() const { return retry_.timer.deadline(); }

 private:
  enum class State : std::uint8_t { opening, securing, open, ended };
  struct Unacknowledged {
    Segment segment;
    core::Buffer bytes;
    core::Time sent{};
    bool repeated = false;  // it or one before it: its acknowledgement measures nothing
  };
  struct Sender {
    std::deque<Unacknowledged> queue;
    std::uint32_t next_sequence = 1;
    std::uint32_t sent_up_to = 1;  // sequence numbers below have been sent
    std::uint32_t acknowledged = 1;
    double window = 10;  // in segments; RFC 6928
    double threshold = 1e9;
    int repeated_acks = 0;
    std::uint32_t recover = 0;  // RFC 6582 3.2: repairing what was sent below this
  };
  struct Receiver {
    std::uint32_t expected = 1;
    std::map<std::uint32_t, Packet> early;
    std::vector<std::uint8_t> assembling;
  };

  // RFC 6298 2.
  struct Retry {
    core::Timer timer;
    int count = 0;
    core::Duration round_trip{};
    core::Duration variation{};
  };

  Stream(core::Path path, bool client, std::string name, core::Pool& pool);
  void put(Segment segment, core::Bytes bytes);
  void transmit_window(core::Time now);
  void transmit(Unacknowledged& item, core::Time now);
  void control(Segment::Kind kind);
  void on_accept(core::Time now);
  void repeat_first(core::Time now);
  void on_ack(std::uint32_t acknowledged, core::Time now);
  void on_data(Packet packet, core::Time now);
  void take(Packet packet, core::Time now);
  void on_message(core::Time now);
  void sample(core::Duration round_trip);
  void end(core::PathError reason);
  core::Duration retry_wait() const;

  core::Path path_;
  bool client_;
  std::string name_;
  core::Pool& pool_;
  State state_ = State::opening;
  Sender sender_;
  Receiver receiver_;
  Retry retry_;
  std::deque<Packet> packets_;
  std::deque<Event> events_;
};

}  // namespace lucid::sim
