#include "media/sound_chain.hpp"

#include "core/handle.hpp"

namespace lucid::media {

namespace {

using namespace std::chrono_literals;

// RFC 6716 3.1: the bit of the TOC byte that says stereo.
std::uint8_t channels_of(const core::EncodedFrame& frame) {
  const bool stereo =
      frame.codec == core::Codec::opus && !frame.data.empty() && (frame.data[0] & 0x04) != 0;
  return stereo ? 2 : 1;
}

}  // namespace

// A stream that turns to stereo is played in stereo from there on.
bool SoundChain::prepare(const core::EncodedFrame& frame) {
  const std::uint8_t channels = channels_of(frame);
  if (decoder_ && codec_ == frame.codec && decoder_->channels() >= channels) return true;
  auto made = codec::make_audio_decoder(frame.codec, channels);
  if (!made) return false;
  decoder_ = std::move(*made);
  codec_ = frame.codec;
  // RFC 3551 4.5.2: G.722 samples at 16 kHz, and its timestamps still count 8,000 a second.
  const std::uint32_t clock = codec_ == core::Codec::opus ? 48'000 : 8'000;
  playout_ = std::make_unique<rtp::audio::Playout>(
      rtp::audio::Playout::Config{.clock_rate = clock,
                                  .sample_rate = decoder_->sample_rate(),
                                  .channels = decoder_->channels()});
  return true;
}

void SoundChain::push(core::EncodedFrame frame, core::Time now) {
  if (!prepare(frame)) return;
  const std::int64_t sequence = frame.id;
  playout_->insert(std::move(frame), sequence, now);
}

std::optional<core::AudioFrame> SoundChain::take(core::Time now) {
  if (!playout_) return std::nullopt;
  decode_what_is_due(now);
  core::AudioFrame sound = playout_->take(now);
  if (sync_ != nullptr) keep_in_step(sound, now);
  return sound;
}

void SoundChain::keep_in_step(const core::AudioFrame& taken, core::Time now) {
  // delay() is now that of the sound behind what was taken.
  const LipSync::Sound state{taken.capture_time, playout_->delay(now) + sound_step,
                             playout_->needed()};
  playout_->limit({.least = sync_->hold_sound(state, now)});
}

void SoundChain::decode_what_is_due(core::Time now) {
  using rtp::audio::Playout;
  using Decoded = std::expected<core::AudioFrame, codec::CodecError>;
  while (const auto need = playout_->next(now)) {
    const auto decoded = std::visit(
        core::Overloaded{
            [&](const Playout::Decode& packet) { return decoder_->decode(packet.frame); },
            [&](const Playout::DecodeRedundancy& packet) {
              return decoder_->decode_redundancy(packet.frame, packet.length);
            },
            [&](const auto& hole) { return Decoded{decoder_->conceal(hole.length)}; }},
        *need);
    if (decoded) {
      playout_->give(*decoded);
    } else {
      playout_->give_nothing();
    }
  }
}

}  // namespace lucid::media
