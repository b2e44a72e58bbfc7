#include "rtp/audio/stretch.hpp"

#include <algorithm>
#include <cmath>

namespace lucid::rtp::audio {

namespace {

// Periods of voices: 65 Hz to 400 Hz.
constexpr std::uint32_t shortest_period_per_second = 400;
constexpr std::uint32_t longest_period_per_second = 65;
// Below this likeness two stretches do not belong together, and fading would be heard.
constexpr double alike = 0.5;
// So quiet (about -60 dB) that anything may be cut.
constexpr double silence = 33.0;

struct Match {
  std::size_t lag = 0;
  double likeness = -1;
};

std::vector<float> mixed_down(const std::vector<std::int16_t>& samples, std::uint8_t channels,
                              std::size_t frames) {
  std::vector<float> mono(frames);
  for (std::size_t i = 0; i < frames; ++i) {
    float sum = 0;
    for (std::size_t c = 0; c < channels; ++c) sum += static_cast<float>(samples[i * channels + c]);
    mono[i] = sum / static_cast<float>(channels);
  }
  return mono;
}

double likeness(const std::vector<float>& mono, std::size_t lag, std::size_t step) {
  double both = 0;
  double first = 0;
  double second = 0;
  for (std::size_t i = 0; i < lag; i += step) {
    const double a = mono[i];
    const double b = mono[i + lag];
    both += a * b;
    first += a * a;
    second += b * b;
  }
  if (first < silence * silence || second < silence * silence)
    return first + second < 2 * silence * silence * static_cast<double>(lag) ? 1 : 0;
  return both / std::sqrt(first * second);
}

// The lag at which the sound looks most like itself: coarsely first, then sample by sample around
// it.
Match best_match(const std::vector<float>& mono, std::uint32_t rate) {
  const std::size_t shortest = rate / shortest_period_per_second;
  const std::size_t longest =
      std::min<std::size_t>(rate / longest_period_per_second, mono.size() / 2);
  const std::size_t coarse = std::max<std::size_t>(1, rate / 8000);
  Match best;
  for (std::size_t lag = shortest; lag <= longest; lag += coarse) {
    const double found = likeness(mono, lag, coarse);
    if (found > best.likeness) best = {lag, found};
  }
  if (best.lag == 0) return best;
  const std::size_t from = std::max(shortest, best.lag - std::min(best.lag, coarse));
  const std::size_t to = std::min(longest, best.lag + coarse);
  best.likeness = -1;
  for (std::size_t lag = from; lag <= to; ++lag) {
    const double found = likeness(mono, lag, 1);
    if (found > best.likeness) best = {lag, found};
  }
  return best;
}

std::size_t lag_of(const std::vector<std::int16_t>& samples, std::uint8_t channels,
                   std::uint32_t rate) {
  if (channels == 0) return 0;
  // With less in hand only shorter periods can be found.
  const std::size_t frames = std::min(look_ahead(rate), samples.size() / channels);
  if (frames < std::size_t{4} * (rate / shortest_period_per_second)) return 0;
  const Match match = best_match(mixed_down(samples, channels, frames), rate);
  return match.likeness >= alike ? match.lag : 0;
}

// From the sound at `from` to the sound at `to`, over `frames`.
std::vector<std::int16_t> faded(const std::vector<std::int16_t>& samples, std::uint8_t channels,
                                std::size_t from, std::size_t to, std::size_t frames) {
  std::vector<std::int16_t> out(frames * channels);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t frame = i / channels;
    const double share = static_cast<double>(frame + 1) / static_cast<double>(frames + 1);
    const double value =
        samples[from * channels + i] * (1 - share) + samples[to * channels + i] * share;
    out[i] = static_cast<std::int16_t>(std::lround(value));
  }
  return out;
}

}  // namespace

std::size_t look_ahead(std::uint32_t sample_rate) {
  return std::size_t{2} * (sample_rate / longest_period_per_second + 1);
}

StretchResult shorten(std::vector<std::int16_t>& samples, std::uint8_t channels,
                      std::uint32_t sample_rate) {
  const std::size_t lag = lag_of(samples, channels, sample_rate);
  if (lag == 0) return {};
  // The first period fades into the second, which is gone then.
  const std::vector<std::int16_t> joint = faded(samples, channels, 0, lag, lag);
  const auto begin = samples.begin();
  std::ranges::copy(joint, begin);
  samples.erase(begin + static_cast<std::ptrdiff_t>(lag * channels),
                begin + static_cast<std::ptrdiff_t>(2 * lag * channels));
  return {lag};
}

StretchResult lengthen(std::vector<std::int16_t>& samples, std::uint8_t channels,
                       std::uint32_t sample_rate) {
  const std::size_t lag = lag_of(samples, channels, sample_rate);
  if (lag == 0) return {};
  // After the first period it begins again: what follows fades back into it.
  const std::vector<std::int16_t> joint = faded(samples, channels, lag, 0, lag);
  samples.insert(samples.begin() + static_cast<std::ptrdiff_t>(lag * channels), joint.begin(),
                 joint.end());
  return {lag};
}

}  // namespace lucid::rtp::audio
