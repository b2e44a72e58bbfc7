#include "media/receive_pipeline.hpp"

#include <algorithm>

#include "media/pace.hpp"

namespace lucid::media {

namespace {

using namespace std::chrono_literals;

constexpr core::Duration most_behind = 200ms;
// W3C webrtc-stats, freezeCount: a gap is a freeze beyond three times the mean interval, or the
// mean and 150 ms, whichever is more.
constexpr double freeze_factor = 3;
constexpr double freeze_extra = 150'000;
constexpr double interval_smoothing = 1.0 / 30;

}  // namespace

VideoReceivePipeline::VideoReceivePipeline(Show show, WantKeyFrame want_key_frame, LipSync* sync)
    : show_{std::move(show)}, want_key_frame_{std::move(want_key_frame)}, sync_{sync} {
  thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
}

VideoReceivePipeline::~VideoReceivePipeline() {
  thread_.request_stop();
  thread_.join();
}

void VideoReceivePipeline::push(core::EncodedFrame frame) {
  {
    const std::lock_guard lock{mutex_};
    if (waiting_.size() >= most_waiting) {
      stats_.dropped += waiting_.size();
      waiting_.clear();
      needs_key_ = true;
    }
    waiting_.push_back(std::move(frame));
  }
  wake_.notify_one();
}

VideoReceivePipeline::Stats VideoReceivePipeline::stats() const {
  const std::lock_guard lock{mutex_};
  return stats_;
}

void VideoReceivePipeline::run(const std::stop_token& stop) {
  std::unique_lock lock{mutex_};
  while (wake_.wait(lock, stop, [&] { return !waiting_.empty(); })) {
    const core::EncodedFrame frame = std::move(waiting_.front());
    waiting_.pop_front();
    const bool hopeless = needs_key_ && !frame.key;
    if (hopeless) ++stats_.dropped;
    if (frame.key) needs_key_ = false;
    lock.unlock();
    if (hopeless) {
      want_key_frame_();
    } else {
      decode(frame, stop);
    }
    lock.lock();
  }
}

void VideoReceivePipeline::decode(const core::EncodedFrame& frame, const std::stop_token& stop) {
  if (!decoder_ || codec_ != frame.codec) {
    auto made = codec::make_decoder(frame.codec);
    if (!made) return;
    decoder_ = std::move(*made);
    codec_ = frame.codec;
  }
  const auto pictures = decoder_->decode(frame);
  if (!pictures) {
    {
      const std::lock_guard lock{mutex_};
      ++stats_.failures;
      needs_key_ = true;
    }
    want_key_frame_();
    return;
  }
  // The lower spatial layers of a picture are not shown by themselves.
  if (!frame.last_of_picture) return;
  Sleeper sleeper;
  for (const core::VideoFrame& picture : *pictures) {
    if (sync_ != nullptr &&
        !sleeper.sleep_until(sync_->show_at(frame.capture_time, real_now()), stop)) {
      return;
    }
    {
      const std::lock_guard lock{mutex_};
      count(picture);
      if (frame.key) ++stats_.key_frames;
    }
    show_(picture);
  }
}

void VideoReceivePipeline::count(const core::VideoFrame& picture) {
  const core::Time now = real_now();
  ++stats_.decoded;
  stats_.width = picture.width;
  stats_.height = picture.height;
  if (last_shown_) {
    const auto gap = static_cast<double>((now - *last_shown_).count());
    if (mean_interval_ > 0 &&
        gap > std::max(mean_interval_ * freeze_factor, mean_interval_ + freeze_extra)) {
      ++stats_.freezes;
      stats_.total_freezes += now - *last_shown_;
    }
    mean_interval_ += (gap - mean_interval_) * (mean_interval_ == 0 ? 1 : interval_smoothing);
  }
  last_shown_ = now;
}

AudioReceivePipeline::AudioReceivePipeline(Play play, LipSync* sync)
    : play_{std::move(play)}, chain_{sync}, thread_{} {
  thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
}

AudioReceivePipeline::~AudioReceivePipeline() {
  thread_.request_stop();
  thread_.join();
}

void AudioReceivePipeline::push(core::EncodedFrame frame, core::Time now) {
  const std::lock_guard lock{mutex_};
  chain_.push(std::move(frame), now);
}

rtp::audio::Playout::Stats AudioReceivePipeline::stats() const {
  const std::lock_guard lock{mutex_};
  return chain_.stats();
}

void AudioReceivePipeline::run(const std::stop_token& stop) {
  Sleeper sleeper;
  for (core::Time due = real_now(); sleeper.sleep_until(due, stop); due += sound_step) {
    const core::Time now = real_now();
    // The machine slept: what was due meanwhile is not played in a hurry.
    if (now - due > most_behind) due = now;
    std::optional<core::AudioFrame> sound;
    {
      const std::lock_guard lock{mutex_};
      sound = chain_.take(now);
    }
    if (sound) play_(*sound);
  }
}

}  // namespace lucid::media
