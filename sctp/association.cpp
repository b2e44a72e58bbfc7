#include "sctp/association.hpp"

#include "sctp/detail/association_state.hpp"

namespace lucid::sctp {

Association::Association(Config config, core::Context context)
    : state_{std::make_unique<detail::AssociationState>(config, context)} {}
Association::Association(Association&&) noexcept = default;
Association& Association::operator=(Association&&) noexcept = default;
Association::~Association() = default;

std::expected<void, SetupError> Association::connect(core::Time now) {
  return state_->connect(now);
}
std::expected<void, SendError> Association::send(const Sending& how, core::Bytes payload,
                                                 core::Time now) {
  return state_->send(how, payload, now);
}
void Association::reset(StreamId stream, Unsent unsent, core::Time now) {
  state_->reset(stream, unsent, now);
}
void Association::add_streams(std::uint16_t outgoing, std::uint16_t incoming, core::Time now) {
  state_->add_streams(outgoing, incoming, now);
}
void Association::close(core::Time now) { state_->close(now); }
void Association::abort(core::Time now) { state_->abort(now); }
void Association::read(Reading reading, core::Time now) { state_->read(reading, now); }

std::size_t Association::buffered_amount() const { return state_->backlog().total(); }
std::size_t Association::buffered_amount(StreamId stream) const {
  return state_->backlog().of(stream);
}
void Association::set_low_threshold(StreamId stream, std::size_t bytes) {
  state_->backlog().set_threshold(stream, bytes);
}
void Association::set_weight(StreamId stream, std::uint16_t weight) {
  state_->backlog().set_weight(stream, weight);
}

void Association::handle_datagram(core::Bytes packet, core::Time now) {
  state_->handle_datagram(packet, now);
}
void Association::handle_timeout(core::Time now) { state_->handle_timeout(now); }
std::optional<core::Buffer> Association::poll_transmit() { return state_->poll_transmit(); }
std::optional<Association::Event> Association::poll_event() { return state_->poll_event(); }
std::optional<core::Time> Association::next_timeout() const { return state_->next_timeout(); }

const Association::Stats& Association::stats() const { return state_->stats(); }
Association::Path Association::path() const { return state_->path(); }

}  // namespace lucid::sctp
