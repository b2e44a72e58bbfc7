// Stream resets (RFC 6525 5.1.2, 5.2): asked for one request at a time, and told when done.
#include <algorithm>
#include <utility>

#include "sctp/detail/association_state.hpp"

namespace lucid::sctp::detail {

void AssociationState::start_resets() {
  if (state_ != State::open || !resets_.under_way.empty()) return;
  std::vector<StreamId> ready;
  for (const StreamId stream : resets_.waiting) {
    if (!out_.queue.holds(stream)) ready.push_back(stream);
  }
  if (ready.empty()) return;
  const auto answer = engine_->reset(ready);
  if (answer == Engine::ResetAnswer::busy) return;
  std::erase_if(resets_.waiting,
                [&](StreamId stream) { return std::ranges::find(ready, stream) != ready.end(); });
  if (answer == Engine::ResetAnswer::started) {
    resets_.under_way = std::move(ready);
    return;
  }
  for (const StreamId stream : ready) inbox_.push(Association::OutgoingReset{stream, false});
}

void AssociationState::take_reset(const StreamsReset& reset) {
  if (reset.side == StreamsReset::Side::incoming) {
    if (!reset.done) return;
    for (const StreamId stream : reset.streams) inbox_.push(Association::IncomingReset{stream});
    // RFC 6525 4.1: no stream named means all of them.
    for (std::uint16_t i = 0; reset.streams.empty() && i < streams_.incoming_streams; ++i) {
      inbox_.push(Association::IncomingReset{StreamId{i}});
    }
    return;
  }
  for (const StreamId stream : std::exchange(resets_.under_way, {})) {
    inbox_.push(Association::OutgoingReset{stream, reset.done});
  }
}

}  // namespace lucid::sctp::detail
