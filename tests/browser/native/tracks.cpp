#include "tests/browser/native/tracks.hpp"

#include <algorithm>
#include <cmath>

#include "capture/source.hpp"
#include "capture/test_picture.hpp"

namespace lucid::test {

namespace {

constexpr std::uint32_t video_bitrate = 1'200'000;
constexpr int dark = 24;   // mean luma of a black picture, and a little
constexpr int loud = 600;  // effective value: half of the test tone's
constexpr int silent = 20;

std::optional<core::Codec> codec_of(peer::Sender sender) {
  for (const auto& parameters : sender.get_parameters().codecs) {
    const std::string& type = parameters.codec.mime_type;
    const auto codec = core::codec_from_name(std::string_view{type}.substr(type.find('/') + 1));
    if (codec && *codec != core::Codec::telephone_event) return codec;
  }
  return std::nullopt;
}

std::uint32_t rate_of(core::Codec codec) {
  if (codec == core::Codec::opus) return 48'000;
  return codec == core::Codec::g722 ? 16'000 : 8'000;
}

}  // namespace

Tracks::Tracks(net::Loop& loop, peer::PeerConnection& pc, std::function<void()> pump)
    : loop_{loop}, pc_{pc}, pump_{std::move(pump)} {}

Tracks::~Tracks() { stop(); }

void Tracks::stop() {
  *alive_ = false;
  sending_.clear();
  receiving_.clear();
}

void Tracks::set_source(peer::TransceiverId id, std::string specification) {
  sources_[id] = specification;
  const auto found = sending_.find(id);
  if (found == sending_.end()) return;
  if (found->second.video) {
    if (auto source = capture::open_video(specification))
      found->second.video->replace(std::move(*source));
  } else if (auto source = capture::open_audio(specification)) {
    found->second.audio->replace(std::move(*source));
  }
}

void Tracks::follow() {
  if (pc_.connection_state() != peer::ConnectionState::connected) return;
  for (peer::Transceiver transceiver : pc_.get_transceivers()) {
    const auto direction = transceiver.current_direction();
    const bool sends = transceiver.sender().track() && (direction == peer::Direction::sendrecv ||
                                                        direction == peer::Direction::sendonly);
    const auto codec = codec_of(transceiver.sender());
    const auto found = sending_.find(transceiver.id());
    const bool runs = found != sending_.end();
    if (runs && (!sends || found->second.codec != codec)) sending_.erase(found);
    if (sends && codec && !sending_.contains(transceiver.id())) start(transceiver, *codec);
  }
}

media::Deliver Tracks::to(peer::Sender sender) {
  return [this, sender, alive = alive_, &loop = loop_](core::EncodedFrame frame) {
    loop.post([this, sender, alive, frame = std::move(frame)]() mutable {
      if (!*alive) return;
      if (const auto found = sending_.find(sender.id()); found != sending_.end()) {
        Sending& it = found->second;
        ++it.frames;
        if (it.waits) it.longest_wait = std::max(it.longest_wait, ++*it.waits);
        if (frame.key) it.waits.reset();
      }
      sender.send(frame, loop_.now());
      pump_();
    });
  };
}

void Tracks::start(peer::Transceiver transceiver, core::Codec codec) {
  const peer::TransceiverId id = transceiver.id();
  const bool video = transceiver.kind() == core::MediaKind::video;
  const auto found = sources_.find(id);
  const std::string specification =
      found != sources_.end() ? found->second : (video ? "test" : "tone");
  Sending sending{.codec = codec};
  if (video) {
    auto source = capture::open_video(specification);
    if (!source) return say({{"event", "error"}, {"message", source.error().message}});
    const double framerate = (*source)->framerate();
    media::Allocation allocation;
    for (const peer::RtpEncoding& it : transceiver.sender().get_parameters().encodings) {
      const double scale = it.scale_resolution_down_by.value_or(1);
      const auto share = static_cast<std::uint32_t>(video_bitrate / (scale * scale));
      allocation.push_back({.rid = it.rid,
                            .active = it.active,
                            .bitrate = it.max_bitrate.value_or(share),
                            .scale_down = scale,
                            .framerate = it.max_framerate.value_or(framerate)});
    }
    if (allocation.empty()) allocation.push_back({.bitrate = video_bitrate});
    sending.video = std::make_unique<media::VideoSendPipeline>(
        std::move(*source), codec::VideoEncoderConfig{.codec = codec}, std::move(allocation),
        to(transceiver.sender()));
  } else {
    auto source = capture::open_audio(specification);
    if (!source) return say({{"event", "error"}, {"message", source.error().message}});
    sending.audio = std::make_unique<media::AudioSendPipeline>(
        std::move(*source),
        codec::AudioEncoderConfig{.codec = codec, .sample_rate = rate_of(codec)},
        to(transceiver.sender()));
  }
  sending_.emplace(id, std::move(sending));
}

void Tracks::key_frame_requested(peer::TransceiverId id, const std::string& rid) {
  const auto found = sending_.find(id);
  if (found == sending_.end() || !found->second.video) return;
  found->second.video->request_key_frame(rid);
  ++found->second.requests;
  if (!found->second.waits) found->second.waits = 0;
}

void Tracks::request_key_frame(peer::Transceiver from, core::Time now) {
  from.receiver().request_key_frame(now);
  for (auto& [stream, it] : receiving_) {
    if (stream.first == from.id()) it.waits = 0;
  }
}

void Tracks::mute(peer::TransceiverId id, bool muted) {
  const auto found = sending_.find(id);
  if (found == sending_.end()) return;
  if (found->second.video) found->second.video->mute(muted);
  if (found->second.audio) found->second.audio->mute(muted);
}

Tracks::Receiving Tracks::receiving(peer::Transceiver from) {
  Receiving made;
  if (from.kind() == core::MediaKind::video) {
    made.video = std::make_unique<media::VideoReceivePipeline>(
        [seen = made.seen](const core::VideoFrame& picture) { look(*seen, picture); },
        [this, from, alive = alive_, &loop = loop_] {
          loop.post([this, from, alive] {
            if (!*alive) return;
            from.receiver().request_key_frame(loop_.now());
            pump_();
          });
        });
  } else {
    made.audio = std::make_unique<media::AudioReceivePipeline>(
        [seen = made.seen](const core::AudioFrame& sound) { listen(*seen, sound); });
  }
  return made;
}

void Tracks::received(peer::Transceiver from, core::EncodedFrame frame, core::Time now) {
  const Stream stream{from.id(), frame.rid};
  auto found = receiving_.find(stream);
  if (found == receiving_.end()) found = receiving_.emplace(stream, receiving(from)).first;
  Receiving& it = found->second;
  it.codec = frame.codec;
  ++it.frames;
  if (it.waits) it.longest_wait = std::max(it.longest_wait, ++*it.waits);
  if (frame.key) {
    ++it.keys;
    it.waits.reset();
  }
  if (it.video) {
    it.video->push(std::move(frame));
  } else {
    it.audio->push(std::move(frame), now);
  }
}

void Tracks::look(Seen& seen, const core::VideoFrame& picture) {
  const auto number = capture::read_frame_number(picture);
  const std::size_t luma = core::VideoFrame::luma_size(picture.width, picture.height);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < luma; i += 16) sum += picture.planes[i];
  const std::lock_guard lock{seen.mutex};
  ++seen.pictures;
  if (sum / std::max<std::size_t>(1, luma / 16) < dark) ++seen.dark;
  if (!number) return;
  ++seen.numbered;
  if (seen.last) {
    const auto step = static_cast<std::int16_t>(*number - *seen.last);
    if (step > 1) ++seen.gaps;
    if (step < 0) ++seen.backward;
  }
  seen.last = number;
}

