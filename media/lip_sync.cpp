#include "media/lip_sync.hpp"

#include <algorithm>
#include <vector>

namespace lucid::media {

namespace {

using namespace std::chrono_literals;

// One that was not heard or seen for so long is not waited for.
constexpr core::Duration forgotten_after = 1s;
// No path is that slow: the sender's clock was set, or its reports were wrong.
constexpr core::Duration step_of_clock = 3s;
// Pictures are moved by no more than this each: 150 ms a second at 30 pictures.
constexpr core::Duration step = 5ms;
// One picture in so many may come later than the sound waits for: a picture that was repaired
// twice, not all those that were repaired.
constexpr std::size_t late_one_in = 30;
// What the sound waits moves by so much a second: slower than pictures can follow; and down far
// more slowly than up, because what came late once will again.
constexpr double rise = 0.1;
constexpr double fall = 0.04;

bool far_apart(core::Duration one, core::Duration other) {
  return one - other > step_of_clock || other - one > step_of_clock;
}

core::Duration part(core::Duration time, double share) {
  return core::Duration{static_cast<std::int64_t>(static_cast<double>(time.count()) * share)};
}

}  // namespace

bool LipSync::in_step(core::Time now) const {
  return last_picture_ && last_sound_ && now - *last_picture_ < forgotten_after &&
         now - *last_sound_ < forgotten_after;
}

// What all of the last pictures but one in so many stayed below.
core::Duration LipSync::nearly_all_pictures() const {
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
  if (!last_picture_ || ready - *last_picture_ > forgotten_after ||
      far_apart(latency, pictures_[(seen_ - 1) % window])) {
    seen_ = 0;
    picture_goal_ = latency;
  }
  pictures_[seen_++ % window] = latency;
  picture_need_ = nearly_all_pictures();
  last_picture_ = ready;
  if (!in_step(ready)) return ready;
  // To where the sound really is; a picture that is later than that is shown at once.
  const core::Duration goal = std::min(sound_latency_, latency + most_hold);
  picture_goal_ += std::clamp<core::Duration>(goal - picture_goal_, -step, step);
  const core::Duration hold = std::clamp<core::Duration>(picture_goal_ - latency, 0us, most_hold);
  skew_ = latency + hold - sound_latency_;
  return ready + hold;
}

core::Duration LipSync::hold_sound(const Sound& sound, core::Time now) {
  const std::lock_guard lock{mutex_};
  if (sound.captured == core::Time{}) return 0us;
  const core::Duration since = last_sound_ ? now - *last_sound_ : 0us;
  last_sound_ = now;
  sound_latency_ = now - sound.captured + output_delay_;
  if (!in_step(now)) {
    sound_goal_.reset();
    return 0us;
  }
  // What the path and the sound card take anyway; the rest is the buffer's to add.
  const core::Duration fixed = sound_latency_ - sound.delay;
  const core::Duration least = fixed + sound.needed;
  const core::Duration wanted = std::clamp(picture_need_, least, least + most_hold);
  if (!sound_goal_ || far_apart(*sound_goal_, sound_latency_)) sound_goal_ = sound_latency_;
  *sound_goal_ +=
      std::clamp<core::Duration>(wanted - *sound_goal_, -part(since, fall), part(since, rise));
  return std::clamp<core::Duration>(*sound_goal_ - fixed, 0us, sound.needed + most_hold);
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
