#include "media/receive_pipeline.hpp"

#include <algorithm>

#include "core/handle.hpp"
#include "media/pace.hpp"

namespace lucid::media {

namespace {

using namespace std::chrono_literals;

constexpr core::Duration sound_step = 10ms;
// W3C webrtc-stats, freezeCount: a gap is a freeze beyond three times the mean interval, or the
// mean and 150 ms, whichever is more.
constexpr double freeze_factor = 3;
constexpr double freeze_extra = 150'000;
constexpr double interval_smoothing = 1.0 / 30;

}  // namespace

VideoReceivePipeline::VideoReceivePipeline(Show show, WantKeyFrame want_key_frame)
    : show_{std::move(show)},
      want_key_frame_{std::move(want_key_frame)},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

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
      decode(frame);
    }
    lock.lock();
  }
}

void VideoReceivePipeline::decode(const core::EncodedFrame& frame) {
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
  for (const core::VideoFrame& picture : *pictures) {
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

AudioReceivePipeline::AudioReceivePipeline(Play play)
    : play_{std::move(play)}, thread_{[this](const std::stop_token& stop) { run(stop); }} {}

AudioReceivePipeline::~AudioReceivePipeline() {
  thread_.request_stop();
  thread_.join();
}

bool AudioReceivePipeline::prepare(core::Codec codec) {
  if (decoder_ && codec_ == codec) return true;
  auto made = codec::make_audio_decoder(codec);
  if (!made) return false;
  decoder_ = std::move(*made);
  codec_ = codec;
  const std::uint32_t clock = codec == core::Codec::opus ? 48'000 : 8'000;
  playout_ = std::make_unique<rtp::audio::Playout>(
      rtp::audio::Playout::Config{.clock_rate = clock,
                                  .sample_rate = decoder_->sample_rate(),
                                  .channels = decoder_->channels()});
  return true;
}

void AudioReceivePipeline::push(core::EncodedFrame frame, core::Time now) {
  const std::lock_guard lock{mutex_};
  if (!prepare(frame.codec)) return;
  const std::int64_t sequence = frame.id;
  playout_->insert(std::move(frame), sequence, now);
}

rtp::audio::Playout::Stats AudioReceivePipeline::stats() const {
  const std::lock_guard lock{mutex_};
  return playout_ ? playout_->stats() : rtp::audio::Playout::Stats{};
}

void AudioReceivePipeline::feed(core::Time now) {
  using rtp::audio::Playout;
  while (const auto need = playout_->next(now)) {
    const auto decoded = std::visit(
        core::Overloaded{
            [&](const Playout::Decode& packet) { return decoder_->decode(packet.frame); },
            [&](const Playout::DecodeRedundancy& packet) {
              return decoder_->decode_redundancy(packet.frame, packet.length);
            },
            [&](const Playout::Conceal& hole) {
              return std::expected<core::AudioFrame, codec::CodecError>{
                  decoder_->conceal(hole.length)};
            },
            [&](const Playout::ComfortNoise& hole) {
              return std::expected<core::AudioFrame, codec::CodecError>{
                  decoder_->conceal(hole.length)};
            }},
        *need);
    if (decoded) {
      playout_->give(*decoded);
    } else {
      playout_->give_nothing();
    }
  }
}

void AudioReceivePipeline::run(const std::stop_token& stop) {
  Pace pace;
  for (core::Time step{}; pace.wait(capture::Pace::fast, step, stop); step += sound_step) {
    core::AudioFrame sound;
    {
      const std::lock_guard lock{mutex_};
      if (!playout_) continue;
      const core::Time now = real_now();
      feed(now);
      sound = playout_->take(now);
    }
    play_(sound);
  }
}

}  // namespace lucid::media
