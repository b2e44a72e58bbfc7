#include "sim/stream.hpp"

#include <algorithm>

namespace lucid::sim {

namespace {

using namespace std::chrono_literals;
using Kind = Segment::Kind;

constexpr std::size_t segment_size = 1400;
constexpr int most_retries = 8;
constexpr int most_openings = 5;
constexpr core::Duration least_wait = 200ms;  // what Linux does in place of RFC 6298's second
constexpr core::Duration first_wait = 1s;     // RFC 6298 2.1: before there is a round trip to go by
constexpr core::Duration most_wait = 60s;
constexpr std::size_t most_early = 4096;
constexpr std::size_t client_hello_size = 512;
constexpr std::size_t server_flight_size = 3000;

std::vector<std::uint8_t> padded(std::string_view text, std::size_t size) {
  const core::Bytes bytes = core::as_bytes(text);
  std::vector<std::uint8_t> out{bytes.begin(), bytes.end()};
  out.resize(std::max(size, out.size()));
  return out;
}

}  // namespace

static_assert(core::Machine<Stream>);

Stream::Stream(core::Path path, bool client, std::string name, core::Pool& pool)
    : path_{path}, client_{client}, name_{std::move(name)}, pool_{pool} {}

Stream Stream::connect(core::Path path, std::string server_name, core::Pool& pool, core::Time now) {
  Stream stream{path, true, std::move(server_name), pool};
  stream.control(Kind::open);
  stream.retry_.timer.start(now, first_wait);
  return stream;
}

Stream Stream::accept(const Packet& first, std::string name, core::Pool& pool) {
  core::Path path = first.path;
  std::swap(path.local, path.remote);
  Stream stream{path, false, std::move(name), pool};
  stream.state_ = path.transport == core::Transport::tls ? State::securing : State::open;
  stream.control(Kind::accept);
  return stream;
}

void Stream::send(core::Buffer message, core::Time now) {
  if (state_ != State::open) return;
  put({.kind = Kind::data}, message);
  transmit_window(now);
}

void Stream::close(core::Time now) {
  if (state_ == State::ended) return;
  if (state_ == State::open) {
    put({.kind = Kind::close}, {});
    transmit_window(now);
  } else {
    control(Kind::reset);
    retry_.timer.stop();
  }
  state_ = State::ended;
}

void Stream::put(Segment segment, core::Bytes bytes) {
  do {
    const core::Bytes piece = bytes.first(std::min(bytes.size(), segment_size));
    bytes = bytes.subspan(piece.size());
    segment.last = bytes.empty();
    segment.sequence = sender_.next_sequence++;
    sender_.queue.push_back({segment, pool_.copy(piece)});
  } while (!bytes.empty());
}

void Stream::transmit_window(core::Time now) {
  const auto window = static_cast<std::uint32_t>(sender_.window);
  for (Unacknowledged& item : sender_.queue) {
    if (item.segment.sequence >= sender_.acknowledged + window) break;
    if (item.segment.sequence < sender_.sent_up_to) continue;
    sender_.sent_up_to = item.segment.sequence + 1;
    item.sent = now;
    transmit(item, now);
  }
}

void Stream::transmit(Unacknowledged& item, core::Time now) {
  Segment segment = item.segment;
  segment.acknowledged = receiver_.expected;
  packets_.push_back({path_, core::Ecn::not_ect, pool_.copy(item.bytes), segment});
  if (!retry_.timer.running()) retry_.timer.start(now, retry_wait());
}

void Stream::control(Kind kind) {
  const Segment segment{.kind = kind, .acknowledged = receiver_.expected};
  packets_.push_back({path_, core::Ecn::not_ect, pool_.take(0), segment});
}

core::Duration Stream::retry_wait() const {
  if (retry_.round_trip == core::Duration::zero()) return first_wait;
  return std::max(least_wait, retry_.round_trip + 4 * retry_.variation);
}

void Stream::handle_datagram(Packet packet, core::Time now) {
  if (packet.error) {
    if (state_ == State::opening) end(*packet.error);
    return;
  }
  switch (packet.segment.kind) {
    case Kind::none:
      return;
    case Kind::open:
      if (!client_ && state_ != State::ended) control(Kind::accept);
      return;
    case Kind::accept:
      if (client_) on_accept(now);
      return;
    case Kind::reset:
      end(state_ == State::opening ? core::PathError::refused : core::PathError::closed);
      return;
    case Kind::ack:
      on_ack(packet.segment.acknowledged, now);
      return;
    case Kind::data:
    case Kind::close:
      on_data(std::move(packet), now);
      return;
  }
}

void Stream::on_accept(core::Time now) {
  if (state_ != State::opening) {
    control(Kind::ack);
    return;
  }
  sample(now - (*retry_.timer.deadline() - retry_.timer.wait()));
  retry_.timer.stop();
  retry_.count = 0;
  control(Kind::ack);
  if (path_.transport == core::Transport::tls) {
    state_ = State::securing;
    put({.kind = Kind::data}, padded("", client_hello_size));
    transmit_window(now);
  } else {
    state_ = State::open;
    events_.push_back(Opened{});
  }
}

void Stream::on_ack(std::uint32_t acknowledged, core::Time now) {
  if (acknowledged > sender_.acknowledged && acknowledged <= sender_.next_sequence) {
    while (!sender_.queue.empty() && sender_.queue.front().segment.sequence < acknowledged) {
      const Unacknowledged& item = sender_.queue.front();
      if (!item.repeated) sample(now - item.sent);
      sender_.queue.pop_front();
      sender_.window += sender_.window < sender_.threshold ? 1 : 1 / sender_.window;
    }
    sender_.acknowledged = acknowledged;
    sender_.repeated_acks = 0;
    retry_.count = 0;
    retry_.timer.stop();
    if (!sender_.queue.empty()) retry_.timer.start(now, retry_wait());
    // RFC 6582 3.2: progress that leaves a gap tells of the next loss.
    if (!sender_.queue.empty() && acknowledged < sender_.recover) repeat_first(now);
  } else if (!sender_.queue.empty() && ++sender_.repeated_acks == 3 &&
             acknowledged >= sender_.recover) {
    // RFC 5681 3.2: three repeated acknowledgements tell of a loss before the timer does.
    sender_.threshold = std::max(2.0, sender_.window / 2);
    sender_.window = sender_.threshold;
    sender_.recover = sender_.sent_up_to;
    repeat_first(now);
  }
  transmit_window(now);
}

void Stream::repeat_first(core::Time now) {
  for (Unacknowledged& item : sender_.queue)
    item.repeated = item.segment.sequence < sender_.sent_up_to;
  transmit(sender_.queue.front(), now);
}

void Stream::on_data(Packet packet, core::Time now) {
  const std::uint32_t sequence = packet.segment.sequence;
  on_ack(packet.segment.acknowledged, now);
  if (sequence == receiver_.expected) {
    take(std::move(packet), now);
    while (!receiver_.early.empty() && receiver_.early.begin()->first == receiver_.expected) {
      Packet next = std::move(receiver_.early.begin()->second);
      receiver_.early.erase(receiver_.early.begin());
      take(std::move(next), now);
    }
  } else if (sequence > receiver_.expected && receiver_.early.size() < most_early) {
    receiver_.early.emplace(sequence, std::move(packet));
  }
  control(Kind::ack);
}

void Stream::take(Packet packet, core::Time now) {
  ++receiver_.expected;
  if (packet.segment.kind == Kind::close) {
    end(core::PathError::closed);
    return;
  }
  const core::Bytes bytes = packet.bytes;
  receiver_.assembling.insert(receiver_.assembling.end(), bytes.begin(), bytes.end());
  if (packet.segment.last) on_message(now);
}

void Stream::on_message(core::Time now) {
  const std::vector<std::uint8_t> message = std::exchange(receiver_.assembling, {});
  if (state_ == State::open) events_.push_back(Message{pool_.copy(message)});
  if (state_ != State::securing) return;
  state_ = State::open;
  if (!client_) {
    put({.kind = Kind::data}, padded(name_, server_flight_size));
    transmit_window(now);
    return;
  }
  const std::string_view shown =
      core::as_text(message).substr(0, core::as_text(message).find('\0'));
  if (name_.empty() || shown.empty() || shown == name_) {
    events_.push_back(Opened{});
  } else {
    control(Kind::reset);
    end(core::PathError::bad_certificate);
  }
}

// RFC 6298 2.2, 2.3.
void Stream::sample(core::Duration round_trip) {
  if (retry_.round_trip == core::Duration::zero()) {
    retry_.round_trip = std::max(round_trip, core::Duration{1});
    retry_.variation = round_trip / 2;
    return;
  }
  retry_.variation = (3 * retry_.variation + std::chrono::abs(retry_.round_trip - round_trip)) / 4;
  retry_.round_trip = std::max((7 * retry_.round_trip + round_trip) / 8, core::Duration{1});
}

void Stream::handle_timeout(core::Time now) {
  if (!retry_.timer.expire(now)) return;
  ++retry_.count;
  if (state_ == State::opening) {
    if (retry_.count > most_openings) return end(core::PathError::timed_out);
    control(Kind::open);
    retry_.timer.back_off(now, most_wait);
    return;
  }
  if (sender_.queue.empty()) return;
  if (retry_.count > most_retries) return end(core::PathError::timed_out);
  // RFC 6298 5.4, RFC 5681 3.1: repeat the first, start again with a small window.
  sender_.threshold = std::max(2.0, sender_.window / 2);
  sender_.window = 1;
  sender_.recover = sender_.sent_up_to;
  retry_.timer.back_off(now, most_wait);
  repeat_first(now);
}

void Stream::end(core::PathError reason) {
  retry_.timer.stop();
  sender_.queue.clear();
  if (state_ == State::ended) return;
  state_ = State::ended;
  events_.push_back(Ended{reason});
}

std::optional<Packet> Stream::poll_transmit() {
  if (packets_.empty()) return std::nullopt;
  std::optional<Packet> front{std::move(packets_.front())};
  packets_.pop_front();
  return front;
}

std::optional<Stream::Event> Stream::poll_event() {
  if (events_.empty()) return std::nullopt;
  std::optional<Event> front{std::move(events_.front())};
  events_.pop_front();
  return front;
}

}  // namespace lucid::sim
