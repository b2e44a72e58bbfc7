#pragma once
#include <cstdint>
#include <memory>
#include <optional>

#include "codec/audio.hpp"
#include "core/media.hpp"
#include "media/lip_sync.hpp"
#include "rtp/audio/playout.hpp"

namespace lucid::media {

constexpr core::Duration sound_step{10'000};  // what one turn takes out of the playout buffer

// Received packets of sound through the playout buffer and the decoder, ten milliseconds at a time.
// Has no thread and no clock, so a simulation can drive it.
class SoundChain {
 public:
  // `sync`, where given, is told what plays and says how long to hold it back.
  explicit SoundChain(LipSync* sync = nullptr) : sync_{sync} {}

  // `frame.id` counts packets, as ReceiveStream gives it.
  void push(core::EncodedFrame frame, core::Time now);
  // Nullopt before the first packet.
  std::optional<core::AudioFrame> take(core::Time now);

  rtp::audio::Playout::Stats stats() const {
    return playout_ ? playout_->stats() : rtp::audio::Playout::Stats{};
  }
  core::Duration target() const { return playout_ ? playout_->target() : core::Duration{}; }

 private:
  bool prepare(const core::EncodedFrame& frame);
  void decode_what_is_due(core::Time now);
  void keep_in_step(const core::AudioFrame& taken, core::Time now);

  LipSync* sync_;
  std::unique_ptr<codec::AudioDecoder> decoder_;
  std::unique_ptr<rtp::audio::Playout> playout_;
  core::Codec codec_ = core::Codec::opus;
};

}  // namespace lucid::media
