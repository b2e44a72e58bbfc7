#pragma once
#include <memory>
#include <optional>
#include <string>

#include "capture/source.hpp"
#include "examples/signaling_json.hpp"
#include "glass/options.hpp"
#include "media/allocation.hpp"
#include "media/outbox.hpp"
#include "media/send_pipeline.hpp"
#include "net/dispatch.hpp"
#include "net/driver.hpp"
#include "net/loop.hpp"

// One call with a picture and a sound to send, VP8 and Opus, signaled over standard input and
// output: what send_file and record have in common.
namespace examples {

namespace lu = lucid;

inline std::vector<lu::peer::RtpCodec> vp8_and_opus() {
  auto codecs = lu::peer::default_codecs();
  std::erase_if(codecs, [](const auto& it) {
    return it.mime_type != "video/VP8" && it.mime_type != "audio/opus" &&
           it.mime_type != "video/rtx";
  });
  return codecs;
}

class MediaCall {
 public:
  using Frame = std::move_only_function<void(lu::peer::Transceiver, lu::core::EncodedFrame)>;

  // `sent` and `received` see the frames as they pass, on the loop's thread.
  MediaCall(lu::net::Loop& loop, lu::core::trace::Sink* sink, Frame sent, Frame received)
      : loop_{loop},
        sent_{std::move(sent)},
        received_{std::move(received)},
        pc_{*lu::peer::PeerConnection::create(
            {.wall_clock = loop.wall_clock(), .codecs = vp8_and_opus()}, loop.context(sink),
            loop.now())},
        driver_{loop, pc_, [this](lu::peer::Event event, auto) { handle(std::move(event)); }} {}

  // Both sources are started together once connected.
  void send(std::unique_ptr<lu::capture::VideoSource> picture,
            std::unique_ptr<lu::capture::AudioSource> sound) {
    picture_ = std::move(picture);
    sound_ = std::move(sound);
    if (picture_) video_ = *pc_.add_track({lu::core::MediaKind::video, "picture"}, {"stream"});
    if (sound_) audio_ = *pc_.add_track({lu::core::MediaKind::audio, "sound"}, {"stream"});
  }
  // Signals until standard input ends.
  void run(bool offer) {
    if (offer) {
      report(pc_.set_local_description(loop_.now()));
      say_local(pc_);
    }
    driver_.pump();
    run_with_input(
        loop_,
        [&](const std::string& line) {
          take(pc_, line, loop_.now());
          driver_.pump();
        },
        [&] {
          video_out_.reset();
          audio_out_.reset();
          pc_.close(loop_.now());
          driver_.pump();
        });
  }
  lu::peer::PeerConnection& connection() { return pc_; }
  lu::net::Driver<lu::peer::PeerConnection>& driver() { return driver_; }

 private:
  void handle(lu::peer::Event event) {
    namespace events = lu::peer::events;
    if (auto* candidate = std::get_if<events::IceCandidate>(&event)) {
      say({{"candidate", to_json(candidate->candidate)}});
    } else if (auto* state = std::get_if<events::ConnectionStateChange>(&event)) {
      say({{"event", to_string(state->state)}});
      if (state->state == lu::peer::ConnectionState::connected) start();
    } else if (std::holds_alternative<events::KeyFrameRequested>(event)) {
      if (video_out_) video_out_->request_key_frame();
    } else if (const auto* targets = std::get_if<events::EncodingTargets>(&event)) {
      if (video_out_ && targets->transceiver.sender() == video_)
        video_out_->allocate(lu::media::allocate(targets->encodings, format_));
      if (audio_out_ && targets->transceiver.sender() == audio_ && !targets->encodings.empty())
        audio_out_->set_expected_loss(targets->encodings[0].expected_loss);
    } else if (auto* frame = std::get_if<events::Frame>(&event)) {
      received_(frame->transceiver, std::move(frame->frame));
    }
  }
  void start() {
    const lu::core::Time now = lu::media::real_now();
    if (picture_) {
      format_ = {picture_->width(), picture_->height(), picture_->framerate()};
      video_out_.emplace(
          std::move(picture_), lu::codec::VideoEncoderConfig{},
          lu::media::Allocation{{.bitrate = 1'500'000, .framerate = format_.framerate}},
          [this](lu::core::EncodedFrame frame) {
            if (!video_box_.push(std::move(frame))) video_out_->request_key_frame();
          },
          [] {}, now);
    }
    if (!sound_) return;
    const lu::codec::AudioEncoderConfig opus{.channels = sound_->channels()};
    audio_out_.emplace(
        std::move(sound_), opus,
        [this](lu::core::EncodedFrame frame) { audio_box_.push(std::move(frame)); }, [] {}, now);
  }
  std::move_only_function<void()> from(lu::media::Outbox& box, lu::peer::Sender& sender) {
    return [&] {
      loop_.post([&] {
        box.drain([&](lu::core::EncodedFrame frame) {
          sender.send(frame, loop_.now());
          sent_({}, std::move(frame));
        });
        driver_.pump();
      });
    };
  }

  lu::net::Loop& loop_;
  Frame sent_, received_;
  lu::peer::PeerConnection pc_;
  lu::net::Driver<lu::peer::PeerConnection> driver_;
  std::unique_ptr<lu::capture::VideoSource> picture_;
  std::unique_ptr<lu::capture::AudioSource> sound_;
  lu::media::SourceFormat format_;
  lu::peer::Sender video_, audio_;
  lu::media::Outbox video_box_{from(video_box_, video_)}, audio_box_{from(audio_box_, audio_)};
  std::optional<lu::media::VideoSendPipeline> video_out_;
  std::optional<lu::media::AudioSendPipeline> audio_out_;
};

}  // namespace examples
