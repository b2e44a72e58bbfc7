#pragma once
#include <algorithm>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "core/buffer.hpp"
#include "sctp/association.hpp"
#include "sctp/detail/engine.hpp"

namespace lucid::sctp::detail {

// What a message in memory costs: no less than the slab it lies in.
inline std::size_t cost_of(const core::Buffer& payload) {
  return std::max(payload.size(), core::Pool::slab_size);
}

// What waits to be polled: events, and messages put together from the pieces that the engine gives.
// It knows when there is enough of it, so that the rest stays in the engine and the window closes.
class Inbox {
 public:
  Inbox(std::size_t limit, std::size_t max_message_size)
      : limit_{limit}, max_message_size_{max_message_size} {}

  bool full() const { return cost_ >= limit_; }
  void push(Association::Event event) { events_.push_back(std::move(event)); }
  // Returns the size of the message that is now complete.
  std::optional<std::size_t> add(const Piece& piece, core::Pool& pool);
  void forget(StreamId stream);  // what has come of a message whose rest will not come
  std::optional<Association::Event> pop();

 private:
  // A message whose end has not come. With interleaving there may be one for each stream.
  struct Partial {
    StreamId stream;
    bool too_long;
    core::Buffer bytes;
  };

  Partial& partial(StreamId stream);
  void append(Partial& partial, core::Bytes bytes, core::Pool& pool) const;
  void complete(StreamId stream, PayloadProtocol protocol, core::Buffer bytes);

  std::size_t limit_;
  std::size_t max_message_size_;
  std::deque<Association::Event> events_;
  std::vector<Partial> partials_;
  std::size_t cost_ = 0;  // memory held by messages that nobody has polled
};

}  // namespace lucid::sctp::detail
