#pragma once
#include <deque>
#include <map>
#include <optional>

#include "sctp/data_channels.hpp"
#include "sctp/dcep.hpp"

namespace lucid::sctp::detail {

class ChannelSet {
 public:
  ChannelSet(DataChannels::Config config, core::Context context);
  ChannelSet(const ChannelSet&) = delete;

  std::expected<ChannelId, OpenError> open(ChannelOptions options, core::Time now);
  std::expected<void, SendError> send(ChannelId id, MessageKind kind, core::Bytes payload,
                                      core::Time now);
  void close(ChannelId id, core::Time now);
  const Channel* find(ChannelId id) const;
  std::size_t buffered_amount(ChannelId id) const;
  void set_low_threshold(ChannelId id, std::size_t bytes);
  void set_role(Role role, core::Time now);
  void set_remote(DataChannels::Remote remote);
  std::expected<void, SetupError> connect(core::Time now);
  void close(core::Time now);
  void read(Association::Reading reading, core::Time now);
  void handle_datagram(core::Bytes packet, core::Time now);
  void handle_timeout(core::Time now);
  std::optional<core::Buffer> poll_transmit() { return association_.poll_transmit(); }
  std::optional<DataChannels::Event> poll_event();
  std::optional<core::Time> next_timeout() const;
  const DataChannels::Stats& stats() const { return stats_; }
  const Association& association() const { return association_; }

 private:
  struct Record {
    Channel channel;
    std::size_t low_threshold = 0;
    bool acknowledged = false;  // RFC 8832 6: until then everything goes in order
    bool incoming_reset = false;
    bool outgoing_reset = false;
    CloseReason reason = CloseReason::local;
  };
  using Channels = std::map<ChannelId, Record>;

  Association make_association() const;
  bool full() const { return cost_ >= config_.receive_limit / 2; }
  void push(DataChannels::Event event) { events_.push_back(std::move(event)); }
  void transition(Channels::iterator at, ChannelState next, std::string_view reason);
  Channels::iterator on_stream(StreamId stream);

  std::optional<OpenError> refuse(const ChannelOptions& options) const;
  std::optional<std::uint16_t> free_stream() const;
  std::uint16_t stream_limit() const;
  void assign(Channels::iterator at, std::uint16_t stream);
  void start(Channels::iterator at, core::Time now);
  void start_or_grow(core::Time now);
  void grow(std::uint16_t wanted, core::Time now);
  std::uint16_t agreed() const;
  void begin_close(Channels::iterator at, CloseReason reason, core::Time now);
  void finish(Channels::iterator at, CloseReason reason);
  void finish_all(CloseReason reason);

  // Hands on what the association has to say.
  void settle(core::Time now);
  void take(Association::Event event, core::Time now);
  void take(Association::Message& message, core::Time now);
  void take_dcep(StreamId stream, core::Bytes bytes, core::Time now);
  void take_open(StreamId stream, dcep::Open open, core::Time now);
  void take_incoming_reset(StreamId stream, core::Time now);
  void take_outgoing_reset(const Association::OutgoingReset& reset);
  void take_failure(const Association::Failed& failed);

  DataChannels::Config config_;
  core::Context context_;
  core::trace::Tracer tracer_;
  DataChannels::Remote remote_{};
  std::optional<Role> role_{};
  Association association_;
  Channels channels_;
  std::map<StreamId, ChannelId> streams_;
  std::uint32_t next_id_ = 0;
  std::optional<Association::Connected> agreed_{};  // once connected
  bool growing_ = false;                            // RFC 6525: asked for more streams
  bool growth_refused_ = false;
  bool connecting_ = false;  // connect() was called
  bool over_ = false;
  std::deque<DataChannels::Event> events_;
  std::size_t cost_ = 0;  // memory held by messages that nobody has polled
  bool waiting_ = false;  // the association has more to say than there is room for
  core::Time now_{};
  DataChannels::Stats stats_;
};

}  // namespace lucid::sctp::detail
