#pragma once
#include <optional>

#include "media/lip_sync.hpp"
#include "media/receive_pipeline.hpp"

namespace lucid::media {

// Plays one stream of a peer's: its pictures and its sound, in step. Feed it the frames that the
// connection hands out; each kind gets its thread with its first frame.
//
//   media::Player player{[&](const core::VideoFrame& picture) { window.show(picture); },
//                        [&](const core::AudioFrame& sound) { window.play(sound); },
//                        [&] { loop.post([&] { receiver.request_key_frame(loop.now()); }); }};
//   [&](events::Frame it) { player.push(std::move(it.frame), loop.now()); }
class Player {
 public:
  using Show = VideoReceivePipeline::Show;
  using Play = AudioReceivePipeline::Play;
  using WantKeyFrame = VideoReceivePipeline::WantKeyFrame;

  // Called on the player's threads: the first and the last on that of the picture, `play` on that
  // of the sound. Destroying the player waits for a call that is under way, and no more come.
  Player(Show show, Play play, WantKeyFrame want_key_frame);

  // All below belongs to one thread, that of the loop.
  void push(core::EncodedFrame frame, core::Time now);
  // How much sound waits in the sound card, when that is known. From any thread.
  void sound_output_delay(core::Duration delay) { sync_.sound_output_delay(delay); }

  struct Stats {
    VideoReceivePipeline::Stats video;
    rtp::audio::Playout::Stats audio;
    core::Duration skew{};  // how much later than its sound the last picture was shown
  };
  Stats stats() const;

 private:
  Show show_;
  Play play_;
  WantKeyFrame want_key_frame_;
  LipSync sync_;
  std::optional<VideoReceivePipeline> video_;
  std::optional<AudioReceivePipeline> audio_;
};

}  // namespace lucid::media