void Tracks::listen(Seen& seen, const core::AudioFrame& sound) {
  double squares = 0;
  for (const std::int16_t sample : sound.samples) squares += static_cast<double>(sample) * sample;
  const auto count = static_cast<double>(std::max<std::size_t>(1, sound.samples.size()));
  const double level = std::sqrt(squares / count);
  const std::lock_guard lock{seen.mutex};
  ++seen.sounds;
  if (level > loud) ++seen.loud;
  if (level < silent) ++seen.silent;
}

json Tracks::sent_report() const {
  json all = json::array();
  for (const auto& [id, it] : sending_) {
    json line{{"track", static_cast<std::uint32_t>(id)},
              {"codec", to_string(it.codec)},
              {"frames", it.frames},
              {"keyFrameRequests", it.requests},
              {"longestWait", it.longest_wait}};
    if (it.video) {
      const auto stats = it.video->stats();
      line.update({{"pictures", stats.pictures},
                   {"encoded", stats.encoded},
                   {"droppedByEncoder", stats.dropped},
                   {"overloadScale", stats.overload_scale}});
    }
    all.push_back(std::move(line));
  }
  return all;
}

json Tracks::received_report() const {
  json all = json::array();
  for (const auto& [stream, it] : receiving_) {
    json line{{"track", static_cast<std::uint32_t>(stream.first)},
              {"rid", stream.second},
              {"codec", to_string(it.codec)},
              {"frames", it.frames}};
    const std::lock_guard lock{it.seen->mutex};
    const Seen& seen = *it.seen;
    if (it.video) {
      const auto stats = it.video->stats();
      line.update({{"kind", "video"},
                   {"keys", it.keys},
                   {"waits", it.waits.has_value()},
                   {"longestWait", it.longest_wait},
                   {"decoded", stats.decoded},
                   {"failures", stats.failures},
                   {"dropped", stats.dropped},
                   {"freezes", stats.freezes},
                   {"width", stats.width},
                   {"height", stats.height},
                   {"pictures", seen.pictures},
                   {"numbered", seen.numbered},
                   {"number", seen.last ? json(*seen.last) : json(nullptr)},
                   {"gaps", seen.gaps},
                   {"backward", seen.backward},
                   {"dark", seen.dark}});
    } else {
      const auto stats = it.audio->stats();
      line.update({{"kind", "audio"},
                   {"totalSamples", stats.total_samples},
                   {"concealed", stats.concealed_samples},
                   {"silentConcealed", stats.silent_samples},
                   {"concealmentEvents", stats.concealment_events},
                   {"sounds", seen.sounds},
                   {"loud", seen.loud},
                   {"silent", seen.silent}});
    }
    all.push_back(std::move(line));
  }
  return all;
}

}  // namespace lucid::test
