#include "app/codecs.hpp"
#include "app/loop.hpp"
#include "capture/test_picture.hpp"
#include "codec/audio.hpp"
#include "codec/video.hpp"
#include "media/video_chain.hpp"
#include "peer/peer_connection.hpp"
#include "sim/actor.hpp"
#include "sim/world.hpp"

namespace lucid::app {

namespace {

namespace events = peer::events;
using namespace std::chrono_literals;
using Actor = sim::Actor<peer::PeerConnection>;

constexpr core::Duration connects_within = 30s;
constexpr core::Duration sound_step = 20ms;
constexpr std::uint16_t width = 640, height = 480;
constexpr double framerate = 30;
constexpr double most_video = 1'200'000;  // bits a second
constexpr double share_of_rate = 0.7;     // of a narrow link; the rest is sound, repair, headers
// W3C webrtc-stats, freezeCount.
constexpr core::Duration freeze_extra = 150ms;

// Counts the pictures that the peer sends, and keeps the last.
class Eye {
 public:
  void see(const core::EncodedFrame& frame, core::Time now) {
    if (!decoder_) {
      auto made = codec::make_decoder(frame.codec);
      if (made) decoder_ = std::move(*made);
    }
    const auto pictures = decoder_ ? decoder_->decode(frame) : std::vector<core::VideoFrame>{};
    if (!pictures) {
      broken = true;
      return;
    }
    for (const core::VideoFrame& one : *pictures) {
      picture = one;
      if (!first) first = now;
      if (last_) count(now - *last_);
      last_ = now;
      ++stats.decoded;
    }
  }

  media::VideoReceivePipeline::Stats stats;
  std::optional<core::VideoFrame> picture;
  std::optional<core::Time> first;
  bool broken = false;  // a key frame is wanted

 private:
  void count(core::Duration gap) {
    if (mean_ > core::Duration{} && gap > std::max(mean_ * 3, mean_ + freeze_extra)) {
      ++stats.freezes;
    }
    mean_ = mean_ == core::Duration{} ? gap : mean_ + (gap - mean_) / 30;
  }

  std::unique_ptr<codec::VideoDecoder> decoder_;
  std::optional<core::Time> last_;
  core::Duration mean_{};
};

// One of the two, on a host of the simulated world.
class Side {
 public:
  Side(sim::World& world, Actor& actor, const LoopOptions& options, const LoopWatch& watch,
       const char* name)
      : world_{world}, actor_{actor}, watch_{watch}, name_{name} {
    const double rate = options.link ? static_cast<double>(options.link->rate) : 0;
    video_rate_ = static_cast<std::uint32_t>(rate > 0 ? std::min(most_video, rate * share_of_rate)
                                                      : most_video);
    path_rate_ = video_rate_;
    phases_.began = world.now();
    for (const auto kind : {core::MediaKind::audio, core::MediaKind::video}) {
      (void)actor_->add_track({kind, name_of(kind)}, {"loop"});
    }
  }

  void listen_to(Side& other) {
    actor_.on_event = [this, &other](peer::Event& event) {
      std::visit([&](auto& it) { handle(it, other); }, event);
    };
  }
  bool connected() const { return phases_.connected.has_value(); }
  void agreed() {
    if (!phases_.agreed) phases_.agreed = world_.now();
  }

  void send_picture(std::int64_t number) {
    peer::Sender sender = sender_of(core::MediaKind::video);
    const auto codec = codec_of(sender.get_parameters().codecs);
    if (!codec) return;
    if (!chain_) {
      chain_ = std::make_unique<media::VideoChain>(
          codec::VideoEncoderConfig{.codec = *codec},
          media::Allocation{{.bitrate = path_rate_, .framerate = framerate}});
    }
    for (core::EncodedFrame& frame : chain_->encode(pictures_.frame(number))) send(sender, frame);
  }
  void send_sound(std::int64_t number) {
    peer::Sender sender = sender_of(core::MediaKind::audio);
    const auto codec = codec_of(sender.get_parameters().codecs);
    if (!codec || *codec != core::Codec::opus) return;
    if (!encoder_) {
      auto made = codec::make_encoder(codec::AudioEncoderConfig{.expected_loss = expected_loss_});
      if (!made) return;
      encoder_ = std::move(*made);
    }
    if (auto frame = encoder_->encode(capture::test_tone(number)); frame && !frame->data.empty()) {
      send(sender, *frame);
    }
  }

  LoopSide result() const {
    const auto report = actor_.machine.get_stats(world_.now());
    Phases phases = phases_;
    phases.media = eye_.first;
    return {totals_of(report, eye_.stats), phases, pair_in_use(report)};
  }
  const std::optional<core::VideoFrame>& picture() const { return eye_.picture; }
  Actor& actor() { return actor_; }

