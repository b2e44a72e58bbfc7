#include "rtp/receive/frame_buffer.hpp"

#include <algorithm>

namespace lucid::rtp {

void FrameBuffer::insert(AssembledFrame frame, core::Time now) {
  delay_.arrived(frame.frame.rtp_timestamp, now);
  if (done_until_ && frame.first_sequence <= *done_until_) {
    ++stats_.dropped;
    return;
  }
  const std::size_t size = frame.frame.data.size();
  while (!frames_.empty() && (frames_.size() >= most_frames || bytes_ + size > most_bytes)) {
    (void)take_first();
    ++stats_.dropped;
  }
  if (frames_.emplace(frame.first_sequence, std::move(frame)).second) bytes_ += size;
}

AssembledFrame FrameBuffer::take_first() {
  AssembledFrame frame = std::move(frames_.begin()->second);
  frames_.erase(frames_.begin());
  bytes_ -= frame.frame.data.size();
  return frame;
}

void FrameBuffer::skip(std::int64_t sequence) {
  if (done_until_ && sequence <= *done_until_) return;
  padding_.insert(sequence);
  while (done_until_ && padding_.contains(*done_until_ + 1)) padding_.erase(++*done_until_);
  while (padding_.size() > FrameAssembler::window) padding_.erase(padding_.begin());
}

bool FrameBuffer::ready(const AssembledFrame& frame) const {
  if (frame.frame.key) return true;
  if (!done_until_) return false;
  for (std::int64_t before = *done_until_ + 1; before < frame.first_sequence; ++before) {
    if (!padding_.contains(before)) return false;
  }
  return true;
}

FrameBuffer::Frames::const_iterator FrameBuffer::next_ready() const {
  // Behind the first frame only key frames can be ready.
  auto frame = frames_.begin();
  if (frame == frames_.end() || ready(frame->second)) return frame;
  return std::find_if(frame, frames_.end(),
                      [](const auto& entry) { return entry.second.frame.key; });
}

// No frame waits for longer than the delay, whatever its timestamp: that of a source that began
// anew says nothing of those before it.
core::Time FrameBuffer::due(const AssembledFrame& frame) const {
  return std::min(delay_.play_at(frame.frame.rtp_timestamp), frame.complete_at + delay_.target());
}

std::optional<AssembledFrame> FrameBuffer::pop(core::Time now) {
  const auto next = next_ready();
  if (next == frames_.end() || due(next->second) > now) return std::nullopt;
  for (; frames_.cbegin() != next; ++stats_.dropped) (void)take_first();
  AssembledFrame frame = take_first();
  done_until_ = frame.last_sequence;
  padding_.erase(padding_.begin(), padding_.upper_bound(*done_until_));
  while (padding_.contains(*done_until_ + 1)) padding_.erase(++*done_until_);
  ++stats_.frames;
  if (frame.frame.key) ++stats_.key_frames;
  return frame;
}

std::optional<core::Time> FrameBuffer::next_timeout() const {
  const auto next = next_ready();
  if (next == frames_.end()) return std::nullopt;
  return due(next->second);
}

std::optional<core::Time> FrameBuffer::stalled_since() const {
  if (frames_.empty() || next_ready() != frames_.end()) return std::nullopt;
  return frames_.begin()->second.complete_at;
}

}  // namespace lucid::rtp
