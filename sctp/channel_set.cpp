#include "sctp/detail/channel_set.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/handle.hpp"
#include "sctp/detail/inbox.hpp"

namespace lucid::sctp::detail {

namespace {

// RFC 8832 5.1: lengths are 16 bits wide; 65535 is not a stream (RFC 8832 6).
constexpr std::size_t longest_text = 0xFFFF;
constexpr std::uint16_t most_channels = 1'024;

// RFC 8831 6.6: SCTP has no empty messages, so one zero byte stands for them.
constexpr std::array<std::uint8_t, 1> stand_in{0};

PayloadProtocol protocol_of(MessageKind kind, bool empty) {
  if (kind == MessageKind::string) {
    return empty ? PayloadProtocol::string_empty : PayloadProtocol::string;
  }
  return empty ? PayloadProtocol::binary_empty : PayloadProtocol::binary;
}

}  // namespace

ChannelSet::ChannelSet(DataChannels::Config config, core::Context context)
    : config_{config},
      context_{context},
      tracer_{context.tracer("sctp")},
      association_{make_association()} {
  config_.max_channels = std::min(config_.max_channels, most_channels);
}

Association ChannelSet::make_association() const {
  const std::uint16_t streams = std::min(config_.max_channels, most_channels);
  return Association{{.local_port = config_.local_port,
                      .remote_port = remote_.port,
                      .streams = std::min(streams, config_.initial_channels),
                      .max_streams = streams,
                      .max_message_size = config_.max_message_size,
                      .receive_limit = config_.receive_limit / 2,
                      .send_limit = config_.send_limit,
                      .interleaving = config_.interleaving,
                      .mtu = config_.mtu},
                     context_};
}

std::expected<ChannelId, OpenError> ChannelSet::open(ChannelOptions options, core::Time now) {
  if (const auto error = refuse(options)) return std::unexpected(*error);
  now_ = now;
  const auto stream = options.negotiated ? options.negotiated
                      : role_            ? free_stream()
                                         : std::nullopt;
  if (!stream && role_) return std::unexpected(OpenError::no_free_id);
  const ChannelId id{next_id_++};
  const auto at = channels_.emplace(id, Record{.channel = {.options = std::move(options)}}).first;
  ++stats_.channels_opened;
  if (stream) assign(at, *stream);
  if (agreed_) start_or_grow(now);
  settle(now);
  return id;
}

std::optional<OpenError> ChannelSet::refuse(const ChannelOptions& options) const {
  if (over_) return OpenError::closed;
  if (options.label.size() > longest_text) return OpenError::label_too_long;
  if (options.protocol.size() > longest_text) return OpenError::protocol_too_long;
  if (!options.negotiated) return std::nullopt;
  if (*options.negotiated >= stream_limit()) return OpenError::id_out_of_range;
  if (streams_.contains(StreamId{*options.negotiated})) return OpenError::id_in_use;
  return std::nullopt;
}

// What may be opened: all that was agreed, or all that may still be grown to.
std::uint16_t ChannelSet::stream_limit() const {
  return agreed_ && growth_refused_ ? agreed() : config_.max_channels;
}

// A channel needs its stream in both directions (RFC 8831 6.2).
std::uint16_t ChannelSet::agreed() const {
  return std::min(agreed_->outgoing_streams, agreed_->incoming_streams);
}

// RFC 8832 6: the DTLS client takes even ids, the server odd ones.
std::optional<std::uint16_t> ChannelSet::free_stream() const {
  for (std::uint32_t id = role_ == Role::server ? 1 : 0; id < stream_limit(); id += 2) {
    if (!streams_.contains(StreamId{static_cast<std::uint16_t>(id)})) {
      return static_cast<std::uint16_t>(id);
    }
  }
  return std::nullopt;
}

void ChannelSet::assign(Channels::iterator at, std::uint16_t stream) {
  Record& record = at->second;
  record.channel.stream = stream;
  streams_.emplace(StreamId{stream}, at->first);
  association_.set_weight(StreamId{stream},
                          static_cast<std::uint16_t>(record.channel.options.priority));
  association_.set_low_threshold(StreamId{stream}, record.low_threshold);
}

void ChannelSet::transition(Channels::iterator at, ChannelState next, std::string_view reason) {
  Channel& channel = at->second.channel;
  tracer_.state(now_, "data_channel_state", to_string(channel.state), to_string(next), reason);
  channel.state = next;
}

ChannelSet::Channels::iterator ChannelSet::on_stream(StreamId stream) {
  const auto found = streams_.find(stream);
  return found == streams_.end() ? channels_.end() : channels_.find(found->second);
}

std::expected<void, SendError> ChannelSet::send(ChannelId id, MessageKind kind, core::Bytes payload,
                                                core::Time now) {
  const auto at = channels_.find(id);
  if (at == channels_.end()) return std::unexpected(SendError::not_open);
  Record& record = at->second;
  Channel& channel = record.channel;
  if (channel.state != ChannelState::open) return std::unexpected(SendError::not_open);
  // RFC 8841 6.1: 0 means any size.
  if (remote_.max_message_size != 0 && payload.size() > remote_.max_message_size) {
    return std::unexpected(SendError::too_large);
  }
  now_ = now;
  const Order order = record.acknowledged ? channel.options.order : Order::ordered;
  const Association::Sending how{StreamId{*channel.stream}, protocol_of(kind, payload.empty()),
                                 order, channel.options.reliability};
  const auto sent = association_.send(how, payload.empty() ? core::Bytes{stand_in} : payload, now);
  if (!sent) return sent;
  ++channel.messages_sent;
  channel.bytes_sent += payload.size();
  settle(now);
  return {};
}

void ChannelSet::close(ChannelId id, core::Time now) {
  const auto at = channels_.find(id);
  if (at == channels_.end()) return;
  now_ = now;
  if (at->second.channel.state == ChannelState::connecting) {
    finish(at, CloseReason::local);
  } else if (at->second.channel.state == ChannelState::open) {
    begin_close(at, CloseReason::local, now);
    settle(now);
  }
}

const Channel* ChannelSet::find(ChannelId id) const {
  const auto at = channels_.find(id);
  return at == channels_.end() ? nullptr : &at->second.channel;
}

std::size_t ChannelSet::buffered_amount(ChannelId id) const {
  const Channel* channel = find(id);
  if (channel == nullptr || !channel->stream) return 0;
  return association_.buffered_amount(StreamId{*channel->stream});
}

void ChannelSet::set_low_threshold(ChannelId id, std::size_t bytes) {
  const auto at = channels_.find(id);
  if (at == channels_.end()) return;
  at->second.low_threshold = bytes;
  const auto stream = at->second.channel.stream;
  if (stream) association_.set_low_threshold(StreamId{*stream}, bytes);
}

void ChannelSet::set_role(Role role, core::Time now) {
  if (role_) return;
  role_ = role;
  now_ = now;
  for (auto at = channels_.begin(); at != channels_.end();) {
    const auto current = at++;
    if (current->second.channel.stream) continue;
    if (const auto stream = free_stream()) {
      assign(current, *stream);
    } else {
      finish(current, CloseReason::no_free_id);
    }
  }
}

void ChannelSet::set_remote(DataChannels::Remote remote) {
  const bool other_port = remote.port != remote_.port;
  remote_ = remote;
  // The port shows only in packets, and there are none before connect().
  if (!other_port || connecting_) return;
  association_ = make_association();
  for (auto at = channels_.begin(); at != channels_.end(); ++at) {
    if (at->second.channel.stream) assign(at, *at->second.channel.stream);
  }
}

std::expected<void, SetupError> ChannelSet::connect(core::Time now) {
  if (over_) return {};
  now_ = now;
  const auto connected = association_.connect(now);
  connecting_ = connecting_ || connected;
  return connected;
}

void ChannelSet::close(core::Time now) {
  if (over_) return;
  now_ = now;
  association_.abort(now);
  finish_all(CloseReason::local);
}

void ChannelSet::read(Association::Reading reading, core::Time now) {
  now_ = now;
  association_.read(reading, now);
  settle(now);
}

void ChannelSet::handle_datagram(core::Bytes packet, core::Time now) {
  now_ = now;
  association_.handle_datagram(packet, now);
  settle(now);
}

void ChannelSet::handle_timeout(core::Time now) {
  now_ = now;
  association_.handle_timeout(now);
  settle(now);
}

std::optional<DataChannels::Event> ChannelSet::poll_event() {
  if (events_.empty()) return std::nullopt;
  DataChannels::Event event = std::move(events_.front());
  events_.pop_front();
  if (const auto* message = std::get_if<DataChannels::Message>(&event)) {
    cost_ -= cost_of(message->payload);
  }
  return event;
}

std::optional<core::Time> ChannelSet::next_timeout() const {
  if (waiting_ && !full()) return now_;
  return association_.next_timeout();
}

}  // namespace lucid::sctp::detail
