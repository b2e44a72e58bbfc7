#include "rtp/audio/playout.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <complex>
#include <functional>
#include <numbers>

#include "core/random.hpp"
#include "rtp/audio/stretch.hpp"
#include "sim/seed.hpp"

namespace lucid::rtp::audio {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t rate = 8000;
constexpr double tone = 440;
constexpr core::Time start{10'000'000us};

// The test's codec: 20 ms in 160 bytes, the upper half of each sample. Its length is that of PCMU.
core::EncodedFrame encode(int number) {
  // 440 Hz has 44 whole periods in five frames.
  static const auto periods = [] {
    std::array<std::uint8_t, 800> made{};
    for (std::size_t i = 0; i < made.size(); ++i) {
      const double t = static_cast<double>(i) / rate;
      made[i] = static_cast<std::uint8_t>(
          static_cast<int>(100 * std::sin(2 * std::numbers::pi * tone * t)));
    }
    return made;
  }();
  core::EncodedFrame frame;
  frame.codec = core::Codec::pcmu;
  frame.rtp_timestamp = static_cast<std::uint32_t>(number) * 160;
  const auto begin = periods.begin() + number % 5 * 160;
  frame.data.assign(begin, begin + 160);
  return frame;
}
core::AudioFrame decode(const core::EncodedFrame& frame) {
  core::AudioFrame out;
  out.sample_rate = rate;
  out.samples.resize(frame.data.size());
  std::ranges::transform(frame.data, out.samples.begin(), [](std::uint8_t byte) {
    return static_cast<std::int16_t>(static_cast<std::int8_t>(byte) * 256);
  });
  return out;
}
core::AudioFrame made_up(core::Duration length) {
  core::AudioFrame out;
  out.sample_rate = rate;
  out.samples.resize(static_cast<std::size_t>(length.count() * rate / 1'000'000));
  return out;
}

// How much of the sound is at this frequency, 0 to 1 (Goertzel over Hann windows).
double share_at(const std::vector<std::int16_t>& samples, double hertz) {
  std::complex<double> sum = 0;
  double energy = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double t = static_cast<double>(i) / rate;
    sum += static_cast<double>(samples[i]) * std::polar(1.0, -2 * std::numbers::pi * hertz * t);
    energy += static_cast<double>(samples[i]) * samples[i];
  }
  return std::norm(sum) * 2 / (energy * static_cast<double>(samples.size()));
}

struct Played {
  std::vector<std::int16_t> samples;
  std::vector<core::Duration> delays;  // one each 10 ms
  std::size_t longest_concealed = 0;   // in steps of 10 ms
};

// Plays `seconds` of sound: packet n arrives at arrival(n) after the start, or not at all.
Played play(Playout& playout, int seconds,
            const std::function<std::optional<core::Duration>(int)>& arrival) {
  std::multimap<core::Duration, int> arrivals;
  for (int n = 0; n < seconds * 50 + 100; ++n) {
    if (const auto at = arrival(n)) arrivals.emplace(*at, n);
  }
  Played out;
  std::size_t concealed = 0;
  auto next = arrivals.begin();
  for (core::Duration now{}; now < seconds * 1s; now += 10ms) {
    for (; next != arrivals.end() && next->first <= now; ++next) {
      playout.insert(encode(next->second), next->second, start + next->first);
    }
    const auto before = playout.stats().concealed_samples;
    while (const auto need = playout.next(start + now)) {
      if (const auto* packet = std::get_if<Playout::Decode>(&*need))
        playout.give(decode(packet->frame));
      else if (const auto* hole = std::get_if<Playout::Conceal>(&*need))
        playout.give(made_up(hole->length));
      else if (const auto* noise = std::get_if<Playout::ComfortNoise>(&*need))
        playout.give(made_up(noise->length));
      else
        playout.give_nothing();
    }
    concealed = playout.stats().concealed_samples > before ? concealed + 1 : 0;
    out.longest_concealed = std::max(out.longest_concealed, concealed);
    const auto sound = playout.take(start + now);
    EXPECT_EQ(sound.samples.size(), rate / 100);
    out.samples.insert(out.samples.end(), sound.samples.begin(), sound.samples.end());
    out.delays.push_back(playout.delay(start + now));
  }
  return out;
}

