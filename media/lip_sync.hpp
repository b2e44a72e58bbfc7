#pragma once
#include <array>
#include <cstdint>
#include <mutex>
#include <optional>

#include "core/time.hpp"

namespace lucid::media {

// Plays the sound and the picture of one stream in step. Both tell how long after its capture
// something is heard or seen (RFC 3550 6.4.1: sender reports tie timestamps to one clock); the
// faster of the two is held back, slowly enough that nobody sees or hears the change.
//
// Has no clock: times are arguments. May be used from several threads.
class LipSync {
 public:
  // Neither is held back longer than this, whatever the other one does.
  static constexpr core::Duration most_hold = std::chrono::milliseconds{500};

  struct Sound {
    core::Time captured{};    // of what is played now; zero: not known yet
    core::Duration delay{};   // what the playout buffer adds (Playout::delay)
    core::Duration needed{};  // what of that the network asks for (Playout::needed)
  };

  // A picture is ready: when to show it. At once while its capture time is zero, or without sound.
  core::Time show_at(core::Time captured, core::Time ready);
  // Called each time sound is taken: how much delay the playout buffer is to have at least.
  core::Duration hold_sound(const Sound& sound, core::Time now);
  // What comes after the playout buffer: the queue of the sound card.
  void sound_output_delay(core::Duration delay);

  // How much later than the sound of its moment the last picture was shown.
  core::Duration skew() const;

 private:
  static constexpr std::size_t window = 300;  // ten seconds at 30 pictures

  bool in_step(core::Time now) const;
  core::Duration nearly_all_pictures() const;

  mutable std::mutex mutex_;
  std::array<core::Duration, window> pictures_{};  // latencies of the last ones, a ring
  std::size_t seen_ = 0;
  std::optional<core::Time> last_picture_;
  std::optional<core::Time> last_sound_;
  core::Duration sound_latency_{};
  core::Duration output_delay_{};
  core::Duration picture_need_{};             // the latency that nearly all pictures stay below
  std::optional<core::Duration> sound_goal_;  // the latency that sound is to have; moves slowly
  core::Duration picture_goal_{};  // that at which pictures are shown; follows the sound's
  core::Duration skew_{};
};

}  // namespace lucid::media
