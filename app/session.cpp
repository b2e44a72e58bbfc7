#include "app/session.hpp"

#include <algorithm>
#include <cstdio>

#include "core/handle.hpp"

namespace lucid::app {

namespace {

namespace events = peer::events;

constexpr std::uint32_t video_bitrate = 1'200'000;

// The codec that a sender was negotiated for, the first that is not a repair format.
std::optional<core::Codec> codec_of(peer::Sender sender) {
  for (const auto& parameters : sender.get_parameters().codecs) {
    const std::string& type = parameters.codec.mime_type;
    const std::size_t slash = type.find('/');
    if (slash == std::string::npos) continue;
    const auto codec = core::codec_from_name(std::string_view{type}.substr(slash + 1));
    if (codec && *codec != core::Codec::telephone_event) return codec;
  }
  return std::nullopt;
}

// What this build's encoders can make; nobody is offered more than is true.
std::vector<peer::RtpCodec> offered_codecs() {
  std::vector<peer::RtpCodec> all = peer::default_codecs();
  std::vector<core::Codec> able = codec::encodable_video();
  std::ranges::copy(codec::encodable_audio(), std::back_inserter(able));
  std::erase_if(all, [&](const peer::RtpCodec& it) {
    const auto name = std::string_view{it.mime_type}.substr(it.mime_type.find('/') + 1);
    const auto codec = core::codec_from_name(name);
    return codec && *codec != core::Codec::telephone_event &&
           std::ranges::find(able, *codec) == able.end();
  });
  return all;
}

}  // namespace

Session::Session(net::Loop& loop, SessionConfig config, SessionHandlers handlers)
    : loop_{loop}, config_{std::move(config)}, handlers_{std::move(handlers)} {
  auto made =
      peer::PeerConnection::create({.wall_clock = loop.wall_clock(), .codecs = offered_codecs()},
                                   loop.context(config_.sink, config_.id), loop.now());
  core::check(made.has_value());  // an empty configuration is always good
  pc_ = std::make_unique<peer::PeerConnection>(std::move(*made));
  driver_ = std::make_unique<net::Driver<peer::PeerConnection>>(
      loop, *pc_, [this](peer::Event event, core::Time) { handle(std::move(event)); });
  driver_->pump();
}

Session::~Session() {
  *alive_ = false;
  close();
}

void Session::close() {
  video_.reset();
  audio_.reset();
  pc_->close(loop_.now());
  driver_->pump();
}

peer::Result<peer::SessionDescription> Session::answer(const peer::SessionDescription& offer) {
  const core::Time now = loop_.now();
  if (auto set = pc_->set_remote_description(offer, now); !set) return std::unexpected(set.error());
  // One track of ours for each section that has none yet.
  for (peer::Transceiver transceiver : pc_->get_transceivers()) {
    if (transceiver.stopped() || transceiver.sender().track()) continue;
    (void)pc_->add_track({transceiver.kind(),
                          std::string{"lucid-"} +
                              (transceiver.kind() == core::MediaKind::video ? "video" : "audio")},
                         {"lucid"});
  }
  if (auto set = pc_->set_local_description(now); !set) return std::unexpected(set.error());
  driver_->pump();
  return *pc_->local_description();
}

peer::Result<void> Session::add_candidate(const std::optional<peer::IceCandidate>& candidate) {
  auto added = pc_->add_ice_candidate(candidate, loop_.now());
  driver_->pump();
  return added;
}

bool Session::has_remote_ufrag(std::string_view ufrag) const {
  const auto description = pc_->remote_description();
  return description &&
         description->sdp.find("a=ice-ufrag:" + std::string{ufrag} + "\r\n") != std::string::npos;
}

void Session::handle(peer::Event event) {
  std::visit(core::Overloaded{[&](events::IceCandidate& it) {
                                if (it.candidate && !it.candidate->candidate.empty())
                                  handlers_.candidate(*it.candidate);
                              },
                              [&](events::ConnectionStateChange& it) {
                                if (it.state == peer::ConnectionState::connected) connected();
                                handlers_.state(it.state);
                              },
                              [&](events::KeyFrameRequested&) {
                                if (video_) video_->request_key_frame();
                              },
                              [&](events::ChannelMessage& it) {
                                const core::Time now = loop_.now();
                                if (it.message.binary) {
                                  (void)it.channel.send(it.message.data.bytes(), now);
                                } else {
                                  (void)it.channel.send(it.message.text(), now);
                                }
                              },
                              [&](events::Frame& it) {
                                if (core::kind_of(it.frame.codec) == core::MediaKind::video)
                                  ++frames_received_;
                              },
                              [](auto&) {}},
             event);
}

void Session::connected() {
  for (peer::Transceiver transceiver : pc_->get_transceivers()) {
    const auto direction = transceiver.current_direction();
    const bool sends =
        direction == peer::Direction::sendrecv || direction == peer::Direction::sendonly;
    if (!sends) continue;
    if (transceiver.kind() == core::MediaKind::video && !video_) send_video(transceiver.sender());
    if (transceiver.kind() == core::MediaKind::audio && !audio_) send_audio(transceiver.sender());
  }
}

media::Deliver Session::to(peer::Sender sender) {
  return [this, sender, alive = alive_, &loop = loop_](core::EncodedFrame frame) {
    loop.post([this, sender, alive, frame = std::move(frame)]() mutable {
      if (!*alive) return;
      sender.send(frame, loop_.now());
      driver_->pump();
    });
  };
}

void Session::send_video(peer::Sender sender) {
  const auto codec = codec_of(sender);
  auto source = capture::open_video(config_.video);
  if (!source) {
    std::fprintf(stderr, "lucid: %s\n", source.error().message.c_str());
    return;
  }
  if (!codec) return;
  const double framerate = (*source)->framerate();
  video_ = std::make_unique<media::VideoSendPipeline>(
      std::move(*source), codec::VideoEncoderConfig{.codec = *codec},
      media::Allocation{{.bitrate = video_bitrate, .framerate = framerate}}, to(sender));
}

void Session::send_audio(peer::Sender sender) {
  const auto codec = codec_of(sender);
  auto source = capture::open_audio(config_.audio);
  if (!source) {
    std::fprintf(stderr, "lucid: %s\n", source.error().message.c_str());
    return;
  }
  if (!codec) return;
  codec::AudioEncoderConfig encoder{.codec = *codec};
  if (*codec != core::Codec::opus)
    encoder.sample_rate = *codec == core::Codec::g722 ? 16'000 : 8'000;
  audio_ = std::make_unique<media::AudioSendPipeline>(std::move(*source), encoder, to(sender));
}

}  // namespace lucid::app
