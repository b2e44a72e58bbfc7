#pragma once
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/machine.hpp"
#include "peer/configuration.hpp"
#include "peer/detail/apply.hpp"
#include "peer/detail/model.hpp"
#include "peer/detail/transport_set.hpp"
#include "peer/events.hpp"
#include "sctp/data_channels.hpp"

namespace lucid::peer::detail {

// What a PeerConnection is made of. Its handles (DataChannel, Transceiver, ...) point here, so that
// the connection itself may be moved. The work on it is in files by theme: negotiation.cpp,
// transports.cpp, candidate_pool.cpp, candidates_in.cpp, channels.cpp, media.cpp.
struct Connection {
  Connection(Configuration with, core::Context in, core::Time now);

  Configuration configuration;
  core::Context context;
  core::trace::Tracer tracer;
  Model model;
  TransportSet transports;
  std::optional<sctp::DataChannels> channels;
  std::set<std::uint32_t> channel_keys;                           // of those that are not closed
  std::unordered_map<std::uint32_t, std::size_t> low_thresholds;  // of channels
  struct Paused {  // what has happened on a channel since it was paused
    std::deque<Event> events;
  };
  std::unordered_map<std::uint32_t, Paused> paused_channels;
  std::size_t paused_bytes = 0;  // that messages in all of them take up
  bool reading_stopped = false;
  std::deque<Event> events;

  // What the last events said of the states that all transports have together.
  struct Told {
    IceGatheringState gathering = IceGatheringState::new_;
    IceConnectionState ice = IceConnectionState::new_;
    ConnectionState connection = ConnectionState::new_;
  } told;

  // Candidates for which there is no description yet; more of them come after a rollback.
  std::vector<std::optional<IceCandidate>> early_candidates;
  bool took_back = false;  // the last thing that happened to descriptions was a rollback
  std::vector<sdp::Fingerprint> fingerprints;  // of our certificates
  std::uint64_t tie_breaker = 0;               // RFC 8445 16.1: one for all agents
  core::Time created{};
  std::uint64_t dropped_frames = 0;   // of senders, before they are negotiated and connected
  std::uint64_t dropped_packets = 0;  // likewise

  bool closed() const { return model.signaling == SignalingState::closed; }

  // ---- connection.cpp
  Result<void> reconfigure(Configuration next, core::Time now);
  void restart_ice();
  Result<SessionDescription> last_or_new_offer();
  Result<SessionDescription> last_or_new_answer();

  // ---- negotiation.cpp
  Means means();
  Result<SessionDescription> create_offer(const OfferOptions& options);
  Result<SessionDescription> create_answer();
  Result<void> set_description(Side side, const SessionDescription& description, core::Time now);
  void take_early_candidates(core::Time now);
  void commit(Model next, const std::vector<TrackChange>& changes, core::Time now);
  void update_negotiation_needed();
  void tell(const TrackChange& change);

  // ---- transports.cpp: descriptions brought to the transports
  Transport::Config transport_config(ice::Role role, ice::Credentials credentials) const;
  TransportEntry& add_transport(std::string mid, ice::Role role, ice::Credentials credentials,
                                core::Time now);
  void carry_local(const sdp::Session& local, ice::Role role, core::Time now);
  void join_bundles(const sdp::Session& answer);
  // A transport keeps the DTLS association that it has.
  Result<void> check_associations(const sdp::Session& remote) const;
  void carry_remote(const sdp::Session& remote, const sdp::Session& answer, Side answerer,
                    core::Time now);
  void carry_rollback(core::Time now);
  void start_data(const sdp::Session& local, const sdp::Session& remote, core::Time now);

  // ---- candidate_pool.cpp
  void fill_pool(core::Time now);
  std::optional<ice::Credentials> pooled_credentials() const;
  TransportEntry* take_from_pool(const std::string& mid, ice::Role role,
                                 const ice::Credentials& credentials, core::Time now);

  // ---- channels.cpp
  sctp::DataChannels& open_data();
  void connect_data(core::Time now);
  Result<DataChannel> create_channel(std::string label, const DataChannelInit& init,
                                     core::Time now);
  void pause(std::uint32_t channel);
  void resume(std::uint32_t channel, core::Time now);
  void read_or_stop(core::Time now);
  void say_of_channel(std::uint32_t channel, Event event);
  Result<void> send(std::uint32_t channel, sctp::MessageKind kind, core::Bytes payload,
                    core::Time now);

  // ---- tracks.cpp
  Result<Transceiver> add_transceiver(core::MediaKind kind, std::optional<MediaStreamTrack> track,
                                      TransceiverInit init);
  Result<Transceiver> add_track(MediaStreamTrack track, std::vector<std::string> streams);
  Result<void> remove_track(TransceiverId id);
  Result<void> stop_transceiver(TransceiverId id, core::Time now);
  Result<void> set_direction(TransceiverId id, Direction direction);
  Result<void> replace_track(TransceiverId id, std::optional<MediaStreamTrack> track);
  Result<void> set_parameters(TransceiverId id, const RtpSendParameters& parameters);
  void mark_senders();

  // ---- media.cpp
  void plan_media_everywhere(core::Time now);
  TransportEntry* carrier_of(TransceiverId id);
  void send_frame(TransceiverId id, const core::EncodedFrame& frame, core::Time now);
  void send_packet(TransceiverId id, const RtpPacket& packet, core::Time now);
  void set_output(TransceiverId id, ReceiverOutput output);
  void request_key_frame(TransceiverId id, std::string_view rid, core::Time now);
  void apply_encodings(const TransceiverState& transceiver);
  std::vector<EncodingTarget> targets_of(TransceiverId id);
  bool pump_media(TransportEntry& entry, core::Time now);

  // ---- candidates_in.cpp
  Result<void> add_candidate(const std::optional<IceCandidate>& candidate, core::Time now);
  void end_everywhere(const IceCandidate& candidate, core::Time now);
  void give_candidates(const sdp::Session& remote, core::Time now);

  // ---- pump.cpp: what machines below say becomes what we say
  void pump(core::Time now);
  void summarise(core::Time now);
  void close(core::Time now);

  // ---- handles
  DataChannel handle(sctp::ChannelId id) {
    return DataChannel{this, static_cast<std::uint32_t>(id)};
  }
  Transceiver handle(TransceiverId id) { return Transceiver{this, id}; }

 private:
  void on(TransportEntry& entry, Transport::Event event, core::Time now);
  void on_candidate(TransportEntry& entry, const ice::Candidate& candidate, core::Time now);
  void on_gathered(TransportEntry& entry);
  void on(sctp::DataChannels::Event event, core::Time now);
  void on(MediaTransport& media, MediaTransport::Event event);
  void on_closed(const sctp::DataChannels::Closed& closed);
  TransportEntry* data_transport();
  std::optional<std::uint16_t> index_of(std::string_view mid) const;
};

}  // namespace lucid::peer::detail
