#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <variant>

#include "core/buffer.hpp"
#include "core/machine.hpp"
#include "core/queue.hpp"
#include "core/serial.hpp"
#include "rtp/congestion/controller.hpp"

namespace lucid::rtp {

using congestion::PacketKind;

// A packet on its way out, not yet encrypted. The places of what is written only when it leaves are
// offsets into its bytes, 0 where there is none.
struct Outgoing {
  PacketKind kind = PacketKind::video;
  std::uint32_t ssrc = 0;
  core::Buffer bytes;
  std::uint16_t transport_sequence_at = 0;
  std::uint16_t send_time_at = 0;
  core::Time captured{};  // what is in it; zero where nobody knows
  bool keep = false;      // give it to SendStream::sent, it may be asked for again
  std::int64_t id = -1;   // transport-wide number, once it has left
};

// Lets packets out evenly at the rate the controller plans, the urgent ones first: audio at once,
// then retransmissions, then video, then padding. One for each transport. As a packet leaves it
// gets its transport-wide number and its send time.
//
// Bounded: beyond `queue_limit` bytes a new packet is refused, and so are the rest of its frame;
// the sender then needs a key frame.
class Pacer {
 public:
  // More than this in the queue is more than half a minute of a poor link.
  static constexpr std::size_t queue_limit = 4 << 20;

  struct WantPadding {  // nothing else to send, and the controller wants the rate
    std::size_t bytes = 0;
  };
  using Datagram = Outgoing;
  using Transmit = Outgoing;
  using Event = std::variant<WantPadding>;
  struct Stats {
    std::uint64_t packets = 0;
    std::uint64_t refused = 0;
    core::Duration total_queue_time{};
  };

  Pacer(congestion::Controller& controller, core::Context context);

  // Packets written with `kind` may still be dropped by `forget`.
  void handle_datagram(Outgoing packet, core::Time now);
  bool has_room() const { return queued_bytes_ < queue_limit; }
  // Drops what is queued of one stream, such as frames of an encoding that is switched off.
  void forget(std::uint32_t ssrc);

  void handle_timeout(core::Time now);
  std::optional<Outgoing> poll_transmit();
  std::optional<Event> poll_event();
  std::optional<core::Time> next_timeout() const;

  std::size_t queued_bytes() const { return queued_bytes_; }
  const Stats& stats() const { return stats_; }

 private:
  struct Waiting {
    Outgoing packet;
    core::Time since;
  };
  void release(core::Time now);
  void let_out(Waiting waiting, core::Time now);
  core::Queue<Waiting>* most_urgent();

  congestion::Controller* controller_;
  std::array<core::Queue<Waiting>, 4> queues_;  // by PacketKind
  std::size_t queued_bytes_ = 0;
  core::Queue<Outgoing> out_;
  std::optional<Event> event_;
  core::Time free_at_{};  // when what has left will have passed at the planned rate
  std::int64_t next_id_ = 0;
  Stats stats_;
};
static_assert(core::Machine<Pacer>);

}  // namespace lucid::rtp