Playout::Config config() { return {.clock_rate = rate, .sample_rate = rate}; }

TEST(Playout, PlaysASteadyStreamWithoutTouchingIt) {
  Playout playout{config()};
  const auto played = play(playout, 10, [](int n) { return n * 20ms; });
  EXPECT_EQ(playout.stats().concealed_samples, 0U);
  EXPECT_EQ(playout.stats().inserted_samples + playout.stats().removed_samples, 0U);
  EXPECT_LE(played.delays.back(), 40ms);
  EXPECT_GT(share_at({played.samples.begin() + 8000, played.samples.begin() + 16'000}, tone), 0.99);
}

TEST(Playout, ConcealsJustTheHolesAtFivePercentLoss) {
  Playout playout{config()};
  core::SeededRandom random{std::to_underlying(sim::default_seed()) + 4};
  int lost = 0;
  const auto played = play(playout, 60, [&](int n) -> std::optional<core::Duration> {
    if (random.unit() < 0.05) {
      ++lost;
      return std::nullopt;
    }
    return n * 20ms;
  });
  EXPECT_NEAR(static_cast<double>(playout.stats().concealed_samples), lost * 160.0, lost * 16.0);
  EXPECT_LE(played.longest_concealed, 10U);
  EXPECT_LE(played.delays.back(), 50ms);
}

TEST(Playout, FollowsASenderWhoseClockRunsFastOrSlow) {
  for (const double drift : {1.001, 0.999}) {
    Playout playout{config()};
    const auto played = play(playout, 120, [&](int n) {
      return core::Duration{static_cast<std::int64_t>(n * 20'000 / drift)};
    });
    EXPECT_EQ(playout.stats().concealed_samples, 0U) << drift;
    EXPECT_NEAR(static_cast<double>(played.delays.back().count()), 30'000, 30'000) << drift;
    const std::uint64_t moved =
        drift > 1 ? playout.stats().removed_samples : playout.stats().inserted_samples;
    EXPECT_NEAR(static_cast<double>(moved), 120 * rate * 0.001, 240) << drift;
    EXPECT_GT(share_at({played.samples.end() - 4000, played.samples.end()}, tone), 0.9) << drift;
  }
}

// Clocks of real sound cards part by this much, for as long as a call lasts.
TEST(Playout, ALongCallBetweenClocksThatPartHasNoClicksAndNoMoreDelay) {
  const double steepest = 2 * std::numbers::pi * tone / rate * 100 * 256 + 512;  // of the sine
  for (const double drift : {100e-6, -100e-6}) {
    Playout playout{config()};
    const auto played = play(playout, 300, [&](int n) {
      return core::Duration{static_cast<std::int64_t>(n * 20'000 / (1 + drift))};
    });
    EXPECT_EQ(playout.stats().concealed_samples, 0U) << drift;
    EXPECT_GT(playout.stats().removed_samples + playout.stats().inserted_samples, 100U) << drift;
    const auto [least, most] = std::ranges::minmax(std::span{played.delays}.subspan(200));
    EXPECT_GE(least, 0ms) << drift;
    EXPECT_LE(most, 50ms) << drift;
    int steep = 0;
    const std::int16_t* samples = played.samples.data();
    for (std::size_t i = rate; i + 1 < played.samples.size(); ++i) {
      if (std::abs(samples[i + 1] - samples[i]) > steepest * 1.1) ++steep;
    }
    EXPECT_EQ(steep, 0) << drift;
    EXPECT_GT(share_at({played.samples.end() - 8000, played.samples.end()}, tone), 0.99) << drift;
  }
}

TEST(Playout, ComesBackFromASpikeWithinThreeSeconds) {
  Playout playout{config()};
  const auto played = play(playout, 20, [](int n) {
    const core::Duration sent = n * 20ms;
    return sent > 10s && sent < 10'200ms ? core::Duration{10'200ms} : sent;
  });
  EXPECT_LE(played.longest_concealed, 21U);
  core::Duration worst{};
  for (std::size_t i = 1320; i < played.delays.size(); ++i)
    worst = std::max(worst, played.delays[i]);
  EXPECT_LE(worst, 60ms);
  EXPECT_GT(playout.stats().removed_samples, 800U);
  EXPECT_GT(
      share_at({played.samples.begin() + 14 * 8000, played.samples.begin() + 15 * 8000}, tone),
      0.99);
}

TEST(Playout, WaitsLongerWherePacketsComeUnevenly) {
  Playout playout{config()};
  core::SeededRandom random{std::to_underlying(sim::default_seed()) + 1};
  const auto played = play(playout, 60, [&](int n) {
    return n * 20ms + core::Duration{static_cast<std::int64_t>(random.below(80'000))};
  });
  EXPECT_GT(playout.target(), 60ms);
  EXPECT_LE(playout.target(), 105ms);
  EXPECT_LT(playout.stats().concealed_samples, playout.stats().total_samples / 20);
}

TEST(Playout, TakesAGapWithoutMissingNumbersForSilence) {
  Playout playout{config()};
  for (int n = 0; n < 10; ++n) playout.insert(encode(n), n, start);
  for (int n = 30; n < 40; ++n) playout.insert(encode(n), n - 20, start);
  bool noise = false;
  core::Time now = start + 100ms;
  for (int i = 0; i < 55; ++i, now += 10ms) {
    while (const auto need = playout.next(now)) {
      noise = noise || std::holds_alternative<Playout::ComfortNoise>(*need);
      EXPECT_TRUE(!std::holds_alternative<Playout::Conceal>(*need)) << i;
      const auto* packet = std::get_if<Playout::Decode>(&*need);
      playout.give(packet != nullptr ? decode(packet->frame) : made_up(10ms));
    }
    (void)playout.take(now);
  }
  EXPECT_TRUE(noise);
  EXPECT_GT(playout.stats().silent_samples, 0U);
}

// Opus in silence: packets of a byte or two now and then, nothing in between.
TEST(Playout, FillsThePausesOfOpusWithNoiseAndGoesOnInTime) {
  Playout playout{{}};
  std::int64_t sequence = 0;
  int noise = 0;
  int holes = 0;
  int decoded = 0;
  for (int i = 0; i < 600; ++i) {  // six seconds: speech, four of silence, speech
    const core::Time now = start + i * 10ms;
    const bool silent = i >= 100 && i < 500;
    if (silent ? i % 40 == 20 : i % 2 == 0) {
      core::EncodedFrame frame{.codec = core::Codec::opus};
      frame.data.assign(silent ? 1 : 60, 0xF8);  // CELT, 20 ms
      frame.rtp_timestamp = static_cast<std::uint32_t>(i * 480);
      playout.insert(frame, sequence++, now);
    }
    while (const auto need = playout.next(now)) {
      noise += std::holds_alternative<Playout::ComfortNoise>(*need) ? 1 : 0;
      holes += std::holds_alternative<Playout::Conceal>(*need) ? 1 : 0;
      decoded += std::holds_alternative<Playout::Decode>(*need) ? 1 : 0;
      const bool packet = std::holds_alternative<Playout::Decode>(*need);
      core::AudioFrame sound;
      sound.samples.resize(packet ? 960 : 480);
      playout.give(sound);
    }
    (void)playout.take(now);
    if (i > 560) {
      EXPECT_LE(playout.delay(now), 60ms) << i;
    }
  }
  EXPECT_EQ(holes, 0);
  EXPECT_GT(noise, 300);
  EXPECT_GE(decoded, 50 + 10 + 48);
  EXPECT_EQ(playout.stats().packets_discarded, 0U);
}

TEST(Playout, TellsWhenWhatItPlaysWasCaptured) {
  Playout playout{config()};
  for (int n = 0; n < 60; ++n) {
    core::EncodedFrame frame = encode(n);
    frame.capture_time = start + n * 20ms;
    playout.insert(frame, n, start);
  }
  for (int step = 0; step < 30; ++step) {
    const core::Time now = start + 500ms + step * 10ms;
    while (const auto need = playout.next(now)) {
      playout.give(decode(std::get<Playout::Decode>(*need).frame));
    }
    const auto sound = playout.take(now);
    // What was cut out to catch up counts too.
    const auto played =
        static_cast<std::int64_t>(playout.stats().removed_samples) * 125 + (step + 1) * 10'000;
    EXPECT_NEAR(static_cast<double>((sound.capture_time - start).count() + 10'000),
                static_cast<double>(played), 500)
        << step;
  }
}

TEST(Playout, DropsWhatComesTooLateOrTwice) {
  Playout playout{config()};
  playout.insert(encode(5), 5, start);
  playout.insert(encode(5), 5, start);
  playout.insert(encode(4), 4, start);
  EXPECT_EQ(playout.stats().packets_discarded, 2U);
}

// A sender that counts wrongly: each packet is followed by one that begins within it.
TEST(Playout, NeverGoesBackToPacketsThatOverlapped) {
  Playout playout{config()};
  std::int64_t last = -1;
  for (int n = 0; n < 400; ++n) {
    const core::Time now = start + n * 20ms;
    playout.insert(encode(n), 2 * n, now);
    core::EncodedFrame within = encode(n);
    within.rtp_timestamp += 7;
    playout.insert(within, 2 * n + 1, now);
    for (const core::Duration step : {0ms, 10ms}) {
      while (const auto need = playout.next(now + step)) {
        const auto* packet = std::get_if<Playout::Decode>(&*need);
        if (packet != nullptr) {
          EXPECT_GT(packet->frame.rtp_timestamp, last);
          last = packet->frame.rtp_timestamp;
        }
        playout.give(packet != nullptr ? decode(packet->frame) : made_up(10ms));
      }
      (void)playout.take(now + step);
    }
  }
  EXPECT_GT(last, 390 * 160);
}

TEST(Playout, BeginsAnewWhenTimestampsJump) {
  Playout playout{config()};
  const auto played = play(playout, 4, [](int n) { return n * 20ms; });
  core::EncodedFrame far = encode(1);
  far.rtp_timestamp += 1'000'000;
  playout.insert(far, 5000, start + 4s);
  core::Time now = start + 4s;
  bool decoded = false;
  for (int i = 0; i < 30; ++i, now += 10ms) {
    while (const auto need = playout.next(now)) {
      const auto* packet = std::get_if<Playout::Decode>(&*need);
      decoded = decoded || (packet != nullptr && packet->frame.rtp_timestamp == far.rtp_timestamp);
      playout.give(packet != nullptr ? decode(packet->frame) : made_up(10ms));
    }
    (void)playout.take(now);
  }
  EXPECT_TRUE(decoded);
}

TEST(Stretch, ChangesTheLengthAndKeepsThePitch) {
  std::vector<std::int16_t> sound;
  for (int i = 0; i < 30; ++i) {
    const auto part = decode(encode(i));
    sound.insert(sound.end(), part.samples.begin(), part.samples.end());
  }
  std::vector<std::int16_t> shorter = sound;
  const auto removed = shorten(shorter, 1, rate);
  EXPECT_GT(removed.frames, 10U);
  EXPECT_EQ(shorter.size() + removed.frames, sound.size());
  EXPECT_GT(share_at(shorter, tone), 0.99);
  std::vector<std::int16_t> longer = sound;
  const auto inserted = lengthen(longer, 1, rate);
  EXPECT_EQ(longer.size(), sound.size() + inserted.frames);
  EXPECT_GT(share_at(longer, tone), 0.99);
}

TEST(Stretch, LeavesNoiseAloneAndCutsSilence) {
  core::SeededRandom random{1};
  std::vector<std::int16_t> noise(4000);
  for (auto& sample : noise)
    sample = static_cast<std::int16_t>(static_cast<int>(random.below(40'000)) - 20'000);
  EXPECT_EQ(shorten(noise, 1, rate).frames, 0U);
  std::vector<std::int16_t> silence(4000);
  EXPECT_GT(shorten(silence, 1, rate).frames, 0U);
  std::vector<std::int16_t> brief(10);
  EXPECT_EQ(shorten(brief, 1, rate).frames, 0U);
}

}  // namespace
}  // namespace lucid::rtp::audio
