#include "media/player.hpp"

#include <utility>

namespace lucid::media {

Player::Player(Show show, Play play, WantKeyFrame want_key_frame)
    : show_{std::move(show)}, play_{std::move(play)}, want_key_frame_{std::move(want_key_frame)} {}

void Player::push(core::EncodedFrame frame, core::Time now) {
  if (core::kind_of(frame.codec) == core::MediaKind::video) {
    if (!video_) video_.emplace(std::move(show_), std::move(want_key_frame_), &sync_);
    video_->push(std::move(frame));
  } else {
    if (!audio_) audio_.emplace(std::move(play_), &sync_);
    audio_->push(std::move(frame), now);
  }
}

Player::Stats Player::stats() const {
  Stats stats;
  if (video_) stats.video = video_->stats();
  if (audio_) stats.audio = audio_->stats();
  stats.skew = sync_.skew();
  return stats;
}

}  // namespace lucid::media
