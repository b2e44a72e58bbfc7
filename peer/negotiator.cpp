#include "peer/negotiator.hpp"

#include "peer/peer_connection.hpp"

namespace lucid::peer {

Result<std::optional<SessionDescription>> Negotiator::on_event(const Event& event, core::Time now) {
  if (!std::holds_alternative<events::NegotiationNeeded>(event)) return std::nullopt;
  // The event may have waited while something else was negotiated.
  if (connection_.signaling_state() != SignalingState::stable) return std::nullopt;
  if (auto set = connection_.set_local_description(now); !set) return std::unexpected(set.error());
  return connection_.local_description();
}

Result<std::optional<SessionDescription>> Negotiator::on_description(
    const SessionDescription& description, core::Time now) {
  const bool offer = description.type == SdpType::offer;
  const bool collision = offer && connection_.signaling_state() != SignalingState::stable;
  ignoring_offer_ = collision && politeness_ == Politeness::impolite;
  if (ignoring_offer_) return std::nullopt;
  // Where offers have crossed, this takes our own back first.
  if (auto set = connection_.set_remote_description(description, now); !set) {
    return std::unexpected(set.error());
  }
  if (!offer) return std::nullopt;
  if (auto set = connection_.set_local_description(now); !set) return std::unexpected(set.error());
  return connection_.local_description();
}

Result<void> Negotiator::on_candidate(const std::optional<IceCandidate>& candidate,
                                      core::Time now) {
  auto added = connection_.add_ice_candidate(candidate, now);
  if (!added && ignoring_offer_) return {};
  return added;
}

}  // namespace lucid::peer
