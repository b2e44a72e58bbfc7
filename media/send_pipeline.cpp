#include "media/send_pipeline.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace lucid::media {

namespace {

using namespace std::chrono_literals;

// Timestamps of sound count samples; only a gap larger than this shows in them.
constexpr core::Duration sound_gap = 60ms;
// Sound later than this is left out, so that it stays with the picture.
constexpr core::Duration late_sound = 200ms;

std::int64_t to_ticks(core::Time time, std::int64_t clock_rate) {
  const std::int64_t micros = time.time_since_epoch().count();
  return micros / 1'000'000 * clock_rate + micros % 1'000'000 * clock_rate / 1'000'000;
}

}  // namespace

VideoSendPipeline::VideoSendPipeline(std::unique_ptr<capture::VideoSource> source,
                                     codec::VideoEncoderConfig config, Allocation allocation,
                                     Deliver deliver, Ended ended, core::Time start)
    : source_{std::move(source)},
      clock_{source_ ? source_->pace() : capture::Pace::fast, start},
      deliver_{std::move(deliver)},
      ended_{std::move(ended)},
      chain_{std::move(config), std::move(allocation)} {
  thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
}

VideoSendPipeline::~VideoSendPipeline() {
  thread_.request_stop();
  thread_.join();
}

void VideoSendPipeline::allocate(Allocation allocation) {
  const std::lock_guard lock{mutex_};
  chain_.allocate(std::move(allocation));
}
void VideoSendPipeline::request_key_frame(const std::string& rid) {
  const std::lock_guard lock{mutex_};
  chain_.request_key_frame(rid);
}
void VideoSendPipeline::mute(bool muted) {
  const std::lock_guard lock{mutex_};
  chain_.mute(muted);
}
void VideoSendPipeline::replace(std::unique_ptr<capture::VideoSource> source, core::Time start) {
  const std::lock_guard lock{mutex_};
  next_ = Replacement{std::move(source), start};
}
VideoChain::Stats VideoSendPipeline::stats() const {
  const std::lock_guard lock{mutex_};
  return chain_.stats();
}

void VideoSendPipeline::adopt() {
  const std::lock_guard lock{mutex_};
  if (!next_) return;
  source_ = std::move(next_->source);
  clock_ = SourceClock{source_ ? source_->pace() : capture::Pace::fast, next_->start};
  next_.reset();
  chain_.request_key_frame();
}

