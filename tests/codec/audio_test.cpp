#include "codec/audio.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <numbers>

#include "core/random.hpp"

namespace lucid::codec {
namespace {

using namespace std::chrono_literals;
using core::Codec;

core::AudioFrame tone(std::uint32_t rate, std::uint8_t channels, int number, double hertz = 440) {
  core::AudioFrame frame;
  frame.sample_rate = rate;
  frame.channels = channels;
  const std::size_t count = rate / 50;
  for (std::size_t i = 0; i < count; ++i) {
    const double t = static_cast<double>(static_cast<std::size_t>(number) * count + i) / rate;
    const auto sample =
        static_cast<std::int16_t>(12'000 * std::sin(2 * std::numbers::pi * hertz * t));
    for (int c = 0; c < channels; ++c) frame.samples.push_back(sample);
  }
  frame.rtp_timestamp = static_cast<std::uint32_t>(number) * 960;
  return frame;
}

double loudness(const core::AudioFrame& frame) {
  double squares = 0;
  for (const std::int16_t sample : frame.samples) squares += double{sample * 1.0} * sample;
  return std::sqrt(squares / static_cast<double>(std::max<std::size_t>(1, frame.samples.size())));
}

struct Kind {
  Codec codec;
  std::uint32_t rate;
  std::uint8_t channels;
};

class EveryAudioCodec : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    const auto able = encodable_audio();
    if (std::ranges::find(able, GetParam().codec) == able.end())
      GTEST_SKIP() << "no encoder in this build";
  }
};

TEST_P(EveryAudioCodec, PlaysAsLoudAndAsLongAsItEncoded) {
  const auto [codec, rate, channels] = GetParam();
  const auto out =
      make_encoder(AudioEncoderConfig{.codec = codec, .sample_rate = rate, .channels = channels})
          .value();
  const auto in = make_audio_decoder(codec, channels).value();
  EXPECT_EQ(in->sample_rate(), rate);
  for (int i = 0; i < 20; ++i) {
    const core::AudioFrame sent = tone(rate, channels, i);
    const auto packet = out->encode(sent).value();
    EXPECT_EQ(packet.duration, 20ms);
    const auto played = in->decode(packet).value();
    EXPECT_EQ(played.samples.size(), sent.samples.size());
    if (i > 2) {
      EXPECT_NEAR(loudness(played), loudness(sent), 0.15 * loudness(sent)) << i;
    }
  }
}

TEST_P(EveryAudioCodec, ConcealsALossWithSomethingOfTheRightLength) {
  const auto [codec, rate, channels] = GetParam();
  const auto out =
      make_encoder(AudioEncoderConfig{.codec = codec, .sample_rate = rate, .channels = channels})
          .value();
  const auto in = make_audio_decoder(codec, channels).value();
  for (int i = 0; i < 10; ++i) (void)in->decode(out->encode(tone(rate, channels, i)).value());
  const auto concealed = in->conceal(20ms);
  EXPECT_EQ(concealed.samples.size(), rate / 50 * channels);
  EXPECT_GT(loudness(concealed), 500);
}

TEST_P(EveryAudioCodec, SurvivesDamage) {
  const auto [codec, rate, channels] = GetParam();
  const auto in = make_audio_decoder(codec, channels).value();
  core::SeededRandom random{1};
  for (int i = 0; i < 200; ++i) {
    core::EncodedFrame frame;
    frame.codec = codec;
    frame.data.resize(random.below(200));
    random.fill(frame.data);
    (void)in->decode(frame);
    (void)in->decode_redundancy(frame, 20ms);
  }
}

TEST_P(EveryAudioCodec, RefusesFramesOfAnotherRate) {
  const auto [codec, rate, channels] = GetParam();
  const auto out =
      make_encoder(AudioEncoderConfig{.codec = codec, .sample_rate = rate, .channels = channels})
          .value();
  EXPECT_EQ(out->encode(tone(44'100, channels, 0)).error(), CodecError::bad_frame);
}

INSTANTIATE_TEST_SUITE_P(Codecs, EveryAudioCodec,
                         testing::Values(Kind{Codec::opus, 48000, 1}, Kind{Codec::opus, 48000, 2},
                                         Kind{Codec::g722, 16000, 1}, Kind{Codec::pcmu, 8000, 1},
                                         Kind{Codec::pcma, 8000, 1}),
                         [](const auto& codec) {
                           return std::string{to_string(codec.param.codec)} +
                                  std::to_string(codec.param.channels);
                         });

TEST(Opus, CarriesTheLastFrameAgainWhenLossIsExpected) {
  const auto out = make_encoder(AudioEncoderConfig{.bitrate = 24'000, .expected_loss = 20}).value();
  const auto in = make_audio_decoder(Codec::opus).value();
  int redundant = 0;
  for (int i = 0; i < 50; ++i) {
    const auto packet = out->encode(tone(48'000, 1, i, 200)).value();
    if (const auto before = in->decode_redundancy(packet, 20ms)) {
      ++redundant;
      EXPECT_EQ(before->samples.size(), 960U);
    }
    (void)in->decode(packet);
  }
  EXPECT_GT(redundant, 20);
  const auto bare = make_encoder(AudioEncoderConfig{.fec = false}).value();
  EXPECT_FALSE(in->decode_redundancy(bare->encode(tone(48'000, 1, 0)).value(), 20ms));
}

// A tone that goes on and on is noise to Opus, which repeats only what may be speech.
TEST(Opus, SpendsNothingOnRedundancyUntilLossIsExpected) {
  const auto in = make_audio_decoder(Codec::opus).value();
  for (const std::uint8_t loss : {std::uint8_t{0}, std::uint8_t{20}}) {
    const auto out = make_encoder(AudioEncoderConfig{.bitrate = 24'000}).value();
    out->set_expected_loss(loss);
    int redundant = 0;
    for (int i = 0; i < 50; ++i) {
      const auto packet = out->encode(tone(48'000, 1, i, 200)).value();
      if (in->decode_redundancy(packet, 20ms)) ++redundant;
      (void)in->decode(packet);
    }
    if (loss == 0) {
      EXPECT_EQ(redundant, 0);
    } else {
      EXPECT_GT(redundant, 20);
    }
  }
}

TEST(Opus, FollowsTheBitRateWhileRunning) {
  const auto out = make_encoder(AudioEncoderConfig{.bitrate = 64'000}).value();
  const auto bytes = [&] {
    std::size_t sum = 0;
    for (int i = 0; i < 50; ++i) sum += out->encode(tone(48'000, 1, i)).value().data.size();
    return static_cast<double>(sum);
  };
  (void)bytes();
  EXPECT_NEAR(bytes(), 64'000 / 8, 2'500);
  out->set_bitrate(12'000);
  (void)bytes();
  EXPECT_NEAR(bytes(), 12'000 / 8, 500);
}

TEST(Opus, SendsNothingDuringSilenceWithDtx) {
  const auto out = make_encoder(AudioEncoderConfig{.dtx = true}).value();
  core::AudioFrame silence;
  silence.samples.resize(960);
  int sent = 0;
  for (int i = 0; i < 100; ++i) sent += out->encode(silence).value().data.empty() ? 0 : 1;
  EXPECT_LT(sent, 40);
}

// ITU-T G.711: known values of both laws.
TEST(G711, MatchesTheTables) {
  EXPECT_EQ(ulaw_from_linear(0), 0xFF);
  EXPECT_EQ(ulaw_from_linear(32767), 0x80);
  EXPECT_EQ(ulaw_from_linear(-32768), 0x00);
  EXPECT_EQ(linear_from_ulaw(0x00), -32124);
  EXPECT_EQ(linear_from_ulaw(0x80), 32124);
  EXPECT_EQ(alaw_from_linear(0), 0xD5);
  EXPECT_EQ(alaw_from_linear(32767), 0xAA);
  EXPECT_EQ(alaw_from_linear(-32768), 0x2A);
  EXPECT_EQ(linear_from_alaw(0xD5), 8);
  EXPECT_EQ(linear_from_alaw(0x2A), -32256);
}

TEST(G711, EveryCodeComesBackAsItself) {
  for (int code = 0; code < 256; ++code) {
    const auto c = static_cast<std::uint8_t>(code);
    if (c != 0x7F) {  // minus zero
      EXPECT_EQ(ulaw_from_linear(linear_from_ulaw(c)), c);
    }
    EXPECT_EQ(alaw_from_linear(linear_from_alaw(c)), c);
  }
}

}  // namespace
}  // namespace lucid::codec
