#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/effects.hpp"
#include "core/machine.hpp"
#include "peer/configuration.hpp"
#include "peer/data_channel.hpp"
#include "peer/description.hpp"
#include "peer/error.hpp"
#include "peer/events.hpp"
#include "peer/states.hpp"
#include "peer/statistics.hpp"
#include "peer/transceiver.hpp"

namespace lucid::peer {

namespace detail {
struct Connection;
}

// RTCPeerConnection (W3C WebRTC 1.0; RFC 9429) as a core::Machine. The names are the W3C's in
// snake_case; a promise is a return value, a handler is an event from poll_event. Operations run to
// their end within the call, so the operations chain is the order of the calls.
class PeerConnection {
 public:
  using Datagram = core::Datagram;
  using Transmit = core::Datagram;
  using Event = peer::Event;

  // What the constructor throws in a browser comes back here: a bad URL, a TURN server without
  // credentials, an expired certificate.
  [[nodiscard]] static Result<PeerConnection> create(Configuration configuration,
                                                     core::Context context, core::Time now);
  PeerConnection(PeerConnection&&) noexcept;
  PeerConnection& operator=(PeerConnection&&) noexcept;
  ~PeerConnection();

  const Configuration& get_configuration() const;
  [[nodiscard]] Result<void> set_configuration(Configuration configuration, core::Time now);

  // ---- negotiation
  [[nodiscard]] Result<SessionDescription> create_offer(core::Time now, OfferOptions options = {});
  [[nodiscard]] Result<SessionDescription> create_answer(core::Time now);
  // Without a description: creates the offer or answer that the state asks for, and sets it.
  [[nodiscard]] Result<void> set_local_description(core::Time now);
  [[nodiscard]] Result<void> set_local_description(const SessionDescription& description,
                                                   core::Time now);
  [[nodiscard]] Result<void> set_remote_description(const SessionDescription& description,
                                                    core::Time now);
  // nullopt: no more candidates for any section.
  [[nodiscard]] Result<void> add_ice_candidate(const std::optional<IceCandidate>& candidate,
                                               core::Time now);
  void restart_ice();
  void close(core::Time now);

  std::optional<SessionDescription> local_description() const;
  std::optional<SessionDescription> current_local_description() const;
  std::optional<SessionDescription> pending_local_description() const;
  std::optional<SessionDescription> remote_description() const;
  std::optional<SessionDescription> current_remote_description() const;
  std::optional<SessionDescription> pending_remote_description() const;
  std::optional<bool> can_trickle_ice_candidates() const;

  SignalingState signaling_state() const;
  IceGatheringState ice_gathering_state() const;
  IceConnectionState ice_connection_state() const;
  ConnectionState connection_state() const;

  // ---- data and media
  // RTCSctpTransport.maxMessageSize: what the peer takes, once data is agreed on.
  std::optional<std::uint64_t> max_message_size() const;
  [[nodiscard]] Result<DataChannel> create_data_channel(std::string label, core::Time now,
                                                        const DataChannelInit& init = {});
  [[nodiscard]] Result<Transceiver> add_transceiver(core::MediaKind kind,
                                                    TransceiverInit init = {});
  [[nodiscard]] Result<Transceiver> add_transceiver(MediaStreamTrack track,
                                                    TransceiverInit init = {});
  [[nodiscard]] Result<Sender> add_track(MediaStreamTrack track,
                                         std::vector<std::string> streams = {});
  [[nodiscard]] Result<void> remove_track(Sender sender);
  std::vector<Transceiver> get_transceivers() const;
  std::vector<Sender> get_senders() const;
  std::vector<Receiver> get_receivers() const;

  StatsReport get_stats(core::Time now) const;

  // ---- the machine
  void handle_datagram(Datagram datagram, core::Time now);
  void handle_timeout(core::Time now);
  std::optional<Transmit> poll_transmit();
  std::optional<Event> poll_event();
  std::optional<core::Time> next_timeout() const;

  // ---- answers of the edge (core/effects.hpp). Nothing is gathered before the first `interfaces`.
  void interfaces(std::span<const core::Interface> list, core::Time now);
  void bound(core::SocketId id, core::Address local, core::Time now);
  void bind_failed(core::SocketId id, core::PathError error, core::Time now);
  void opened(core::StreamId id, core::Path path, core::Time now);
  void listening(core::StreamId id, core::Address local, core::Time now);
  void closed(core::StreamId id, core::PathError error, core::Time now);
  void resolved(core::ResolveId id, std::span<const core::Ip> addresses, core::Time now);
  void path_error(const core::Path& path, core::PathError error, core::Time now);

 private:
  explicit PeerConnection(std::unique_ptr<detail::Connection> connection);

  std::unique_ptr<detail::Connection> connection_;
};
static_assert(core::Machine<PeerConnection>);

}  // namespace lucid::peer
