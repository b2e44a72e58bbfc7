#include "sctp/detail/send_queue.hpp"

#include <algorithm>
#include <iterator>

namespace lucid::sctp::detail {

bool SendQueue::holds(StreamId stream) const {
  return std::ranges::find(streams_, stream, &Stream::id) != streams_.end();
}

void SendQueue::push(Message message, std::uint16_t weight) {
  auto found = std::ranges::find(streams_, message.how.stream, &Stream::id);
  if (found == streams_.end()) {
    streams_.push_back({message.how.stream, std::max<std::uint16_t>(weight, 1), turn_, {}});
    found = std::prev(streams_.end());
  }
  found->messages.push_back(std::move(message));
  ++count_;
}

SendQueue::Message* SendQueue::next() {
  if (streams_.empty()) return nullptr;
  // RFC 9260 6.9: the fragments of a message have consecutive TSNs, so nothing may come between.
  current_ = std::ranges::find_if(
      streams_, [](const Stream& stream) { return stream.messages.front().begun; });
  if (current_ == streams_.end()) current_ = std::ranges::min_element(streams_, {}, &Stream::turn);
  turn_ = current_->turn;
  return &current_->messages.front();
}

bool SendQueue::taken(std::size_t count) {
  // The more weight, the more bytes a turn is worth.
  constexpr std::uint64_t unit = 1 << 16;
  current_->turn += count * unit / current_->weight;
  Message& message = current_->messages.front();
  message.begun = true;
  message.taken += count;
  if (!message.left().empty()) return false;
  drop_next();
  return true;
}

std::size_t SendQueue::drop_next() {
  const std::size_t size = current_->messages.front().left().size();
  current_->messages.pop_front();
  --count_;
  if (current_->messages.empty()) streams_.erase(current_);
  return size;
}

std::size_t SendQueue::drop(StreamId id) {
  const auto stream = std::ranges::find(streams_, id, &Stream::id);
  if (stream == streams_.end()) return 0;
  std::size_t size = 0;
  while (!stream->messages.empty() && !stream->messages.back().begun) {
    size += stream->messages.back().payload.size();
    stream->messages.pop_back();
    --count_;
  }
  if (stream->messages.empty()) streams_.erase(stream);
  return size;
}

std::size_t SendQueue::give_up(std::uint32_t number) {
  const auto is_it = [&](const Stream& stream) {
    const Message& front = stream.messages.front();
    return front.begun && !front.given_up && front.number == number;
  };
  const auto stream = std::ranges::find_if(streams_, is_it);
  if (stream == streams_.end()) return 0;
  Message& message = stream->messages.front();
  const std::size_t size = message.left().size();
  message.taken = message.payload.size() - 1;
  message.given_up = true;
  return size;
}

}  // namespace lucid::sctp::detail
