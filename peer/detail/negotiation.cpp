#include "core/handle.hpp"
#include "peer/detail/answer.hpp"
#include "peer/detail/connection.hpp"
#include "peer/detail/negotiation_needed.hpp"
#include "peer/detail/offer.hpp"

namespace lucid::peer::detail {

Means Connection::means() {
  return {configuration, context.random, fingerprints, transports.describe(), pooled_credentials()};
}

Result<SessionDescription> Connection::create_offer(const OfferOptions& options) {
  if (closed()) {
    return refuse(ErrorName::invalid_state_error, "The connection is closed; make a new one.");
  }
  if (model.signaling != SignalingState::stable &&
      model.signaling != SignalingState::have_local_offer) {
    return refuse(ErrorName::invalid_state_error,
                  "An offer of the peer waits for its answer; create_answer, or roll back first.");
  }
  Means with = means();
  auto session = make_offer(model, options, with);
  if (!session) return std::unexpected(session.error());
  return SessionDescription{SdpType::offer, model.last_offer.sdp};
}

Result<SessionDescription> Connection::create_answer() {
  if (closed()) {
    return refuse(ErrorName::invalid_state_error, "The connection is closed; make a new one.");
  }
  if (model.signaling != SignalingState::have_remote_offer &&
      model.signaling != SignalingState::have_local_pranswer) {
    return refuse(ErrorName::invalid_state_error,
                  "There is no offer to answer; set_remote_description first.");
  }
  Means with = means();
  auto session = make_answer(model, with);
  if (!session) return std::unexpected(session.error());
  return SessionDescription{SdpType::answer, model.last_answer.sdp};
}

Result<void> Connection::set_description(Side side, const SessionDescription& description,
                                         core::Time now) {
  const SdpType type = description.type;
  if (auto allowed = next_state(model.signaling, side, type); !allowed) {
    return std::unexpected(allowed.error());
  }
  Model next = model;
  if (type == SdpType::rollback) {
    const auto changes = roll_back(next);
    carry_rollback(now);
    commit(std::move(next), changes, now);
    took_back = true;
    pump(now);
    return {};
  }
  std::vector<TrackChange> changes;
  // W3C 4.4.1.5: offers that crossed; ours is taken back for the peer's.
  const bool glare = side == Side::remote && model.signaling == SignalingState::have_local_offer &&
                     type == SdpType::offer;
  if (glare) changes = roll_back(next);
  auto read = read_description(next, side, type, description.sdp);
  if (!read) return std::unexpected(read.error());
  if (side == Side::remote) {
    if (auto same = check_associations(read->session); !same) return same;
  }
  if (glare) carry_rollback(now);
  const auto more = apply_description(next, side, std::move(*read), context.random);
  changes.insert(changes.end(), more.begin(), more.end());
  commit(std::move(next), changes, now);
  took_back = false;

  const bool answered = type == SdpType::answer || type == SdpType::pranswer;
  if (side == Side::local) {
    carry_local(model.local()->session, answered ? ice::Role::controlled : ice::Role::controlling,
                now);
  }
  if (answered) {
    const sdp::Session& answer =
        side == Side::local ? model.local()->session : model.remote()->session;
    if (type == SdpType::answer) join_bundles(answer);
    carry_remote(model.remote()->session, answer, side, now);
    if (type == SdpType::answer) transports.remove_unused(now);
    start_data(model.local()->session, model.remote()->session, now);
    plan_media_everywhere(now);
  }
  if (side == Side::remote) take_early_candidates(now);
  pump(now);
  return {};
}

void Connection::take_early_candidates(core::Time now) {
  for (const auto& candidate : std::exchange(early_candidates, {})) {
    // What does not fit this description either is nothing that anyone could be told of.
    if (!add_candidate(candidate, now)) tracer.event(now, "early_candidate_dropped");
  }
}

void Connection::commit(Model next, const std::vector<TrackChange>& changes, core::Time now) {
  const SignalingState before = model.signaling;
  model = std::move(next);
  if (model.signaling != before) {
    tracer.state(now, "signaling", to_string(before), to_string(model.signaling),
                 "a description was set");
    events.push_back(events::SignalingStateChange{model.signaling});
  }
  for (const TrackChange& change : changes) tell(change);
  // W3C 4.7.2: looked at anew whenever the state is stable; not before.
  std::erase_if(events, [](const Event& event) {
    return std::holds_alternative<events::NegotiationNeeded>(event);
  });
  if (model.signaling == SignalingState::stable) {
    model.negotiation_needed = false;
    if (model.current_local) {
      const auto unused = [&](const std::string& ufrag) {
        for (const sdp::MediaSection& section : model.current_local->session.media) {
          const auto now_used = model.current_local->session.effective<sdp::IceUfrag>(section);
          if (now_used && now_used->text == ufrag) return false;
        }
        return true;
      };
      std::erase_if(model.ufrags_to_replace, unused);
      std::erase_if(model.outdated_ufrags, unused);
    }
    update_negotiation_needed();
  }
}

void Connection::update_negotiation_needed() {
  if (model.signaling != SignalingState::stable) return;
  const bool needed = negotiation_needed(model);
  if (needed && !model.negotiation_needed) events.push_back(events::NegotiationNeeded{});
  if (!needed && model.negotiation_needed) {
    std::erase_if(events, [](const Event& event) {
      return std::holds_alternative<events::NegotiationNeeded>(event);
    });
  }
  model.negotiation_needed = needed;
}

void Connection::tell(const TrackChange& change) {
  std::visit(core::Overloaded{
                 [&](const TrackMuted& each) { events.push_back(events::Mute{handle(each.id)}); },
                 [&](const StreamLeft& each) {
                   events.push_back(events::RemoveTrack{handle(each.id), each.stream});
                 },
                 [&](const TrackAdded& each) {
                   const TransceiverState* transceiver = model.find(each.id);
                   if (transceiver == nullptr) return;
                   events.push_back(events::Track{handle(each.id), transceiver->receiver.track,
                                                  transceiver->receiver.streams});
                 },
                 [&](const TrackEnded& each) { events.push_back(events::Ended{handle(each.id)}); },
             },
             change);
}

}  // namespace lucid::peer::detail
