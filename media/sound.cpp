#include <algorithm>
#include <cmath>

#include "media/send_pipeline.hpp"

namespace lucid::media {

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
