#include "peer/peer_connection.hpp"

#include <limits>

#include "peer/detail/connection.hpp"
#include "peer/detail/servers.hpp"
#include "peer/detail/statistics.hpp"

namespace lucid::peer {
namespace {

Error closed_error() {
  return {.name = ErrorName::invalid_state_error,
          .message = "The connection is closed; make a new one."};
}

// W3C 4.4.1.1: certificates that have run out are refused; without any, one is made.
Result<void> provide_certificates(Configuration& configuration, core::Time now) {
  for (const dtls::Certificate& each : configuration.certificates) {
    if (each.not_after() >= configuration.wall_clock.unix_time(now)) continue;
    return refuse(ErrorName::invalid_access_error,
                  "A certificate has expired; generate a new one.");
  }
  if (!configuration.certificates.empty()) return {};
  dtls::Certificate::Config with;
  with.wall_clock = configuration.wall_clock;
  auto made = dtls::Certificate::generate(with, now);
  if (!made) {
    return refuse(ErrorName::operation_error, "No certificate can be made: " +
                                                  std::string{dtls::to_string(made.error())} + ".");
  }
  configuration.certificates.push_back(std::move(*made));
  return {};
}

std::optional<SessionDescription> text_of(const std::optional<detail::Description>& description) {
  return description ? std::optional{description->text()} : std::nullopt;
}
std::optional<SessionDescription> text_of(const detail::Description* description) {
  return description != nullptr ? std::optional{description->text()} : std::nullopt;
}

}  // namespace

Result<PeerConnection> PeerConnection::create(Configuration configuration, core::Context context,
                                              core::Time now) {
  if (auto fine = detail::check_configuration(configuration); !fine) {
    return std::unexpected(fine.error());
  }
  if (auto fine = provide_certificates(configuration, now); !fine) {
    return std::unexpected(fine.error());
  }
  return PeerConnection{
      std::make_unique<detail::Connection>(std::move(configuration), context, now)};
}

PeerConnection::PeerConnection(std::unique_ptr<detail::Connection> connection)
    : connection_{std::move(connection)} {}
PeerConnection::PeerConnection(PeerConnection&&) noexcept = default;
PeerConnection& PeerConnection::operator=(PeerConnection&&) noexcept = default;
PeerConnection::~PeerConnection() = default;

const Configuration& PeerConnection::get_configuration() const {
  return connection_->configuration;
}

Result<void> PeerConnection::set_configuration(Configuration configuration, core::Time now) {
  if (connection_->closed()) return std::unexpected(closed_error());
  if (auto fine = detail::check_configuration(configuration); !fine) return fine;
  return connection_->reconfigure(std::move(configuration), now);
}

Result<SessionDescription> PeerConnection::create_offer(core::Time, OfferOptions options) {
  return connection_->create_offer(options);
}

Result<SessionDescription> PeerConnection::create_answer(core::Time) {
  return connection_->create_answer();
}

Result<void> PeerConnection::set_local_description(core::Time now) {
  // W3C 4.4.2 setLocalDescription: the state says which of the two is meant.
  const SignalingState state = signaling_state();
  const bool answers =
      state == SignalingState::have_remote_offer || state == SignalingState::have_local_pranswer;
  auto description = answers ? connection_->create_answer() : connection_->create_offer({});
  if (!description) return std::unexpected(description.error());
  return connection_->set_description(detail::Side::local, *description, now);
}

Result<void> PeerConnection::set_local_description(const SessionDescription& description,
                                                   core::Time now) {
  if (!description.sdp.empty() || description.type == SdpType::rollback) {
    return connection_->set_description(detail::Side::local, description, now);
  }
  // W3C 4.4.2: without a text, the one created last, or one made now.
  auto made = description.type == SdpType::offer ? connection_->last_or_new_offer()
                                                 : connection_->last_or_new_answer();
  if (!made) return std::unexpected(made.error());
  made->type = description.type;
  return connection_->set_description(detail::Side::local, *made, now);
}

Result<void> PeerConnection::set_remote_description(const SessionDescription& description,
                                                    core::Time now) {
  return connection_->set_description(detail::Side::remote, description, now);
}

Result<void> PeerConnection::add_ice_candidate(const std::optional<IceCandidate>& candidate,
                                               core::Time now) {
  return connection_->add_candidate(candidate, now);
}

void PeerConnection::restart_ice() { connection_->restart_ice(); }
void PeerConnection::close(core::Time now) { connection_->close(now); }

std::optional<SessionDescription> PeerConnection::local_description() const {
  return text_of(connection_->model.local());
}
std::optional<SessionDescription> PeerConnection::current_local_description() const {
  return text_of(connection_->model.current_local);
}
std::optional<SessionDescription> PeerConnection::pending_local_description() const {
  return text_of(connection_->model.pending_local);
}
std::optional<SessionDescription> PeerConnection::remote_description() const {
  return text_of(connection_->model.remote());
}
std::optional<SessionDescription> PeerConnection::current_remote_description() const {
  return text_of(connection_->model.current_remote);
}
std::optional<SessionDescription> PeerConnection::pending_remote_description() const {
  return text_of(connection_->model.pending_remote);
}

std::optional<bool> PeerConnection::can_trickle_ice_candidates() const {
  const detail::Description* remote = connection_->model.remote();
  if (remote == nullptr) return std::nullopt;
  for (const sdp::MediaSection& section : remote->session.media) {
    const auto options = remote->session.effective<sdp::IceOptions>(section);
    if (options && options->has("trickle")) return true;
  }
  const auto options = remote->session.head.find<sdp::IceOptions>();
  return options && options->has("trickle");
}

SignalingState PeerConnection::signaling_state() const { return connection_->model.signaling; }
IceGatheringState PeerConnection::ice_gathering_state() const {
  return connection_->told.gathering;
}
IceConnectionState PeerConnection::ice_connection_state() const { return connection_->told.ice; }
ConnectionState PeerConnection::connection_state() const { return connection_->told.connection; }

std::optional<std::uint64_t> PeerConnection::max_message_size() const {
  const auto& remote = connection_->model.current_remote;
  if (!remote) return std::nullopt;
  for (const sdp::MediaSection& section : remote->session.media) {
    if (!section.is_data() || section.is_rejected()) continue;
    // RFC 8841 6.1: 64K when not said, and 0 is without limit.
    const auto said = section.find<sdp::MaxMessageSize>().value_or(sdp::MaxMessageSize{65536});
    return said.bytes == 0 ? std::numeric_limits<std::uint64_t>::max() : said.bytes;
  }
  return std::nullopt;
}

Result<DataChannel> PeerConnection::create_data_channel(std::string label, core::Time now,
                                                        const DataChannelInit& init) {
  return connection_->create_channel(std::move(label), init, now);
}

Result<Transceiver> PeerConnection::add_transceiver(core::MediaKind kind, TransceiverInit init) {
  return connection_->add_transceiver(kind, std::nullopt, std::move(init));
}

Result<Transceiver> PeerConnection::add_transceiver(MediaStreamTrack track, TransceiverInit init) {
  const core::MediaKind kind = track.kind;
  return connection_->add_transceiver(kind, std::move(track), std::move(init));
}

Result<Sender> PeerConnection::add_track(MediaStreamTrack track, std::vector<std::string> streams) {
  auto transceiver = connection_->add_track(std::move(track), std::move(streams));
  if (!transceiver) return std::unexpected(transceiver.error());
  return transceiver->sender();
}

Result<void> PeerConnection::remove_track(Sender sender) {
  if (sender.owner_ != connection_.get()) {
    return refuse(ErrorName::invalid_access_error,
                  "The sender is another connection's; remove its track there.");
  }
  return connection_->remove_track(sender.id());
}

std::vector<Transceiver> PeerConnection::get_transceivers() const {
  std::vector<Transceiver> result;
  for (const detail::TransceiverState& each : connection_->model.transceivers) {
    result.push_back(connection_->handle(each.id));
  }
  return result;
}

std::vector<Sender> PeerConnection::get_senders() const {
  std::vector<Sender> result;
  for (const Transceiver& each : get_transceivers()) {
    if (!each.stopped()) result.push_back(each.sender());
  }
  return result;
}

std::vector<Receiver> PeerConnection::get_receivers() const {
  std::vector<Receiver> result;
  for (const Transceiver& each : get_transceivers()) {
    if (!each.stopped()) result.push_back(each.receiver());
  }
  return result;
}

StatsReport PeerConnection::get_stats(core::Time now) const {
  return detail::write_stats(*connection_, now);
}

void PeerConnection::handle_datagram(core::Datagram datagram, core::Time now) {
  connection_->transports.handle_datagram(std::move(datagram), now);
  connection_->pump(now);
}

void PeerConnection::handle_timeout(core::Time now) {
  connection_->transports.handle_timeout(now);
  if (connection_->channels) connection_->channels->handle_timeout(now);
  connection_->pump(now);
}

std::optional<core::Datagram> PeerConnection::poll_transmit() {
  return connection_->transports.poll_transmit();
}

std::optional<Event> PeerConnection::poll_event() {
  if (connection_->events.empty()) return std::nullopt;
  Event event = std::move(connection_->events.front());
  connection_->events.pop_front();
  return event;
}

std::optional<core::Time> PeerConnection::next_timeout() const {
  const auto& channels = connection_->channels;
  return core::earliest(connection_->transports.next_timeout(),
                        channels ? channels->next_timeout() : std::nullopt);
}

void PeerConnection::interfaces(std::span<const core::Interface> list, core::Time now) {
  connection_->transports.interfaces(list, now);
  connection_->pump(now);
}
void PeerConnection::bound(core::SocketId id, core::Address local, core::Time now) {
  connection_->transports.bound(id, local, now);
  connection_->pump(now);
}
void PeerConnection::bind_failed(core::SocketId id, core::PathError error, core::Time now) {
  connection_->transports.bind_failed(id, error, now);
  connection_->pump(now);
}
void PeerConnection::opened(core::StreamId id, core::Path path, core::Time now) {
  connection_->transports.opened(id, path, now);
  connection_->pump(now);
}
void PeerConnection::listening(core::StreamId id, core::Address local, core::Time now) {
  connection_->transports.listening(id, local, now);
  connection_->pump(now);
}
void PeerConnection::closed(core::StreamId id, core::PathError error, core::Time now) {
  connection_->transports.closed(id, error, now);
  connection_->pump(now);
}
void PeerConnection::resolved(core::ResolveId id, std::span<const core::Ip> addresses,
                              core::Time now) {
  connection_->transports.resolved(id, addresses, now);
  connection_->pump(now);
}
void PeerConnection::path_error(const core::Path& path, core::PathError error, core::Time now) {
  connection_->transports.path_error(path, error, now);
  connection_->pump(now);
}

}  // namespace lucid::peer
