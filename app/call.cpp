#include "app/call.hpp"

#include "app/codecs.hpp"

namespace lucid::app {

namespace {

using namespace std::chrono_literals;
using peer::ConnectionState;

constexpr int most_restarts = 3;
constexpr core::Duration patience = 3s;        // with a connection that may come back by itself
constexpr core::Duration more_patience = 7s;   // of the one who did not offer
constexpr core::Duration restart_takes = 12s;  // at most

bool sends(peer::Transceiver transceiver) {
  const auto direction = transceiver.current_direction();
  return direction == peer::Direction::sendrecv || direction == peer::Direction::sendonly;
}

// The first certificate that a description names.
std::string_view certificate_of(std::string_view sdp) {
  const std::size_t start = sdp.find("a=fingerprint:");
  if (start == std::string_view::npos) return {};
  return sdp.substr(start, sdp.find_first_of("\r\n", start) - start);
}

}  // namespace

peer::Configuration Call::configure(net::Loop& loop, const CallConfig& config) {
  return {.ice_servers = config.ice_servers,
          .ice_transport_policy = config.policy,
          .bundle_policy = config.bundle_policy,
          .wall_clock = loop.wall_clock(),
          .codecs = offered_codecs(config.codec),
          .gather_loopback = config.loopback};
}

std::expected<void, std::string> Call::check(net::Loop& loop, const CallConfig& config) {
  auto made = peer::PeerConnection::create(configure(loop, config), loop.context(), loop.now());
  if (!made) return std::unexpected(made.error().text());
  return {};
}

Call::Call(net::Loop& loop, CallConfig config, peer::Politeness politeness, Feeds& feeds,
           capture::Window* window, Handlers handlers)
    : loop_{loop},
      config_{std::move(config)},
      feeds_{feeds},
      handlers_{std::move(handlers)},
      pc_{peer::PeerConnection::create(configure(loop, config_), loop.context(config_.sink),
                                       loop.now())
              .value()},
      negotiator_{pc_, politeness},
      sinks_{loop,
             {.record = config_.record,
              .keeps_picture = config_.keeps_picture || !config_.snapshot.empty(),
              .window = window},
             {[this] {
                for (peer::Receiver receiver : pc_.get_receivers()) {
                  if (receiver.track().kind == core::MediaKind::video)
                    receiver.request_key_frame(now());
                }
                pump();
              },
              [this](const std::string& problem) {
                handlers_.tell({{"event", "error"}, {"message", problem}});
              }}},
      channels_{pc_, config_.download, [this](json event) { handlers_.tell(std::move(event)); }},
      phases_{.began = loop.now()},
      retry_{loop, [this] { try_again(); }},
      driver_{loop,
              pc_,
              [this](peer::Event event, core::Time) { handle(std::move(event)); },
              {.tracer = loop.context(config_.sink).tracer("net")}} {}

Call::~Call() { close(); }

void Call::close() {
  if (final_) return;
  final_ = totals();
  retry_.set(std::nullopt);
  for (const auto& [id, sent] : sent_) feeds_.unsubscribe(sent.feed);
  sent_.clear();
  if (const auto picture = config_.snapshot.empty() ? std::nullopt : sinks_.picture(true)) {
    if (auto written = capture::write_png(config_.snapshot, *picture); !written) {
      handlers_.tell({{"event", "error"}, {"message", written.error().message}});
    }
  }
  pc_.close(now());
  pump();
}

Totals Call::totals() {
  return final_ ? *final_ : counted_.add(totals_of(pc_.get_stats(now()), sinks_.stats()));
}

Phases Call::phases() const {
  Phases phases = phases_;
  phases.media = sinks_.first_picture();
  return phases;
}

void Call::offer() {
  offers_ = true;
  channels_.open_chat(now());
  for (const auto kind : {core::MediaKind::audio, core::MediaKind::video}) {
    if (feeds_.has(kind)) {
      (void)add_track(kind);
    } else if (auto made = pc_.add_transceiver(kind, {.direction = peer::Direction::recvonly})) {
      prefer(*made);
    }
  }
  pump();
}

void Call::prefer(peer::Transceiver transceiver) {
  if (config_.codec.empty() || transceiver.kind() != core::MediaKind::video) return;
  std::vector<peer::RtpCodec> codecs = offered_codecs(config_.codec);
  std::erase_if(codecs, [](const auto& it) { return !it.mime_type.starts_with("video/"); });
  (void)transceiver.set_codec_preferences(std::move(codecs));
}

peer::Result<void> Call::take(const peer::SessionDescription& description) {
  const bool first = !pc_.local_description() && pc_.get_transceivers().empty();
  if (description.type == peer::SdpType::offer && first) return answer_first(description);
  (void)totals();  // of what may be gone after this
  auto reply = negotiator_.on_description(description, now());
  if (!reply) return std::unexpected(reply.error());
  if (*reply) describe(**reply);
  return take_early();
}

// Each section of the first offer gets a track of ours, where we have one.
peer::Result<void> Call::answer_first(const peer::SessionDescription& offer) {
  if (auto set = pc_.set_remote_description(offer, now()); !set) {
    return std::unexpected(set.error());
  }
  bool had[2] = {false, false};
  for (peer::Transceiver transceiver : pc_.get_transceivers()) {
    prefer(transceiver);
    bool& one = had[static_cast<std::size_t>(transceiver.kind())];
    if (!std::exchange(one, true) && feeds_.has(transceiver.kind())) {
      (void)add_track(transceiver.kind());
    }
  }
  if (auto set = pc_.set_local_description(now()); !set) return std::unexpected(set.error());
  describe(*pc_.local_description());
  return take_early();
}

peer::Result<void> Call::take_early() {
  peer::Result<void> result;
  for (const auto& candidate : std::exchange(early_, {})) {
    if (auto added = negotiator_.on_candidate(candidate, now()); !added) result = added;
  }
  pump();
  return result;
}

peer::Result<void> Call::take(const std::optional<peer::IceCandidate>& candidate) {
  if (!pc_.remote_description()) {
    early_.push_back(candidate);
    return {};
  }
  auto added = negotiator_.on_candidate(candidate, now());
  pump();
  return added;
}

bool Call::is_over_for(std::string_view sdp) const {
  const auto before = pc_.current_remote_description();
  return before && certificate_of(before->sdp) != certificate_of(sdp);
}

void Call::describe(const peer::SessionDescription& description) {
  const bool complete = pc_.ice_gathering_state() == peer::IceGatheringState::complete;
  held_back_ = config_.trickle == Trickle::no && !complete;
  if (!held_back_) handlers_.describe(description);
}

peer::Result<void> Call::add_track(core::MediaKind kind) {
  // A track that comes back is another one: Firefox takes no id twice.
  const std::string id = std::string{"lucid-"} + name_of(kind) + "-" + std::to_string(++tracks_);
  auto sender = pc_.add_track({kind, id}, {"lucid"});
  if (!sender) return std::unexpected(sender.error());
  for (peer::Transceiver transceiver : pc_.get_transceivers()) {
    if (transceiver.sender() == *sender) prefer(transceiver);
  }
  if (pc_.remote_description() && pc_.signaling_state() == peer::SignalingState::stable) pump();
  return {};
}

peer::Result<void> Call::remove_track(core::MediaKind kind) {
  for (peer::Sender sender : pc_.get_senders()) {
    const auto track = sender.track();
    if (!track || track->kind != kind) continue;
    (void)totals();
    auto removed = pc_.remove_track(sender);
    sync_senders();
    pump();
    return removed;
  }
  return peer::refuse(peer::ErrorName::invalid_access_error, "there is no such track to remove");
}

peer::Result<void> Call::renegotiate() {
  if (pc_.signaling_state() != peer::SignalingState::stable) {
    return peer::refuse(peer::ErrorName::invalid_state_error,
                        "a negotiation is under way; try again once it is over");
  }
  auto set = pc_.set_local_description(now());
  if (set) describe(*pc_.local_description());
  pump();
  return set;
}

void Call::restart_ice() {
  pc_.restart_ice();
  pump();
}

bool Call::say(const std::string& text) {
  const bool said = channels_.say(text, now());
  pump();
  return said;
}

std::expected<void, std::string> Call::send_file(const std::string& path) {
  auto sent = channels_.send_file(path, now());
  pump();
  return sent;
}

void Call::tell_statistics() {
  if (!channels_.wants_statistics()) return;
  channels_.tell_statistics(pc_.get_stats(now()).json(), now());
  pump();
}

void Call::agreed() {
  if (!pc_.remote_description()) return;
  if (!phases_.agreed) phases_.agreed = now();
  for (peer::Transceiver transceiver : pc_.get_transceivers()) expect(transceiver);
  sync_senders();
}

void Call::expect(peer::Transceiver transceiver) {
  const auto direction = transceiver.current_direction();
  if (direction != peer::Direction::sendrecv && direction != peer::Direction::recvonly) return;
  const auto codec = codec_of(transceiver.receiver().get_parameters().codecs);
  if (codec) sinks_.expect(*codec);
}

void Call::changed(ConnectionState state) {
  switch (state) {
    case ConnectionState::connected:
      if (!phases_.connected) phases_.connected = now();
      restarts_ = 0;
      retry_.set(std::nullopt);
      return sync_senders();
    case ConnectionState::disconnected:
      return retry_.set(now() + (offers_ ? patience : more_patience));
    case ConnectionState::failed:
      return retry_.set(now() + (offers_ ? core::Duration{} : patience));
    default:
      return;
  }
}

void Call::try_again() {
  if (pc_.connection_state() == ConnectionState::connected) return;
  if (restarts_ == most_restarts) return handlers_.lost();
  ++restarts_;
  handlers_.tell({{"event", "state"},
                  {"machine", "call"},
                  {"state", "restarting ICE"},
                  {"attempt", restarts_},
                  {"of", most_restarts}});
  retry_.set(now() + restart_takes);
  restart_ice();
}

// Feeds each sender that is to send, and no other.
void Call::sync_senders() {
  const bool connected = pc_.connection_state() == ConnectionState::connected;
  for (peer::Transceiver transceiver : pc_.get_transceivers()) {
    peer::Sender sender = transceiver.sender();
    const auto codec = codec_of(sender.get_parameters().codecs);
    const bool wanted = sends(transceiver) && sender.track().has_value() && codec;
    const auto found = sent_.find(sender.id());
    if (found != sent_.end() && (!wanted || found->second.codec != *codec)) {
      feeds_.unsubscribe(found->second.feed);
      sent_.erase(found);
    }
    if (wanted && connected && !sent_.contains(sender.id())) send(sender, *codec);
  }
}

// No more than the path carries, and ready for what it loses.
void Call::limit(peer::Sender sender) {
  const auto sent = sent_.find(sender.id());
  if (sent != sent_.end()) feeds_.follow(sent->second.feed, sender.targets());
}

void Call::send(peer::Sender sender, core::Codec codec) {
  auto feed = feeds_.subscribe(codec, [this, sender](const core::EncodedFrame& frame) mutable {
    sender.send(frame, now());
    pump();
  });
  if (!feed) return handlers_.tell({{"event", "error"}, {"message", feed.error()}});
  sent_.emplace(sender.id(), Sent{*feed, codec});
  limit(sender);
}

}  // namespace lucid::app
