#include "media/send_pipeline.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "media/pace.hpp"

namespace lucid::media {

VideoSendPipeline::VideoSendPipeline(std::unique_ptr<capture::VideoSource> source,
                                     codec::VideoEncoderConfig config, Allocation allocation,
                                     Deliver deliver, Ended ended)
    : source_{std::move(source)},
      deliver_{std::move(deliver)},
      ended_{std::move(ended)},
      chain_{std::move(config), std::move(allocation)},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

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
void VideoSendPipeline::replace(std::unique_ptr<capture::VideoSource> source) {
  const std::lock_guard lock{mutex_};
  next_source_ = std::move(source);
  replaced_ = true;
}
VideoChain::Stats VideoSendPipeline::stats() const {
  const std::lock_guard lock{mutex_};
  return chain_.stats();
}

void VideoSendPipeline::adopt() {
  const std::lock_guard lock{mutex_};
  if (!replaced_) return;
  replaced_ = false;
  source_ = std::move(next_source_);
  chain_.request_key_frame();
}

void VideoSendPipeline::run(const std::stop_token& stop) {
  Pace pace;
  const capture::VideoSource* known = nullptr;
  while (!stop.stop_requested()) {
    adopt();
    if (source_.get() != known) pace.restart();
    known = source_.get();
    std::optional<core::VideoFrame> picture = source_ ? source_->read() : std::nullopt;
    if (!picture) return ended_();
    if (!pace.wait(source_->pace(), picture->capture_time, stop)) return;
    // Capture times on the wire are of one clock, whichever source is in use.
    const core::Time now = real_now();
    picture->capture_time = now;
    picture->rtp_timestamp = static_cast<std::uint32_t>(now.time_since_epoch().count() * 9 / 100);
    std::vector<core::EncodedFrame> frames;
    {
      const std::lock_guard lock{mutex_};
      frames = chain_.encode(*picture);
      chain_.took(real_now() - now);
    }
    for (core::EncodedFrame& frame : frames) deliver_(std::move(frame));
  }
}

AudioSendPipeline::AudioSendPipeline(std::unique_ptr<capture::AudioSource> source,
                                     codec::AudioEncoderConfig config, Deliver deliver, Ended ended)
    : source_{std::move(source)},
      config_{config},
      deliver_{std::move(deliver)},
      ended_{std::move(ended)},
      thread_{} {
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
void AudioSendPipeline::replace(std::unique_ptr<capture::AudioSource> source) {
  const std::lock_guard lock{mutex_};
  next_source_ = std::move(source);
  replaced_ = true;
}
void AudioSendPipeline::set_bitrate(std::uint32_t bitrate) {
  const std::lock_guard lock{mutex_};
  if (encoder_) encoder_->set_bitrate(bitrate);
}
void AudioSendPipeline::set_expected_loss(std::uint8_t percent) {
  const std::lock_guard lock{mutex_};
  if (encoder_) encoder_->set_expected_loss(percent);
}

void AudioSendPipeline::run(const std::stop_token& stop) {
  Pace pace;
  while (!stop.stop_requested()) {
    {
      const std::lock_guard lock{mutex_};
      if (std::exchange(replaced_, false)) {
        source_ = std::move(next_source_);
        pace.restart();
      }
    }
    std::optional<core::AudioFrame> sound = source_ ? source_->read() : std::nullopt;
    if (!sound) return ended_();
    if (!pace.wait(source_->pace(), sound->capture_time, stop)) return;
    const core::Time now = real_now();
    core::AudioFrame frame = resample(*sound, config_.sample_rate, config_.channels);
    std::unique_lock lock{mutex_};
    if (muted_) std::ranges::fill(frame.samples, std::int16_t{0});
    frame.capture_time = now;
    // RFC 7587 4.1: the clock of Opus is 48 kHz; that of G.722 says 8 kHz (RFC 3551 4.5.2).
    const std::int64_t clock = config_.codec == core::Codec::opus ? 48'000 : 8'000;
    frame.rtp_timestamp = static_cast<std::uint32_t>(
        sound->capture_time.time_since_epoch().count() * clock / 1'000'000);
    if (!encoder_) return ended_();
    auto encoded = encoder_->encode(frame);
    lock.unlock();
    if (!encoded || encoded->data.empty()) continue;
    encoded->audio_level = level_of(frame);
    encoded->voice = *encoded->audio_level < 50;
    deliver_(std::move(*encoded));
  }
}

std::uint8_t level_of(const core::AudioFrame& frame) {
  double squares = 0;
  for (const std::int16_t sample : frame.samples) squares += static_cast<double>(sample) * sample;
  if (squares == 0) return 127;
  const double mean = std::sqrt(squares / static_cast<double>(frame.samples.size())) / 32768;
  return static_cast<std::uint8_t>(std::clamp(std::lround(-20 * std::log10(mean)), 0L, 127L));
}

core::AudioFrame resample(const core::AudioFrame& frame, std::uint32_t rate,
                          std::uint8_t channels) {
  if (frame.sample_rate == rate && frame.channels == channels) return frame;
  core::AudioFrame out;
  out.sample_rate = rate;
  out.channels = channels;
  out.capture_time = frame.capture_time;
  const std::size_t in_frames = frame.channels == 0 ? 0 : frame.samples.size() / frame.channels;
  if (in_frames == 0) return out;
  const auto sample = [&](std::size_t index, std::size_t channel) {
    const std::size_t at = std::min(index, in_frames - 1) * frame.channels;
    if (frame.channels == channels) return static_cast<double>(frame.samples[at + channel]);
    double sum = 0;
    for (std::size_t c = 0; c < frame.channels; ++c) sum += frame.samples[at + c];
    return sum / frame.channels;
  };
  const double ratio = static_cast<double>(frame.sample_rate) / rate;
  const std::size_t out_frames = in_frames * rate / frame.sample_rate;
  // Going down, each sample is the mean of those it stands for, which keeps most aliases away.
  const auto span = static_cast<std::size_t>(std::max(1.0, ratio));
  out.samples.reserve(out_frames * channels);
  for (std::size_t i = 0; i < out_frames; ++i) {
    const double at = static_cast<double>(i) * ratio;
    const auto low = static_cast<std::size_t>(at);
    for (std::size_t c = 0; c < channels; ++c) {
      double value = 0;
      if (span > 1) {
        for (std::size_t s = 0; s < span; ++s) value += sample(low + s, c);
        value /= static_cast<double>(span);
      } else {
        const double part = at - static_cast<double>(low);
        value = sample(low, c) * (1 - part) + sample(low + 1, c) * part;
      }
      out.samples.push_back(static_cast<std::int16_t>(std::lround(value)));
    }
  }
  return out;
}

}  // namespace lucid::media
