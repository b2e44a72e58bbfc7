#include "media/outbox.hpp"

#include <utility>

namespace lucid::media {

bool Outbox::push(core::EncodedFrame frame) {
  bool first = false;
  {
    const std::lock_guard lock{mutex_};
    const bool full = waiting_.size() >= most_waiting;
    if (core::kind_of(frame.codec) == core::MediaKind::video) {
      if (full) broken_.insert(frame.rid);
      if (frame.key && !full) broken_.erase(frame.rid);
      if (broken_.contains(frame.rid)) {
        ++dropped_;
        return false;
      }
    } else if (full) {
      waiting_.pop_front();
      ++dropped_;
    }
    first = waiting_.empty();
    waiting_.push_back(std::move(frame));
  }
  if (first) wake_();
  return true;
}

std::deque<core::EncodedFrame> Outbox::all() {
  const std::lock_guard lock{mutex_};
  return std::exchange(waiting_, {});
}

std::uint64_t Outbox::dropped() const {
  const std::lock_guard lock{mutex_};
  return dropped_;
}

}  // namespace lucid::media
