#include "peer/data_channel.hpp"

#include "peer/detail/connection.hpp"

namespace lucid::peer {
namespace detail {
namespace {

constexpr std::size_t most_paused_bytes = 1 << 20;

// An empty message takes up room, too.
std::size_t cost_of(const events::ChannelMessage& event) {
  return event.message.data.size() + sizeof(Event);
}

ErrorName name_of(sctp::OpenError error) {
  switch (error) {
    case sctp::OpenError::label_too_long:
    case sctp::OpenError::protocol_too_long:
      return ErrorName::type_error;
    case sctp::OpenError::closed:
      return ErrorName::invalid_state_error;
    case sctp::OpenError::id_in_use:
    case sctp::OpenError::id_out_of_range:
    case sctp::OpenError::no_free_id:
      return ErrorName::operation_error;
  }
  return ErrorName::operation_error;
}

Error error_of(sctp::SendError error) {
  switch (error) {
    case sctp::SendError::not_open:
    case sctp::SendError::no_stream:
      return {.name = ErrorName::invalid_state_error,
              .message = "The channel is not open; wait for ChannelOpen."};
    case sctp::SendError::too_large:
      return {.name = ErrorName::type_error,
              .message =
                  "The message is larger than the peer takes (its a=max-message-size); send it in "
                  "pieces."};
    case sctp::SendError::queue_full:
      return {.name = ErrorName::operation_error,
              .message = "Too much waits to be sent; go on after ChannelBufferedAmountLow."};
  }
  return {};
}

}  // namespace

sctp::DataChannels& Connection::open_data() {
  if (!channels) {
    sctp::DataChannels::Config config;
    config.max_message_size = configuration.max_message_size;
    channels.emplace(config, context);
  }
  return *channels;
}

void Connection::connect_data(core::Time now) {
  if (const auto connected = channels->connect(now); !connected) {
    tracer.failure(now, "sctp", to_string(connected.error()),
                   "Keep all connections of a process on one thread.");
  }
}

// W3C webrtc-pc 6.1 createDataChannel.
Result<DataChannel> Connection::create_channel(std::string label, const DataChannelInit& init,
                                               core::Time now) {
  if (closed()) {
    return refuse(ErrorName::invalid_state_error, "The connection is closed; make a new one.");
  }
  if (init.max_packet_life_time && init.max_retransmits) {
    return refuse(ErrorName::type_error,
                  "max_packet_life_time and max_retransmits exclude each other; set one.");
  }
  if (init.negotiated && !init.id) {
    return refuse(ErrorName::type_error,
                  "A negotiated channel needs an id, the same on both sides.");
  }
  sctp::ChannelOptions options;
  options.label = std::move(label);
  options.protocol = init.protocol;
  options.order = init.ordered ? sctp::Order::ordered : sctp::Order::unordered;
  if (init.max_packet_life_time)
    options.reliability = sctp::MaxLifetime{*init.max_packet_life_time};
  if (init.max_retransmits) options.reliability = sctp::MaxRetransmits{*init.max_retransmits};
  if (init.negotiated) options.negotiated = init.id;
  const auto opened = open_data().open(std::move(options), now);
  if (!opened) {
    return refuse(name_of(opened.error()),
                  "The channel cannot be created: " + std::string{to_string(opened.error())} + ".");
  }
  channel_keys.insert(static_cast<std::uint32_t>(*opened));
  model.data_wanted = true;
  update_negotiation_needed();
  pump(now);
  return handle(*opened);
}

Result<void> Connection::send(std::uint32_t channel, sctp::MessageKind kind, core::Bytes payload,
                              core::Time now) {
  if (!channels) return std::unexpected(error_of(sctp::SendError::not_open));
  const auto sent = channels->send(sctp::ChannelId{channel}, kind, payload, now);
  if (!sent) return std::unexpected(error_of(sent.error()));
  pump(now);
  return {};
}

void Connection::pause(std::uint32_t channel) {
  if (channel_keys.contains(channel)) paused_channels.try_emplace(channel);
}

void Connection::resume(std::uint32_t channel, core::Time now) {
  auto paused = paused_channels.extract(channel);
  if (paused.empty()) return;
  for (Event& event : paused.mapped().events) {
    if (const auto* message = std::get_if<events::ChannelMessage>(&event)) {
      paused_bytes -= cost_of(*message);
    }
    events.push_back(std::move(event));
  }
  read_or_stop(now);
  pump(now);
}

// RFC 9260 6.2: the window is the association's, so one channel that nobody reads can only be held
// back by stopping all.
void Connection::read_or_stop(core::Time now) {
  if (!channels) return;
  const bool stop = paused_bytes >= most_paused_bytes;
  if (stop == reading_stopped) return;
  reading_stopped = stop;
  channels->read(stop ? sctp::Association::Reading::stopped : sctp::Association::Reading::flowing,
                 now);
}

// In the order of what happens on the channel, however long its reader waits.
void Connection::say_of_channel(std::uint32_t channel, Event event) {
  const auto paused = paused_channels.find(channel);
  if (paused == paused_channels.end()) {
    events.push_back(std::move(event));
    return;
  }
  if (const auto* message = std::get_if<events::ChannelMessage>(&event)) {
    paused_bytes += cost_of(*message);
  }
  paused->second.events.push_back(std::move(event));
}

}  // namespace detail

std::string_view to_string(DataChannelState state) {
  switch (state) {
    case DataChannelState::connecting:
      return "connecting";
    case DataChannelState::open:
      return "open";
    case DataChannelState::closing:
      return "closing";
    case DataChannelState::closed:
      return "closed";
  }
  return "unknown";
}

const sctp::Channel* DataChannel::find() const {
  if (owner_ == nullptr || !owner_->channels) return nullptr;
  return owner_->channels->find(sctp::ChannelId{key_});
}

Result<void> DataChannel::send(std::string_view text, core::Time now) {
  if (owner_ == nullptr) return refuse(ErrorName::invalid_state_error, "The handle is empty.");
  return owner_->send(key_, sctp::MessageKind::string, core::as_bytes(text), now);
}

Result<void> DataChannel::send(core::Bytes binary, core::Time now) {
  if (owner_ == nullptr) return refuse(ErrorName::invalid_state_error, "The handle is empty.");
  return owner_->send(key_, sctp::MessageKind::binary, binary, now);
}

void DataChannel::pause() {
  if (owner_ != nullptr) owner_->pause(key_);
}

void DataChannel::resume(core::Time now) {
  if (owner_ != nullptr) owner_->resume(key_, now);
}

bool DataChannel::paused() const {
  return owner_ != nullptr && owner_->paused_channels.contains(key_);
}

void DataChannel::close(core::Time now) {
  if (find() == nullptr) return;
  owner_->channels->close(sctp::ChannelId{key_}, now);
  owner_->pump(now);
}

DataChannelState DataChannel::ready_state() const {
  const sctp::Channel* channel = find();
  if (channel == nullptr) return DataChannelState::closed;
  switch (channel->state) {
    case sctp::ChannelState::connecting:
      return DataChannelState::connecting;
    case sctp::ChannelState::open:
      return DataChannelState::open;
    case sctp::ChannelState::closing:
      return DataChannelState::closing;
    case sctp::ChannelState::closed:
      return DataChannelState::closed;
  }
  return DataChannelState::closed;
}

std::string DataChannel::label() const {
  const sctp::Channel* channel = find();
  return channel == nullptr ? "" : channel->options.label;
}

std::string DataChannel::protocol() const {
  const sctp::Channel* channel = find();
  return channel == nullptr ? "" : channel->options.protocol;
}

bool DataChannel::ordered() const {
  const sctp::Channel* channel = find();
  return channel == nullptr || channel->options.order == sctp::Order::ordered;
}

std::optional<std::uint16_t> DataChannel::max_packet_life_time() const {
  const sctp::Channel* channel = find();
  if (channel == nullptr) return std::nullopt;
  const auto* limit = std::get_if<sctp::MaxLifetime>(&channel->options.reliability);
  return limit == nullptr ? std::nullopt : std::optional{limit->milliseconds};
}

std::optional<std::uint16_t> DataChannel::max_retransmits() const {
  const sctp::Channel* channel = find();
  if (channel == nullptr) return std::nullopt;
  const auto* limit = std::get_if<sctp::MaxRetransmits>(&channel->options.reliability);
  return limit == nullptr ? std::nullopt : std::optional{limit->count};
}

bool DataChannel::negotiated() const {
  const sctp::Channel* channel = find();
  return channel != nullptr && channel->options.negotiated.has_value();
}

std::optional<std::uint16_t> DataChannel::id() const {
  const sctp::Channel* channel = find();
  return channel == nullptr ? std::nullopt : channel->stream;
}

std::size_t DataChannel::buffered_amount() const {
  return find() == nullptr ? 0 : owner_->channels->buffered_amount(sctp::ChannelId{key_});
}

std::size_t DataChannel::buffered_amount_low_threshold() const {
  if (find() == nullptr) return 0;
  const auto it = owner_->low_thresholds.find(key_);
  return it == owner_->low_thresholds.end() ? 0 : it->second;
}

void DataChannel::set_buffered_amount_low_threshold(std::size_t bytes) {
  if (find() == nullptr) return;
  owner_->low_thresholds[key_] = bytes;
  owner_->channels->set_low_threshold(sctp::ChannelId{key_}, bytes);
}

}  // namespace lucid::peer
