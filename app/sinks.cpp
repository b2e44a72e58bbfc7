#include "app/sinks.hpp"

#include "media/pace.hpp"

namespace lucid::app {

namespace {

// Enough for the first picture to be decoded, where its frame does not tell its size.
constexpr std::uint16_t usual_width = 640, usual_height = 480;

}  // namespace

Sinks::Sinks(net::Loop& loop, Config config, Handlers handlers)
    : loop_{loop},
      config_{std::move(config)},
      handlers_{std::move(handlers)},
      player_{[this](const core::VideoFrame& picture) { shown(picture); },
              [this, window = config_.window](const core::AudioFrame& sound) {
                if (window == nullptr) return;
                window->play(sound);
                player_.sound_output_delay(window->queued_sound());
              },
              [this] {
                loop_.post([this, alive = alive_] {
                  if (*alive) handlers_.want_key_frame();
                });
              }} {}

Sinks::~Sinks() {
  *alive_ = false;
  if (recorder_) recorder_->close();
}

void Sinks::expect(core::Codec codec) {
  (core::kind_of(codec) == core::MediaKind::video ? tracks_.video : tracks_.audio) = codec;
}

void Sinks::push(core::EncodedFrame frame) {
  if (frame.codec == core::Codec::telephone_event) return;
  expect(frame.codec);
  const bool video = core::kind_of(frame.codec) == core::MediaKind::video;
  if (!config_.record.empty() && (video || !records_video_alone())) record(frame);
  player_.push(std::move(frame), loop_.now());
}

void Sinks::shown(const core::VideoFrame& picture) {
  const std::lock_guard lock{mutex_};
  if (!first_) first_ = media::real_now();
  if (!config_.keeps_picture) return;
  picture_ = picture;
  fresh_ = true;
}

std::optional<core::Time> Sinks::first_picture() const {
  const std::lock_guard lock{mutex_};
  return first_;
}

std::optional<core::VideoFrame> Sinks::picture(bool again) {
  const std::lock_guard lock{mutex_};
  if (!std::exchange(fresh_, false) && !again) return std::nullopt;
  if (picture_.planes.empty()) return std::nullopt;
  return picture_;
}

// IVF has no place for sound.
bool Sinks::records_video_alone() const { return config_.record.ends_with(".ivf"); }

void Sinks::record(const core::EncodedFrame& frame) {
  if (recorder_) return write(frame);
  // A picture that can be decoded by itself comes first, where there are pictures.
  const bool video = core::kind_of(frame.codec) == core::MediaKind::video;
  if (tracks_.video && !(video && frame.key)) return;
  tracks_.width = frame.width != 0 ? frame.width : usual_width;
  tracks_.height = frame.height != 0 ? frame.height : usual_height;
  if (records_video_alone()) tracks_.audio.reset();
  auto opened = capture::Recorder::open(config_.record, tracks_);
  if (!opened) {
    config_.record.clear();
    return handlers_.problem("there will be no recording: " + opened.error().message);
  }
  recorder_ = std::move(*opened);
  recording_since_ = loop_.now();
  write(frame);
}

void Sinks::write(const core::EncodedFrame& frame) {
  const core::MediaKind kind = core::kind_of(frame.codec);
  media::RecordingClock& clock = clocks_.try_emplace(kind, recording_since_).first->second;
  if (recorder_->write(frame, clock.at(frame, loop_.now()))) return;
  recorder_.reset();
  handlers_.problem("the recording has ended: " + config_.record + " cannot be written any more");
  config_.record.clear();
}

}  // namespace lucid::app
