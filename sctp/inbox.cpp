#include "sctp/detail/inbox.hpp"

#include <algorithm>
#include <cstring>

namespace lucid::sctp::detail {

std::optional<std::size_t> Inbox::add(const Piece& piece, core::Pool& pool) {
  const bool first =
      std::ranges::find(partials_, piece.stream, &Partial::stream) == partials_.end();
  if (first && piece.last && piece.bytes.size() <= max_message_size_) {
    complete(piece.stream, piece.protocol, pool.copy(piece.bytes));
    return piece.bytes.size();
  }
  Partial& whole = partial(piece.stream);
  append(whole, piece.bytes, pool);
  if (!piece.last) return std::nullopt;
  const bool too_long = whole.too_long;
  core::Buffer bytes = std::move(whole.bytes);
  forget(piece.stream);
  if (too_long) {
    push(Association::OversizedMessage{piece.stream});
    return std::nullopt;
  }
  const std::size_t size = bytes.size();
  complete(piece.stream, piece.protocol, std::move(bytes));
  return size;
}

Inbox::Partial& Inbox::partial(StreamId stream) {
  const auto found = std::ranges::find(partials_, stream, &Partial::stream);
  return found != partials_.end() ? *found : partials_.emplace_back(Partial{stream, false, {}});
}

void Inbox::append(Partial& partial, core::Bytes bytes, core::Pool& pool) const {
  partial.too_long = partial.too_long || partial.bytes.size() + bytes.size() > max_message_size_;
  if (partial.too_long) {
    partial.bytes = {};
    return;
  }
  if (partial.bytes.tail_room() < bytes.size()) {
    const std::size_t size = partial.bytes.size();
    // Room grows by doubling, so that each byte moves twice at most.
    core::Buffer larger = pool.take(std::min(max_message_size_, 2 * (size + bytes.size())));
    if (size > 0) std::memcpy(larger.data(), partial.bytes.data(), size);
    larger.resize(size);
    partial.bytes = std::move(larger);
  }
  std::ranges::copy(bytes, partial.bytes.append(bytes.size()).begin());
}

void Inbox::complete(StreamId stream, PayloadProtocol protocol, core::Buffer bytes) {
  cost_ += cost_of(bytes);
  push(Association::Message{stream, protocol, std::move(bytes)});
}

void Inbox::forget(StreamId stream) {
  std::erase_if(partials_, [&](const Partial& partial) { return partial.stream == stream; });
}

std::optional<Association::Event> Inbox::pop() {
  if (events_.empty()) return std::nullopt;
  Association::Event event = std::move(events_.front());
  events_.pop_front();
  if (const auto* message = std::get_if<Association::Message>(&event)) {
    cost_ -= cost_of(message->payload);
  }
  return event;
}

}  // namespace lucid::sctp::detail
