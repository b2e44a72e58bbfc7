#include "sctp/detail/association_state.hpp"

#include <algorithm>
#include <utility>

#include "core/check.hpp"
#include "core/handle.hpp"
#include "sctp/crc32c.hpp"

namespace lucid::sctp::detail {

namespace {

// Enough for the engine to answer a SACK from; the rest waits where it can still be reordered.
constexpr std::size_t engine_backlog = 64UL * 1024;
// A large message goes to the engine in pieces of this size.
constexpr std::size_t piece_size = 64UL * 1024;

}  // namespace

AssociationState::AssociationState(Association::Config config, core::Context context)
    : config_{config},
      context_{context},
      tracer_{context.tracer("sctp")},
      inbox_{config.receive_limit, config.max_message_size},
      streams_{config.streams, config.streams} {}

std::string_view AssociationState::name(State state) {
  switch (state) {
    case State::idle:
      return "idle";
    case State::connecting:
      return "connecting";
    case State::open:
      return "open";
    case State::closing:
      return "closing";
    case State::closed:
      return "closed";
    case State::failed:
      return "failed";
  }
  return "";
}

void AssociationState::transition(State next, std::string_view reason) {
  tracer_.state(now_, "sctp_association_state", name(state_), name(next), reason);
  state_ = next;
}

std::expected<void, SetupError> AssociationState::connect(core::Time now) {
  if (state_ != State::idle) return {};
  now_ = now;
  const Drive drive{*this, now, context_.random};
  auto engine = Engine::open(
      {config_.local_port, config_.remote_port, config_.streams,
       std::max(config_.streams, config_.max_streams), config_.interleaving, config_.mtu},
      *this, context_.random);
  if (!engine) return std::unexpected(engine.error());
  engine_.emplace(std::move(*engine));
  transition(State::connecting, "INIT sent");
  return {};
}

std::expected<void, SendError> AssociationState::send(const Association::Sending& how,
                                                      core::Bytes payload, core::Time now) {
  if (state_ != State::idle && state_ != State::connecting && state_ != State::open) {
    return std::unexpected(SendError::not_open);
  }
  if (static_cast<std::uint16_t>(how.stream) >= streams_.outgoing_streams) {
    return std::unexpected(SendError::no_stream);
  }
  // RFC 9260 3.3.1: SCTP has no empty messages; those who want them agree on a stand-in.
  core::check(!payload.empty());
  if (payload.size() > config_.send_limit) return std::unexpected(SendError::too_large);
  if (out_.backlog.total() + out_.queue.overhead() + payload.size() > config_.send_limit) {
    return std::unexpected(SendError::queue_full);
  }
  ++stats_.messages_sent;
  stats_.bytes_sent += payload.size();
  now_ = now;
  out_.backlog.add(how.stream, payload.size());
  if (state_ != State::open) {
    enqueue(how, payload, ++out_.next_number, false);
    return {};
  }
  const Drive drive{*this, now, context_.random};
  out_.sending = how.stream;
  send_or_enqueue(how, payload);
  out_.sending.reset();
  return {};
}

// What the engine has room for goes there without being copied here.
void AssociationState::send_or_enqueue(const Association::Sending& how, core::Bytes payload) {
  const std::uint32_t number = ++out_.next_number;
  bool begun = false;
  while (out_.queue.empty() && out_.in_engine.total() < engine_backlog && !payload.empty()) {
    const std::size_t taken = give_engine(how, payload, number);
    if (taken == 0) break;
    payload = payload.subspan(taken);
    begun = true;
  }
  if (!payload.empty()) enqueue(how, payload, number, begun);
}

void AssociationState::enqueue(const Association::Sending& how, core::Bytes payload,
                               std::uint32_t number, bool begun) {
  out_.queue.push({how, {payload.begin(), payload.end()}, now_, number, 0, begun},
                  out_.backlog.weight(how.stream));
}

// Hands over a piece of what is left of a message; returns how much of it the engine took.
std::size_t AssociationState::give_engine(const Association::Sending& how, core::Bytes left,
                                          std::uint32_t number) {
  const core::Bytes piece = left.first(std::min(left.size(), piece_size));
  // Counted before, because what leaves at once is counted off within the call.
  out_.in_engine.give(how.stream, number, piece.size());
  const auto taken = engine_->send(how, piece, number, piece.size() == left.size());
  if (taken < piece.size()) out_.in_engine.take_back(how.stream, piece.size() - taken);
  return taken;
}

void AssociationState::reset(StreamId stream, Association::Unsent unsent, core::Time now) {
  if (!alive() || resets_.contains(stream)) return;
  now_ = now;
  if (unsent == Association::Unsent::discard) left(stream, out_.queue.drop(stream));
  resets_.waiting.push_back(stream);
  const Drive drive{*this, now, context_.random};
  settle(now);
}

void AssociationState::add_streams(std::uint16_t outgoing, std::uint16_t incoming, core::Time now) {
  if (state_ != State::open) return;
  now_ = now;
  const Drive drive{*this, now, context_.random};
  if (!engine_->add_streams(outgoing, incoming)) {
    inbox_.push(
        Association::StreamsChanged{streams_.outgoing_streams, streams_.incoming_streams, true});
  }
  settle(now);
}

void AssociationState::close(core::Time now) {
  if (!alive() || state_ == State::closing) return;
  now_ = now;
  transition(State::closing, "closed by the application");
  const Drive drive{*this, now, context_.random};
  settle(now);
}

void AssociationState::abort(core::Time now) {
  if (!alive()) return;
  now_ = now;
  const Drive drive{*this, now, context_.random};
  engine_->abort();
  engine_.reset();
  transition(State::closed, "aborted by the application");
  inbox_.push(Association::Closed{});
}

void AssociationState::read(Association::Reading reading, core::Time now) {
  reading_ = reading;
  if (!alive()) return;
  now_ = now;
  const Drive drive{*this, now, context_.random};
  settle(now);
}

void AssociationState::handle_datagram(core::Bytes packet, core::Time now) {
  if (!alive()) {
    ++stats_.dropped_not_open;
    return;
  }
  if (packet.size() < header_size + 4) {
    ++stats_.dropped_malformed;
    return;
  }
  if (packet_checksum(packet) != read_checksum(packet)) {
    ++stats_.dropped_bad_checksum;
    return;
  }
  ++stats_.packets_received;
  now_ = now;
  const bool brings_data = traffic_.incoming(packet);
  if (const auto cumulative = traffic_.acknowledged()) forward_tsn_.acknowledged(*cumulative);
  const Drive drive{*this, now, context_.random};
  if (brings_data && sack_pace_.changed_by_data(now)) {
    engine_->acknowledge_every(sack_pace_.packets());
  }
  engine_->packet_in(packet);
  settle(now);
}

void AssociationState::handle_timeout(core::Time now) {
  if (!alive()) return;
  now_ = now;
  Drive drive{*this, now, context_.random};
  drive.run_timers();
  if (const core::Bytes again = forward_tsn_.due(now); !again.empty()) transmit(again);
  timing_out_ = true;
  settle(now);
  timing_out_ = false;
}

std::optional<core::Buffer> AssociationState::poll_transmit() {
  if (transmits_.empty()) return std::nullopt;
  core::Buffer packet = std::move(transmits_.front());
  transmits_.pop_front();
  return packet;
}

std::optional<core::Time> AssociationState::next_timeout() const {
  if (!alive()) return std::nullopt;
  if (unread_ && may_read()) return now_;
  return core::earliest(next_timer(), forward_tsn_.deadline());
}

Association::Path AssociationState::path() const {
  return alive() ? engine_->status().path : Association::Path{};
}

void AssociationState::packet_out(core::Bytes packet) {
  if (packet.size() < header_size) return;
  transmit(packet);
  traffic_.outgoing(
      packet,
      [&](const FirstSent& sent) {
        out_.in_engine.sent(sent.stream, sent.bytes);
        left(sent.stream, sent.bytes);
      },
      [&](const Chunk& forward) { forward_tsn_.sent(packet, forward, now_); });
  stats_.retransmitted_chunks = traffic_.retransmitted();
}

void AssociationState::transmit(core::Bytes packet) {
  core::Buffer out = context_.pool.copy(packet);
  write_checksum(out.bytes());
  ++stats_.packets_sent;
  transmits_.push_back(std::move(out));
}

void AssociationState::left(StreamId stream, std::size_t bytes) {
  const bool low = out_.backlog.remove(stream, bytes);
  // A message that leaves within send() is no news: the caller sees buffered_amount().
  if (low && out_.sending != stream) inbox_.push(Association::BufferedAmountLow{stream});
}

void AssociationState::settle(core::Time now) {
  drain();
  if (!alive()) return;
  resynchronize();
  pump(now);
  start_resets();
  finish_close();
}

void AssociationState::drain() {
  while (alive() && may_read()) {
    auto arrival = engine_->receive();
    if (!arrival) {
      unread_ = false;
      return;
    }
    take(std::move(*arrival));
  }
  unread_ = true;
}

void AssociationState::take(Arrival arrival) {
  std::visit(core::Overloaded{
                 [&](const Piece& piece) {
                   if (const auto size = inbox_.add(piece, context_.pool)) {
                     ++stats_.messages_received;
                     stats_.bytes_received += *size;
                   }
                 },
                 [&](const PieceLost& lost) { inbox_.forget(lost.stream); },
                 [&](const Up& up) {
                   streams_ = {up.outgoing_streams, up.incoming_streams};
                   if (state_ == State::connecting) transition(State::open, "COOKIE exchange done");
                   inbox_.push(streams_);
                 },
                 [&](const Down& down) { fail(down); },
                 [&](const ShutDown&) {
                   engine_.reset();
                   transition(State::closed, "SHUTDOWN exchange done");
                   inbox_.push(Association::Closed{});
                 },
                 [&](const StreamsReset& reset) { take_reset(reset); },
                 [&](const StreamCount& count) {
                   const Engine::Status status = engine_->status();
                   streams_ = {status.outgoing_streams, status.incoming_streams};
                   inbox_.push(Association::StreamsChanged{
                       streams_.outgoing_streams, streams_.incoming_streams, count.refused});
                 },
                 [&](const Abandoned& abandoned) { take_abandoned(abandoned); },
             },
             arrival);
}

// The engine reports each piece that had left; what it held beside them it throws away in silence,
// and it goes on to take the rest of the message, for nothing.
void AssociationState::take_abandoned(const Abandoned& abandoned) {
  if (abandoned.number != std::exchange(out_.given_up, abandoned.number)) {
    ++stats_.messages_abandoned;
  }
  left(abandoned.stream, out_.in_engine.drop(abandoned.stream, abandoned.number) +
                             out_.queue.give_up(abandoned.number));
}

void AssociationState::fail(const Down& down) {
  // The engine sends ABORT itself when it has waited long enough, and when a packet breaks a rule.
  const FailReason reason = traffic_.saw_abort_in() ? FailReason::aborted_by_peer
                            : timing_out_           ? FailReason::no_answer
                                                    : FailReason::protocol_violation;
  engine_.reset();
  transition(State::failed, to_string(reason));
  tracer_.failure(now_, "sctp", to_string(reason),
                  reason == FailReason::no_answer ? "see whether ICE and DTLS still carry packets"
                                                  : "look at the cause code in the ABORT chunk");
  inbox_.push(Association::Failed{reason, down.cause});
}

void AssociationState::pump(core::Time now) {
  if (state_ != State::open && state_ != State::closing) return;
  while (out_.in_engine.total() < engine_backlog && pump_one(now)) {
  }
}

// Hands one piece of one message to the engine; false when there is none or it takes none.
bool AssociationState::pump_one(core::Time now) {
  SendQueue::Message* message = out_.queue.next();
  if (message == nullptr) return false;
  if (expired(*message, now)) {
    ++stats_.messages_abandoned;
    const StreamId stream = message->how.stream;
    left(stream, out_.queue.drop_next());
    return true;
  }
  const std::size_t taken =
      message->given_up ? engine_->send(message->how, message->left(), message->number, true)
                        : give_engine(message->how, message->left(), message->number);
  if (taken == 0) return false;
  out_.queue.taken(taken);
  return true;
}

// RFC 8831 6.6 with RFC 3758: the lifetime runs from send(), so the wait here counts.
bool AssociationState::expired(SendQueue::Message& message, core::Time now) {
  auto* lifetime = std::get_if<MaxLifetime>(&message.how.reliability);
  if (lifetime == nullptr || message.begun) return false;
  const auto waited = std::chrono::floor<std::chrono::milliseconds>(now - message.since);
  message.since += waited;
  if (waited.count() >= std::max<std::uint16_t>(lifetime->milliseconds, 1)) return true;
  lifetime->milliseconds = static_cast<std::uint16_t>(lifetime->milliseconds - waited.count());
  return false;
}

void AssociationState::finish_close() {
  if (state_ == State::closing && out_.queue.empty()) engine_->shut_down();
}

// Should a byte ever leave uncounted, the count would stop the queue for good: set it right when
// the engine says that it holds nothing.
void AssociationState::resynchronize() {
  if (out_.in_engine.total() == 0 || !traffic_.all_acknowledged()) return;
  if (!engine_->status().idle) return;
  out_.in_engine.clear([&](StreamId stream, std::size_t bytes) { left(stream, bytes); });
}

}  // namespace lucid::sctp::detail
