#include "app/session.hpp"

#include <algorithm>
#include <cstdio>

#include "app/codecs.hpp"
#include "app/json.hpp"
#include "core/handle.hpp"

namespace lucid::app {

namespace {

namespace events = peer::events;
using namespace std::chrono_literals;

constexpr core::Duration statistics_every = 1s;

peer::MediaStreamTrack own_track(core::MediaKind kind) {
  return {kind, kind == core::MediaKind::video ? "lucid-video" : "lucid-audio"};
}

}  // namespace

Session::Session(net::Loop& loop, std::shared_ptr<Feeds> feeds, SessionConfig config,
                 SessionHandlers handlers)
    : loop_{loop},
      feeds_{std::move(feeds)},
      handlers_{std::move(handlers)},
      tick_{loop, [this] { tell_statistics(); }} {
  const core::Context context = loop.context(config.sink, config.id);
  auto made = peer::PeerConnection::create(
      {.wall_clock = loop.wall_clock(), .codecs = offered_codecs()}, context, loop.now());
  core::check(made.has_value());  // an empty configuration is always good
  pc_ = std::make_unique<peer::PeerConnection>(std::move(*made));
  driver_ = std::make_unique<net::Driver<peer::PeerConnection>>(
      loop, *pc_, [this](peer::Event event, core::Time) { handle(std::move(event)); },
      net::EdgeOptions{.tracer = context.tracer("net")});
  driver_->pump();
}

Session::~Session() { close(); }

void Session::close() {
  stop_feeds();
  tick_.set(std::nullopt);
  pc_->close(loop_.now());
  driver_->pump();
}

peer::Result<peer::SessionDescription> Session::offer() {
  for (const auto kind : {core::MediaKind::audio, core::MediaKind::video}) {
    if (auto added = pc_->add_track(own_track(kind), {"lucid"}); !added)
      return std::unexpected(added.error());
  }
  if (auto chat = pc_->create_data_channel("chat", loop_.now()); !chat)
    return std::unexpected(chat.error());
  if (auto set = pc_->set_local_description(loop_.now()); !set) return std::unexpected(set.error());
  return *pc_->local_description();
}

peer::Result<std::optional<peer::SessionDescription>> Session::take(
    const peer::SessionDescription& description) {
  const core::Time now = loop_.now();
  if (auto set = pc_->set_remote_description(description, now); !set)
    return std::unexpected(set.error());
  const bool offered = description.type == peer::SdpType::offer;
  if (offered) {
    // One track of ours for each section that has none yet.
    for (peer::Transceiver transceiver : pc_->get_transceivers()) {
      if (transceiver.stopped() || transceiver.sender().track()) continue;
      (void)pc_->add_track(own_track(transceiver.kind()), {"lucid"});
    }
    if (auto set = pc_->set_local_description(now); !set) return std::unexpected(set.error());
  }
  if (pc_->connection_state() == peer::ConnectionState::connected) send_feeds();
  return offered ? pc_->local_description() : std::nullopt;
}

peer::Result<void> Session::add_candidate(const std::optional<peer::IceCandidate>& candidate) {
  auto added = pc_->add_ice_candidate(candidate, loop_.now());
  driver_->pump();
  return added;
}

void Session::echo_media(bool on) {
  echoing_ = on;
  if (on) stop_feeds();
  for (peer::Receiver receiver : pc_->get_receivers()) {
    if (receiver.track().kind == core::MediaKind::video) receiver.request_key_frame(loop_.now());
  }
  if (!on) send_feeds();
  driver_->pump();
}

void Session::handle(peer::Event event) {
  std::visit(core::Overloaded{[&](events::IceCandidate& it) {
                                if (it.candidate && !it.candidate->candidate.empty())
                                  handlers_.candidate(*it.candidate);
                              },
                              [&](events::ConnectionStateChange& it) {
                                if (it.state == peer::ConnectionState::connected) send_feeds();
                                handlers_.state(it.state);
                              },
                              [&](events::KeyFrameRequested& it) {
                                const auto sent = sent_.find(it.transceiver.id());
                                if (sent != sent_.end() && sent->second.feed)
                                  feeds_->request_key_frame(*sent->second.feed);
                                if (echoing_)
                                  it.transceiver.receiver().request_key_frame(loop_.now());
                              },
                              [&](events::EncodingTargets& it) {
                                const auto sent = sent_.find(it.transceiver.id());
                                if (sent != sent_.end() && sent->second.feed)
                                  feeds_->follow(*sent->second.feed, it.encodings);
                              },
                              [&](events::Frame& it) {
                                if (echoing_) send(it.transceiver.sender(), it.frame, this);
                              },
                              [&](events::ChannelOpen& it) {
                                if (it.channel.label() != "stats") return;
                                statistics_.push_back(it.channel);
                                tell_statistics();
                              },
                              [&](events::ChannelClosed& it) {
                                std::erase(statistics_, it.channel);
                                files_.erase(it.channel.key());
                              },
                              [&](events::ChannelMessage& it) { hear(it); }, [](auto&) {}},
             event);
}

void Session::hear(events::ChannelMessage& it) {
  const std::string label = it.channel.label();
  if (label == "stats") return;
  if (label == "file") return take_file(it.channel, it.message);
  if (it.message.binary) {
    (void)it.channel.send(it.message.data.bytes(), loop_.now());
    return;
  }
  const std::string_view text = it.message.text();
  (void)it.channel.send(text, loop_.now());
  if (label == "chat" && (text == "echo" || text == "stop")) echo_media(text == "echo");
}

void Session::take_file(peer::DataChannel channel, const peer::DataMessage& message) {
  File& file = files_[channel.key()];
  if (!std::exchange(file.begun, true)) {
    const json header = json::parse(message.text(), nullptr, false);
    if (header.is_object())
      file.size = header.value("size", json{0}).is_number_unsigned()
                      ? header.at("size").get<std::uint64_t>()
                      : 0;
  } else {
    file.received += message.data.bytes().size();
  }
  if (file.received < file.size) return;
  (void)channel.send(dump({{"received", file.received}}), loop_.now());
}

void Session::tell_statistics() {
  if (statistics_.empty()) return;
  const std::string report = pc_->get_stats(loop_.now()).json();
  for (peer::DataChannel& channel : statistics_) (void)channel.send(report, loop_.now());
  driver_->pump();
  tick_.set(loop_.now() + statistics_every);
}

void Session::send_feeds() {
  for (peer::Transceiver transceiver : pc_->get_transceivers()) {
    const auto direction = transceiver.current_direction();
    const bool sends =
        direction == peer::Direction::sendrecv || direction == peer::Direction::sendonly;
    const auto codec = codec_of(transceiver.sender().get_parameters().codecs);
    if (!sends || echoing_ || !codec || !feeds_->has(transceiver.kind())) continue;
    Sent& sent =
        sent_.try_emplace(transceiver.id(), Sent{*codec, {}, Timeline{*codec}}).first->second;
    if (sent.feed) continue;
    const auto feed = feeds_->subscribe(
        *codec, [this, sender = transceiver.sender()](const core::EncodedFrame& frame) {
          send(sender, frame, feeds_.get());
          driver_->pump();
        });
    if (feed) {
      sent.feed = *feed;
      feeds_->follow(*feed, transceiver.sender().targets());
    } else {
      std::fprintf(stderr, "lucid: %s\n", feed.error().c_str());
    }
  }
}

void Session::send(peer::Sender sender, const core::EncodedFrame& frame, const void* source) {
  const auto found = sent_.find(sender.id());
  if (found == sent_.end() || found->second.codec != frame.codec) return;
  const core::Time now = loop_.now();
  core::EncodedFrame later = frame;
  later.rtp_timestamp = found->second.timeline.map(source, frame.rtp_timestamp, now);
  if (source == this) later.capture_time = now;
  later.rid.clear();
  sender.send(later, now);
}

void Session::pump() { driver_->pump(); }

void Session::stop_feeds() {
  for (auto& [id, sent] : sent_) {
    if (sent.feed) feeds_->unsubscribe(*sent.feed);
    sent.feed.reset();
  }
}

}  // namespace lucid::app
