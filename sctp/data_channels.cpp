#include "sctp/data_channels.hpp"

#include "sctp/detail/channel_set.hpp"

namespace lucid::sctp {

DataChannels::DataChannels(Config config, core::Context context)
    : set_{std::make_unique<detail::ChannelSet>(config, context)} {}
DataChannels::DataChannels(DataChannels&&) noexcept = default;
DataChannels& DataChannels::operator=(DataChannels&&) noexcept = default;
DataChannels::~DataChannels() = default;

std::expected<ChannelId, OpenError> DataChannels::open(ChannelOptions options, core::Time now) {
  return set_->open(std::move(options), now);
}
std::expected<void, SendError> DataChannels::send(ChannelId channel, MessageKind kind,
                                                  core::Bytes payload, core::Time now) {
  return set_->send(channel, kind, payload, now);
}
void DataChannels::close(ChannelId channel, core::Time now) { set_->close(channel, now); }
const Channel* DataChannels::find(ChannelId channel) const { return set_->find(channel); }
std::size_t DataChannels::buffered_amount(ChannelId channel) const {
  return set_->buffered_amount(channel);
}
void DataChannels::set_low_threshold(ChannelId channel, std::size_t bytes) {
  set_->set_low_threshold(channel, bytes);
}

void DataChannels::set_role(Role role, core::Time now) { set_->set_role(role, now); }
void DataChannels::set_remote(Remote remote) { set_->set_remote(remote); }
std::expected<void, SetupError> DataChannels::connect(core::Time now) { return set_->connect(now); }
void DataChannels::close(core::Time now) { set_->close(now); }
void DataChannels::read(Association::Reading reading, core::Time now) { set_->read(reading, now); }

void DataChannels::handle_datagram(core::Bytes packet, core::Time now) {
  set_->handle_datagram(packet, now);
}
void DataChannels::handle_timeout(core::Time now) { set_->handle_timeout(now); }
std::optional<core::Buffer> DataChannels::poll_transmit() { return set_->poll_transmit(); }
std::optional<DataChannels::Event> DataChannels::poll_event() { return set_->poll_event(); }
std::optional<core::Time> DataChannels::next_timeout() const { return set_->next_timeout(); }

const DataChannels::Stats& DataChannels::stats() const { return set_->stats(); }
const Association& DataChannels::association() const { return set_->association(); }

}  // namespace lucid::sctp
