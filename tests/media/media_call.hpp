#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "capture/test_picture.hpp"
#include "codec/audio.hpp"
#include "codec/video.hpp"
#include "media/lip_sync.hpp"
#include "media/sound_chain.hpp"
#include "media/video_chain.hpp"
#include "tests/peer/call.hpp"

// A whole call in virtual time: the test picture and its tone are encoded on the left, and played
// on the right as media::Player does it, with nothing of it on the real clock.
namespace lucid::media {

class MediaCall : public peer::Call {
 public:
  struct Shown {
    core::Time at;
    std::optional<std::uint16_t> number;  // as it can be read from the picture
    bool flashing;
    double psnr;  // against the one that was sent
  };
  struct Options {
    sim::Link link{.delay = std::chrono::milliseconds{20}};
    core::Duration picture_late{};  // between capture and sender
    core::Duration sound_late{};
    std::uint32_t bitrate = 1'000'000;
    std::vector<peer::RtpEncoding> encodings{};
    sim::Seed seed = sim::default_seed();
    // Small where it is a matter of time alone.
    std::uint16_t width = 320;
    std::uint16_t height = 240;
  };

  explicit MediaCall(Options with)
      : Call{with.link, peer::test_configuration(), peer::test_configuration(), with.seed},
        options{with},
        chain{{.codec = core::Codec::vp8}, {{.bitrate = with.bitrate}}},
        pictures{with.width, with.height, 30} {
    video = left->add_transceiver({core::MediaKind::video, "picture"},
                                  {.direction = peer::Direction::sendonly,
                                   .streams = {"stream"},
                                   .send_encodings = with.encodings})
                ->sender();
    audio = *left->add_track({core::MediaKind::audio, "sound"}, {"stream"});
    negotiate();
    const auto before = left.on_event;
    left.on_event = [this, before](peer::Event& event) {
      before(event);
      if (const auto* asked = std::get_if<peer::events::KeyFrameRequested>(&event)) {
        ++key_frame_requests;
        chain.request_key_frame(asked->rid);
      }
      const auto* targets = std::get_if<peer::events::EncodingTargets>(&event);
      if (targets != nullptr && targets->transceiver.sender() == audio) {
        expected_loss = targets->encodings.at(0).expected_loss;
        tone_->set_expected_loss(expected_loss);
      }
    };
    const auto also = right.on_event;
    right.on_event = [this, also](peer::Event& event) {
      also(event);
      if (auto* it = std::get_if<peer::events::Frame>(&event)) received(std::move(*it));
    };
    EXPECT_TRUE(run_until([&] { return connected(); }));
  }

  // Sends and plays for so long.
  void play(core::Duration length) {
    const core::Time end = now() + length;
    step_picture(end);
    step_sound(end);
    step_playout(end);
    world.run_for(length + std::chrono::milliseconds{500});
  }

  Options options;
  VideoChain chain;
  capture::TestPicture pictures;
  peer::Sender video, audio;
  LipSync sync;
  SoundChain sound{&sync};
  std::vector<Shown> shown;
  std::vector<core::Time> beeps;  // when each began to be heard, of those whose beginning came
  std::vector<core::EncodedFrame> frames;
  int key_frame_requests = 0;
  int broken = 0;
  std::uint8_t expected_loss = 0;  // as the sender was told
  std::function<void(const core::EncodedFrame&)> on_frame;

 private:
  void step_picture(core::Time end) {
    core::VideoFrame picture = pictures.frame(number_);
    picture.capture_time = now();
    picture.rtp_timestamp = static_cast<std::uint32_t>(number_ * 3000);
    ++number_;
    for (core::EncodedFrame& frame : chain.encode(picture)) {
      world.after(options.picture_late, [this, frame = std::move(frame)] {
        video.send(frame, now());
        left->next_timeout();
      });
    }
    const core::Duration wait = begun_ + pictures.time_of(number_) - now();
    if (now() + wait < end) world.after(wait, [this, end] { step_picture(end); });
  }
  void step_sound(core::Time end) {
    core::AudioFrame frame = capture::test_tone(sounds_++);
    frame.capture_time = now();
    auto encoded = tone_->encode(frame).value();
    world.after(options.sound_late, [this, encoded = std::move(encoded)] {
      audio.send(encoded, now());
      left->next_timeout();
    });
    const core::Duration wait = begun_ + std::chrono::milliseconds{20} * sounds_ - now();
    if (now() + wait < end) world.after(wait, [this, end] { step_sound(end); });
  }
  void step_playout(core::Time end) {
    const auto concealed = sound.stats().concealed_samples;
    if (const auto heard = sound.take(now())) {
      if (sound.stats().concealed_samples > concealed) concealed_at_ = now();
      const bool beeping = capture::is_beeping(*heard);
      const bool whole = now() - concealed_at_ > std::chrono::milliseconds{100};
      if (beeping && !beeping_ && whole) beeps.push_back(now());
      beeping_ = beeping;
    }
    if (now() < end) world.after(std::chrono::milliseconds{10}, [this, end] { step_playout(end); });
  }
  void received(peer::events::Frame it) {
    if (on_frame) on_frame(it.frame);
    if (core::kind_of(it.frame.codec) == core::MediaKind::audio) {
      return sound.push(std::move(it.frame), now());
    }
    if (!it.frame.rid.empty()) return frames.push_back(std::move(it.frame));
    const auto decoded = decoder_->decode(it.frame);
    if (!decoded) {
      ++broken;
      it.transceiver.receiver().request_key_frame(now());
      right->next_timeout();
      return;
    }
    const core::Time at = sync.show_at(it.frame.capture_time, now());
    for (const core::VideoFrame& picture : *decoded) {
      const auto number = capture::read_frame_number(picture);
      shown.push_back({at, number, capture::is_flashing(picture),
                       number ? codec::psnr(pictures.frame(*number), picture) : 0});
    }
  }

  std::unique_ptr<codec::AudioEncoder> tone_ =
      codec::make_encoder(codec::AudioEncoderConfig{}).value();
  std::unique_ptr<codec::VideoDecoder> decoder_ = codec::make_decoder(core::Codec::vp8).value();
  core::Time begun_ = sim::virtual_start;
  std::int64_t number_ = 0;
  std::int64_t sounds_ = 0;
  bool beeping_ = false;
  core::Time concealed_at_{};

 public:
  // The clock of picture and sound starts here.
  void begin() { begun_ = now(); }
};

}  // namespace lucid::media
