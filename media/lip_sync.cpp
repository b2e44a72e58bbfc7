#include "media/lip_sync.hpp"

#include <algorithm>
#include <vector>

namespace lucid::media {

namespace {

using namespace std::chrono_literals;

// One that was not heard or seen for so long is not waited for.
constexpr core::Duration forgotten_after = 1s;
// Pictures are moved by no more than this each: 150 ms a second at 30 pictures.
constexpr core::Duration step = 5ms;
// One picture in so many may come later than the sound waits for.
constexpr std::size_t late_one_in = 16;

}  // namespace

bool LipSync::in_step(core::Time now) const {
  return last_picture_ && last_sound_ && now - *last_picture_ < forgotten_after &&
         now - *last_sound_ < forgotten_after;
}

core::Duration LipSync::picture_latency() const {
  const std::size_t count = std::min(seen_, window);
  std::vector<core::Duration> sorted(pictures_.begin(),
                                     pictures_.begin() + static_cast<std::ptrdiff_t>(count));
  const auto bound = sorted.end() - 1 - static_cast<std::ptrdiff_t>(count / late_one_in);
  std::nth_element(sorted.begin(), bound, sorted.end());
  return *bound;
}

core::Time LipSync::show_at(core::Time captured, core::Time ready) {
  const std::lock_guard lock{mutex_};
  if (captured == core::Time{}) return ready;
  const core::Duration latency = ready - captured;
  // After a pause, or a step of the sender's clock, what was learned before counts for nothing.
  if (!last_picture_ || ready - *last_picture_ > forgotten_after) {
    seen_ = 0;
    picture_goal_ = latency;
  }
  pictures_[seen_++ % window] = latency;
  last_picture_ = ready;
  if (!in_step(ready)) return ready;
  const core::Duration wanted = std::max(sound_latency_, latency);
  picture_goal_ += std::clamp<core::Duration>(wanted - picture_goal_, -step, step);
  const core::Duration hold = std::clamp<core::Duration>(picture_goal_ - latency, 0us, most_hold);
  skew_ = latency + hold - sound_latency_;
  return ready + hold;
}

core::Duration LipSync::hold_sound(const Sound& sound, core::Time now) {
  const std::lock_guard lock{mutex_};
  if (sound.captured == core::Time{}) return 0us;
  last_sound_ = now;
  sound_latency_ = now - sound.captured + output_delay_;
  if (!in_step(now)) return 0us;
  // What the path and the sound card take anyway; the rest is the buffer's to add.
  const core::Duration fixed = sound_latency_ - sound.delay;
  const core::Duration most = sound.needed + most_hold;
  return std::clamp<core::Duration>(picture_latency() - fixed, 0us, most);
}

void LipSync::sound_output_delay(core::Duration delay) {
  const std::lock_guard lock{mutex_};
  output_delay_ = delay;
}

core::Duration LipSync::skew() const {
  const std::lock_guard lock{mutex_};
  return skew_;
}

}  // namespace lucid::media