 private:
  void tell(std::string_view machine, std::string_view state) {
    watch_(world_.now() - sim::virtual_start, name_, machine, state);
  }
  void handle(events::IceCandidate& it, Side& other) {
    (void)other.actor_->add_ice_candidate(it.candidate, world_.now());
  }
  void handle(events::SignalingStateChange& it, Side&) { tell("signaling", to_string(it.state)); }
  void handle(events::IceGatheringStateChange& it, Side&) {
    tell("gathering", to_string(it.state));
  }
  void handle(events::IceConnectionStateChange& it, Side&) {
    tell("ice", to_string(it.state));
    if (it.state == peer::IceConnectionState::connected && !phases_.ice) phases_.ice = world_.now();
  }
  void handle(events::ConnectionStateChange& it, Side&) {
    tell("connection", to_string(it.state));
    if (it.state == peer::ConnectionState::connected && !phases_.connected) {
      phases_.connected = world_.now();
    }
  }
  void handle(events::EncodingTargets& it, Side&) {
    if (it.encodings.empty()) return;
    if (it.transceiver.kind() == core::MediaKind::audio) {
      expected_loss_ = it.encodings[0].expected_loss;
      if (encoder_) encoder_->set_expected_loss(expected_loss_);
      return;
    }
    path_rate_ =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(it.encodings[0].bitrate, video_rate_));
    if (chain_) chain_->allocate({{.bitrate = path_rate_, .framerate = framerate}});
  }
  void handle(events::KeyFrameRequested&, Side&) {
    if (chain_) chain_->request_key_frame();
  }
  void handle(events::Frame& it, Side&) {
    if (core::kind_of(it.frame.codec) != core::MediaKind::video) return;
    eye_.see(it.frame, world_.now());
    if (std::exchange(eye_.broken, false)) {
      it.transceiver.receiver().request_key_frame(world_.now());
    }
  }
  template <class Other>
  void handle(Other&, Side&) {}

  peer::Sender sender_of(core::MediaKind kind) {
    for (const peer::Sender& sender : actor_.machine.get_senders()) {
      if (sender.track() && sender.track()->kind == kind) return sender;
    }
    return {};
  }
  void send(peer::Sender sender, core::EncodedFrame& frame) {
    frame.capture_time = world_.now();
    // Within a call to the actor, which then knows that there is something to send.
    const auto call = actor_.operator->();
    sender.send(frame, world_.now());
  }

  sim::World& world_;
  Actor& actor_;
  const LoopWatch& watch_;
  const char* name_;
  std::uint32_t video_rate_;  // at most
  std::uint32_t path_rate_;
  std::uint8_t expected_loss_ = 0;
  Phases phases_;
  Eye eye_;
  capture::TestPicture pictures_{width, height, framerate};
  std::unique_ptr<media::VideoChain> chain_;
  std::unique_ptr<codec::AudioEncoder> encoder_;
};

Actor& connection_on(sim::World& world, const char* name, const char* ip, sim::Access access,
                     const std::string& codec) {
  sim::Host& host = world.add_host(name);
  host.connect(world.internet(), ip, access);
  return host.run([&](core::Context context) {
    auto made = peer::PeerConnection::create(
        {.wall_clock = sim::virtual_wall_clock, .codecs = offered_codecs(codec)}, context,
        sim::virtual_start);
    core::check(made.has_value());  // an empty configuration is always good
    return std::move(*made);
  });
}

// Offer and answer; the description takes as long as a packet would.
peer::Result<void> negotiate(sim::World& world, Side& left, Side& right, core::Duration delay) {
  if (auto set = left.actor()->set_local_description(world.now()); !set) return set;
  const auto offer = *left.actor().machine.local_description();
  world.run_for(delay);
  if (auto set = right.actor()->set_remote_description(offer, world.now()); !set) return set;
  if (auto set = right.actor()->set_local_description(world.now()); !set) return set;
  right.agreed();
  const auto answer = *right.actor().machine.local_description();
  world.run_for(delay);
  auto set = left.actor()->set_remote_description(answer, world.now());
  left.agreed();
  return set;
}

}  // namespace

LoopOutcome loop_in_simulation(const LoopOptions& options, const LoopWatch& watch) {
  sim::World world{options.seed, options.sink};
  const sim::Link link = options.link.value_or(sim::Link{});
  Actor& left_actor =
      connection_on(world, "left", "192.0.2.1", sim::Access::both(link), options.codec);
  Actor& right_actor = connection_on(world, "right", "198.51.100.1", {}, options.codec);
  Side left{world, left_actor, options, watch, "left"};
  Side right{world, right_actor, options, watch, "right"};
  left.listen_to(right);
  right.listen_to(left);
  if (auto agreed = negotiate(world, left, right, link.delay); !agreed) {
    return std::unexpected(agreed.error().text());
  }
  if (!world.run_until([&] { return left.connected() && right.connected(); }, connects_within)) {
    return std::unexpected("the two have not found each other within 30 s of virtual time");
  }
  const core::Time start = world.now();
  const auto length = core::Duration{static_cast<std::int64_t>(options.seconds * 1e6)};
  const capture::TestPicture pictures{width, height, framerate};
  // Pictures and sound in the order of their times.
  for (std::int64_t picture = 0, sound = 0; world.now() - start < length;) {
    const core::Duration picture_at = pictures.time_of(picture);
    const core::Duration sound_at = sound_step * sound;
    const core::Time next = start + std::min(picture_at, sound_at);
    if (next > world.now()) world.run_for(next - world.now());
    for (Side* side : {&left, &right}) {
      if (picture_at <= sound_at) side->send_picture(picture);
      if (sound_at <= picture_at) side->send_sound(sound);
      side->actor().events.clear();
    }
    if (picture_at <= sound_at) ++picture;
    if (sound_at <= picture_at) ++sound;
  }
  world.run_for(link.delay + link.jitter + 300ms);  // what is still on its way
  return LoopResult{left.result(), right.result(), world.now() - sim::virtual_start,
                    right.picture()};
}

}  // namespace lucid::app
