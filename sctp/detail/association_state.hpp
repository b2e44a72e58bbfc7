#pragma once
#include <algorithm>
#include <deque>
#include <optional>
#include <vector>

#include "sctp/association.hpp"
#include "sctp/detail/backlog.hpp"
#include "sctp/detail/engine.hpp"
#include "sctp/detail/forward_tsn.hpp"
#include "sctp/detail/handed.hpp"
#include "sctp/detail/inbox.hpp"
#include "sctp/detail/sack_pace.hpp"
#include "sctp/detail/send_queue.hpp"
#include "sctp/detail/traffic.hpp"

namespace lucid::sctp::detail {

// What goes out: our own queue in front of the engine's, which is kept short, so that weights count
// and a stream that is closed takes nothing along.
struct Outbound {
  SendQueue queue;
  Backlog backlog;
  Handed in_engine;
  std::uint32_t next_number = 0;      // names a message to the engine
  std::uint32_t given_up = 0;         // the message that was abandoned last
  std::optional<StreamId> sending{};  // send() is at work on this one
};

// Stream resets (RFC 6525 5.1.2): one request is under way at a time, the others wait.
struct Resets {
  std::vector<StreamId> waiting;
  std::vector<StreamId> under_way;
  bool contains(StreamId stream) const {
    return std::ranges::find(waiting, stream) != waiting.end() ||
           std::ranges::find(under_way, stream) != under_way.end();
  }
};

class AssociationState final : Seat {
 public:
  AssociationState(Association::Config config, core::Context context);
  AssociationState(const AssociationState&) = delete;

  std::expected<void, SetupError> connect(core::Time now);
  std::expected<void, SendError> send(const Association::Sending& how, core::Bytes payload,
                                      core::Time now);
  void reset(StreamId stream, Association::Unsent unsent, core::Time now);
  void add_streams(std::uint16_t outgoing, std::uint16_t incoming, core::Time now);
  void close(core::Time now);
  void abort(core::Time now);
  void read(Association::Reading reading, core::Time now);
  void handle_datagram(core::Bytes packet, core::Time now);
  void handle_timeout(core::Time now);
  std::optional<core::Buffer> poll_transmit();
  std::optional<Association::Event> poll_event() { return inbox_.pop(); }
  std::optional<core::Time> next_timeout() const;

  Backlog& backlog() { return out_.backlog; }
  const Association::Stats& stats() const { return stats_; }
  Association::Path path() const;

 private:
  enum class State : std::uint8_t { idle, connecting, open, closing, closed, failed };
  static std::string_view name(State state);

  void packet_out(core::Bytes packet) override;
  void transmit(core::Bytes packet);
  void left(StreamId stream, std::size_t bytes);
  void transition(State next, std::string_view reason);
  bool alive() const { return engine_.has_value(); }
  bool may_read() const { return reading_ == Association::Reading::flowing && !inbox_.full(); }

  // What every input ends with: read what arrived, hand on what waits, start what can start.
  void settle(core::Time now);
  void drain();
  void take(Arrival arrival);
  void take_abandoned(const Abandoned& abandoned);
  void send_or_enqueue(const Association::Sending& how, core::Bytes payload);
  void enqueue(const Association::Sending& how, core::Bytes payload, std::uint32_t number,
               bool begun);
  std::size_t give_engine(const Association::Sending& how, core::Bytes left, std::uint32_t number);
  void pump(core::Time now);
  bool pump_one(core::Time now);
  bool expired(SendQueue::Message& message, core::Time now);
  void start_resets();
  void take_reset(const StreamsReset& reset);
  void finish_close();
  void resynchronize();
  void fail(const Down& down);

  Association::Config config_;
  core::Context context_;
  core::trace::Tracer tracer_;
  State state_ = State::idle;
  std::optional<Engine> engine_;  // from connecting until the end
  Traffic traffic_;
  ForwardTsn forward_tsn_;
  SackPace sack_pace_;
  Outbound out_;
  Inbox inbox_;
  Resets resets_;
  std::deque<core::Buffer> transmits_;
  Association::Reading reading_ = Association::Reading::flowing;
  Association::Connected streams_;  // as agreed
  bool unread_ = false;             // reading stopped before the engine was empty
  bool timing_out_ = false;         // what the engine says follows from its timers
  core::Time now_{};
  Association::Stats stats_;
};

}  // namespace lucid::sctp::detail