void VideoSendPipeline::run(const std::stop_token& stop) {
  Sleeper sleeper;
  while (!stop.stop_requested()) {
    adopt();
    std::optional<core::VideoFrame> picture = source_ ? source_->read() : std::nullopt;
    if (!picture) return ended_();
    const core::Time captured = clock_.captured(picture->capture_time, real_now());
    if (!sleeper.sleep_until(captured, stop)) return;
    // A new source may begin before the last one ended: what has been shown is not shown again.
    if (captured <= last_) continue;
    const core::Time begun = real_now();
    if (!punctuality_.worth_it(begun - captured, source_->framerate())) {
      const std::lock_guard lock{mutex_};
      chain_.skipped();
      continue;
    }
    last_ = captured;
    picture->capture_time = captured;
    picture->rtp_timestamp = static_cast<std::uint32_t>(to_ticks(captured, 90'000));
    std::vector<core::EncodedFrame> frames;
    {
      const std::lock_guard lock{mutex_};
      frames = chain_.encode(*picture);
      chain_.took(real_now() - begun);
    }
    for (core::EncodedFrame& frame : frames) deliver_(std::move(frame));
  }
}

AudioSendPipeline::AudioSendPipeline(std::unique_ptr<capture::AudioSource> source,
                                     codec::AudioEncoderConfig config, Deliver deliver, Ended ended,
                                     core::Time start)
    : source_{std::move(source)},
      clock_{source_ ? source_->pace() : capture::Pace::fast, start},
      config_{config},
      deliver_{std::move(deliver)},
      ended_{std::move(ended)} {
  if (auto made = codec::make_encoder(config)) encoder_ = std::move(*made);
  thread_ = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
}

AudioSendPipeline::~AudioSendPipeline() {
  thread_.request_stop();
  thread_.join();
}

void AudioSendPipeline::mute(bool muted) {
  const std::lock_guard lock{mutex_};
  muted_ = muted;
}
void AudioSendPipeline::replace(std::unique_ptr<capture::AudioSource> source, core::Time start) {
  const std::lock_guard lock{mutex_};
  next_ = Replacement{std::move(source), start};
}
void AudioSendPipeline::set_bitrate(std::uint32_t bitrate) {
  const std::lock_guard lock{mutex_};
  if (encoder_) encoder_->set_bitrate(bitrate);
}
void AudioSendPipeline::set_expected_loss(std::uint8_t percent) {
  const std::lock_guard lock{mutex_};
  if (encoder_) encoder_->set_expected_loss(percent);
}

void AudioSendPipeline::adopt() {
  const std::lock_guard lock{mutex_};
  if (!next_) return;
  source_ = std::move(next_->source);
  clock_ = SourceClock{source_ ? source_->pace() : capture::Pace::fast, next_->start};
  next_.reset();
}

void AudioSendPipeline::run(const std::stop_token& stop) {
  Sleeper sleeper;
  while (!stop.stop_requested()) {
    adopt();
    std::optional<core::AudioFrame> sound = source_ ? source_->read() : std::nullopt;
    if (!sound) return ended_();
    core::Time captured = clock_.captured(sound->capture_time, real_now());
    if (!sleeper.sleep_until(captured, stop)) return;
    if (source_->pace() == capture::Pace::live) {
      // A device hands over a frame when its last sample is there; its time is that of the first.
      captured -= core::Duration{static_cast<std::int64_t>(
          sound->samples.size() * 1'000'000 / (sound->channels * std::size_t{sound->sample_rate}))};
    } else if (real_now() - captured > late_sound) {
      continue;
    }
    auto frame = encode(*sound, captured);
    if (!frame) return ended_();
    if (!frame->data.empty()) deliver_(std::move(*frame));
  }
}

// Nullopt without an encoder; without data when there is nothing to send.
std::optional<core::EncodedFrame> AudioSendPipeline::encode(const core::AudioFrame& sound,
                                                            core::Time captured) {
  // RFC 7587 4.1: the clock of Opus is 48 kHz; that of G.722 says 8 kHz (RFC 3551 4.5.2).
  const std::int64_t rate = config_.codec == core::Codec::opus ? 48'000 : 8'000;
  const std::int64_t ticks = to_ticks(captured, rate);
  const std::int64_t gap = sound_gap.count() * rate / 1'000'000;
  // A new source may begin before the last one ended: what has been said is not said again.
  if (next_timestamp_ && ticks <= *next_timestamp_ - gap) return core::EncodedFrame{};
  if (!next_timestamp_ || ticks >= *next_timestamp_ + gap) next_timestamp_ = ticks;
  core::AudioFrame frame = resample(sound, config_.sample_rate, config_.channels);
  frame.capture_time = captured;
  frame.rtp_timestamp = static_cast<std::uint32_t>(*next_timestamp_);
  *next_timestamp_ += static_cast<std::int64_t>(frame.samples.size() / config_.channels) * rate /
                      config_.sample_rate;
  const std::lock_guard lock{mutex_};
  if (!encoder_) return std::nullopt;
  if (muted_) std::ranges::fill(frame.samples, std::int16_t{0});
  auto encoded = encoder_->encode(frame);
  if (!encoded) return core::EncodedFrame{};
  encoded->audio_level = level_of(frame);
  encoded->voice = *encoded->audio_level < 50;
  return std::move(*encoded);
}

}  // namespace lucid::media
