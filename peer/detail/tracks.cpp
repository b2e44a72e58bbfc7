#include <algorithm>

#include "peer/detail/codecs.hpp"
#include "peer/detail/connection.hpp"
#include "peer/detail/encodings.hpp"

// Tracks and transceivers as the application adds and takes them (W3C webrtc-pc 5.1).
namespace lucid::peer::detail {
namespace {

auto closed_connection() {
  return refuse(ErrorName::invalid_state_error, "The connection is closed; make a new one.");
}

Direction with_sending(Direction direction) {
  return direction == Direction::recvonly || direction == Direction::sendrecv ? Direction::sendrecv
                                                                              : Direction::sendonly;
}
Direction without_sending(Direction direction) {
  if (direction == Direction::sendrecv) return Direction::recvonly;
  return direction == Direction::sendonly ? Direction::inactive : direction;
}

}  // namespace

Result<Transceiver> Connection::add_transceiver(core::MediaKind kind,
                                                std::optional<MediaStreamTrack> track,
                                                TransceiverInit init) {
  if (closed()) return closed_connection();
  if (init.direction == Direction::stopped) {
    return refuse(ErrorName::type_error, "A transceiver cannot begin as stopped.");
  }
  auto encodings = check_encodings(std::move(init.send_encodings), kind, configuration.codecs);
  if (!encodings) return std::unexpected(encodings.error());
  TransceiverState made = new_transceiver(model, kind, context.random);
  made.direction = init.direction;
  made.sender.streams = std::move(init.streams);
  made.sender.encodings = std::move(*encodings);
  while (made.sender.sources.size() < made.sender.encodings.size()) {
    made.sender.sources.push_back(new_source(context.random));
  }
  if (track) {
    made.sender.track_id = track->id;
    made.sender.track = std::move(track);
  }
  const TransceiverId id = made.id;
  model.transceivers.push_back(std::move(made));
  update_negotiation_needed();
  return handle(id);
}

Result<Transceiver> Connection::add_track(MediaStreamTrack track,
                                          std::vector<std::string> streams) {
  if (closed()) return closed_connection();
  for (const TransceiverState& each : model.transceivers) {
    if (!each.gone() && each.sender.track == track) {
      return refuse(ErrorName::invalid_access_error,
                    "The track " + track.id + " is being sent already; use its sender.");
    }
  }
  // W3C: a sender that has never sent, of the same kind, is taken before a new one is made.
  for (TransceiverState& each : model.transceivers) {
    if (each.gone() || each.kind != track.kind || each.sender.track || each.ever_sent) continue;
    each.sender.track_id = track.id;
    each.sender.track = std::move(track);
    each.sender.streams = std::move(streams);
    each.direction = with_sending(each.direction);
    each.added_by_track = true;
    each.stable.existed = true;
    update_negotiation_needed();
    return handle(each.id);
  }
  const core::MediaKind kind = track.kind;
  TransceiverInit init;
  init.streams = std::move(streams);
  auto made = add_transceiver(kind, std::move(track), std::move(init));
  if (made) model.find(made->id())->added_by_track = true;
  return made;
}

Result<void> Connection::remove_track(TransceiverId id) {
  if (closed()) return closed_connection();
  TransceiverState* transceiver = model.find(id);
  if (transceiver == nullptr || transceiver->gone()) return {};
  if (!transceiver->sender.track) return {};
  transceiver->sender.track.reset();
  transceiver->direction = without_sending(transceiver->direction);
  update_negotiation_needed();
  return {};
}

Result<void> Connection::stop_transceiver(TransceiverId id, core::Time now) {
  if (closed()) return closed_connection();
  TransceiverState* transceiver = model.find(id);
  if (transceiver == nullptr || transceiver->gone()) return {};
  transceiver->stopping = true;
  transceiver->direction = Direction::stopped;
  tracer.event(now, "transceiver_stopped", {{"id", std::uint64_t{static_cast<std::uint32_t>(id)}}});
  events.push_back(events::Ended{handle(id)});
  if (!transceiver->mid && model.signaling == SignalingState::stable) {
    // Never negotiated: there is nothing to tell the peer.
    std::erase_if(model.transceivers, [id](const auto& each) { return each.id == id; });
  }
  plan_media_everywhere(now);
  update_negotiation_needed();
  return {};
}

Result<void> Connection::set_direction(TransceiverId id, Direction direction) {
  TransceiverState* transceiver = model.find(id);
  if (closed() || transceiver == nullptr || transceiver->gone()) {
    return refuse(ErrorName::invalid_state_error, "The transceiver is stopped; add another one.");
  }
  if (direction == Direction::stopped) {
    return refuse(ErrorName::type_error, "Call stop() to stop a transceiver.");
  }
  if (direction == transceiver->direction) return {};
  transceiver->direction = direction;
  update_negotiation_needed();
  return {};
}

Result<void> Connection::replace_track(TransceiverId id, std::optional<MediaStreamTrack> track) {
  TransceiverState* transceiver = model.find(id);
  if (closed() || transceiver == nullptr || transceiver->gone()) {
    return refuse(ErrorName::invalid_state_error, "The sender is stopped; add another track.");
  }
  if (track && track->kind != transceiver->kind) {
    return refuse(ErrorName::type_error,
                  "The track is of the other kind; add a transceiver for it.");
  }
  transceiver->sender.track = std::move(track);
  return {};
}

Result<void> Connection::set_parameters(TransceiverId id, const RtpSendParameters& parameters) {
  TransceiverState* transceiver = model.find(id);
  if (closed() || transceiver == nullptr || transceiver->gone()) {
    return refuse(ErrorName::invalid_state_error, "The sender is stopped.");
  }
  auto& sender = transceiver->sender;
  if (!sender.transaction) {
    return refuse(ErrorName::invalid_state_error, "Call get_parameters before set_parameters.");
  }
  if (*sender.transaction != parameters.transaction_id) {
    return refuse(ErrorName::invalid_modification_error,
                  "The parameters are not those that get_parameters gave last.");
  }
  if (auto fine =
          check_parameters(parameters, sender.encodings, transceiver->kind, configuration.codecs);
      !fine) {
    return fine;
  }
  sender.transaction.reset();
  sender.encodings = parameters.encodings;
  apply_encodings(*transceiver);
  return {};
}

void Connection::mark_senders() {
  for (TransceiverState& each : model.transceivers) {
    if (each.current_direction && sends(*each.current_direction)) each.ever_sent = true;
  }
}

}  // namespace lucid::peer::detail
