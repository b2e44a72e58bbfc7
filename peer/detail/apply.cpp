#include "peer/detail/apply.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "sdp/negotiate.hpp"
#include "sdp/rtp.hpp"

namespace lucid::peer::detail {
namespace {

bool receives(std::optional<Direction> direction) {
  return direction == Direction::sendrecv || direction == Direction::recvonly;
}

std::optional<Direction> w3c_direction(sdp::Direction direction) {
  return static_cast<Direction>(direction);
}

class Changes {
 public:
  // W3C 5.? "process the removal of a remote track": it falls silent, then leaves its streams.
  void remove_track(TransceiverState& transceiver) {
    if (!transceiver.receiver.muted) {
      transceiver.receiver.muted = true;
      muted_.push_back(TrackMuted{transceiver.id});
    }
    set_streams(transceiver, {});
  }
  // True when the track has come to a stream that it was not part of.
  bool set_streams(TransceiverState& transceiver, std::vector<std::string> streams) {
    auto& current = transceiver.receiver.streams;
    const std::unordered_set<std::string_view> before{current.begin(), current.end()};
    const std::unordered_set<std::string_view> after{streams.begin(), streams.end()};
    for (const std::string& stream : current) {
      if (!after.contains(stream)) left_.push_back(StreamLeft{transceiver.id, stream});
    }
    const bool joined = std::ranges::any_of(
        streams, [&](const std::string& stream) { return !before.contains(stream); });
    current = std::move(streams);
    return joined;
  }
  void add_track(const TransceiverState& transceiver) {
    added_.push_back(TrackAdded{transceiver.id});
  }
  void stop(TransceiverState& transceiver) {
    if (transceiver.stopped) return;
    const bool told = std::exchange(transceiver.stopping, true);
    transceiver.stopped = true;
    transceiver.direction = Direction::stopped;
    transceiver.current_direction = Direction::stopped;
    if (!told) ended_.push_back(TrackEnded{transceiver.id});
  }
  std::vector<TrackChange> in_order() {
    std::vector<TrackChange> all = std::move(muted_);
    for (auto* list : {&left_, &added_, &ended_}) {
      all.insert(all.end(), std::make_move_iterator(list->begin()),
                 std::make_move_iterator(list->end()));
    }
    return all;
  }

 private:
  std::vector<TrackChange> muted_;
  std::vector<TrackChange> left_;
  std::vector<TrackChange> added_;
  std::vector<TrackChange> ended_;
};

std::vector<std::string> streams_of(const sdp::MediaSection& section) {
  std::vector<std::string> streams;
  std::unordered_set<std::string> known{"-"};
  for (const sdp::Msid& msid : section.all<sdp::Msid>()) {
    if (known.insert(msid.stream).second) streams.push_back(msid.stream);
  }
  return streams;
}

// Leaving `stable`: this is what a rollback goes back to.
void remember_stable(Model& model) {
  for (TransceiverState& each : model.transceivers) {
    each.stable = {each.mid,
                   each.fired_direction,
                   each.receiver.streams,
                   each.sender.encodings,
                   each.sender.sources,
                   true};
  }
}

// RFC 9429 5.10: a section that the peer has added goes to a transceiver that add_track made and
// that waits for one, otherwise to a new one.
TransceiverState& associate(Model& model, const sdp::MediaSection& section, sdp::Direction remote,
                            core::Random& random) {
  const auto waiting = std::ranges::find_if(model.transceivers, [&](const auto& each) {
    return each.added_by_track && !each.mid && !each.gone() && each.kind == section.kind();
  });
  if (sdp::receives(remote) && waiting != model.transceivers.end()) {
    waiting->mid = section.mid();
    return *waiting;
  }
  TransceiverState fresh = new_transceiver(model, *section.kind(), random);
  fresh.mid = section.mid();
  fresh.direction = Direction::recvonly;
  fresh.stable.existed = false;
  return model.transceivers.emplace_back(std::move(fresh));
}

// An offer takes the place of one that was not answered yet; what that one alone had is gone.
void forget_replaced(Model& model, const sdp::Session& offer, Changes& changes) {
  for (TransceiverState& each : model.transceivers) {
    if (!each.mid || each.mid == each.stable.mid) continue;
    const sdp::MediaSection* section = offer.find_mid(*each.mid);
    if (section != nullptr && section->kind() == each.kind) continue;
    changes.remove_track(each);
    each.mid = each.stable.mid;
    each.fired_direction = each.stable.fired_direction;
    if (!each.stable.existed) changes.stop(each);
  }
  std::erase_if(model.transceivers,
                [](const auto& each) { return !each.stable.existed && each.stopped; });
}

// RFC 8853 5.3.2: in answer to a peer that wants to receive simulcast, a sender gets its encodings:
// as many as there is a use for, of those that a=rid describes.
void take_simulcast(TransceiverState& transceiver, const sdp::MediaSection& section,
                    core::Random& random) {
  const auto simulcast = section.find<sdp::Simulcast>();
  auto& sender = transceiver.sender;
  if (!simulcast || simulcast->recv.empty() || sender.encodings.size() > 1) return;
  std::unordered_set<std::string> described;
  for (sdp::Rid& rid : section.all<sdp::Rid>()) {
    if (rid.direction == sdp::RidDirection::recv) described.insert(std::move(rid.id));
  }
  std::vector<RtpEncoding> encodings;
  for (const auto& stream : simulcast->recv) {
    if (encodings.size() == most_encodings || !described.contains(stream.front().rid)) continue;
    RtpEncoding encoding;
    encoding.rid = stream.front().rid;
    encoding.active = !stream.front().paused;
    encodings.push_back(std::move(encoding));
  }
  if (encodings.empty()) return;
  sender.encodings = std::move(encodings);
  sender.sources.clear();
  while (sender.sources.size() < sender.encodings.size()) {
    sender.sources.push_back(new_source(random));
  }
}

// RFC 8853 5.3.3: an answer keeps those encodings that it lists; none listed leaves the first
// alone.
void keep_answered_encodings(TransceiverState& transceiver, const sdp::MediaSection& section) {
  auto& sender = transceiver.sender;
  if (sender.encodings.size() < 2) return;
  const auto simulcast = section.find<sdp::Simulcast>();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < sender.encodings.size(); ++i) {
    const bool wanted =
        simulcast ? std::ranges::any_of(simulcast->recv,
                                        [&](const auto& stream) {
                                          return stream.front().rid == sender.encodings[i].rid;
                                        })
                  : i == 0;
    if (!wanted) continue;
    sender.encodings[kept] = sender.encodings[i];
    sender.sources[kept++] = sender.sources[i];
  }
  if (kept == 0) kept = 1;
  sender.encodings.resize(kept);
  sender.sources.resize(kept);
}

void apply_local_section(TransceiverState& transceiver, const sdp::MediaSection& section,
                         SdpType type, sdp::Direction local, Changes& changes) {
  transceiver.mid = section.mid();
  if (section.is_rejected()) {
    if (type == SdpType::answer || transceiver.stopping) changes.stop(transceiver);
    return;
  }
  if (type == SdpType::offer) return;
  if (!sdp::receives(local) && receives(transceiver.fired_direction)) {
    changes.remove_track(transceiver);
  }
  transceiver.current_direction = w3c_direction(local);
  transceiver.fired_direction = transceiver.current_direction;
}

void apply_remote_section(TransceiverState& transceiver, const sdp::MediaSection& section,
                          SdpType type, sdp::Direction remote, Changes& changes) {
  if (section.is_rejected()) {
    if (receives(transceiver.fired_direction)) changes.remove_track(transceiver);
    if (type != SdpType::pranswer) changes.stop(transceiver);
    return;
  }
  const auto direction = w3c_direction(sdp::reverse(remote));
  const bool receiving = receives(direction);
  const bool joined = receiving && changes.set_streams(transceiver, streams_of(section));
  if (receiving && (!receives(transceiver.fired_direction) || joined)) {
    changes.add_track(transceiver);
  }
  if (!receiving && receives(transceiver.fired_direction)) changes.remove_track(transceiver);
  transceiver.fired_direction = direction;
  if (type == SdpType::offer) return;
  transceiver.current_direction = direction;
  keep_answered_encodings(transceiver, section);
}

void store(Model& model, Side side, Description description) {
  auto& current = side == Side::local ? model.current_local : model.current_remote;
  auto& pending = side == Side::local ? model.pending_local : model.pending_remote;
  auto& other = side == Side::local ? model.current_remote : model.current_local;
  auto& other_pending = side == Side::local ? model.pending_remote : model.pending_local;
  if (description.type != SdpType::answer) {
    pending = std::move(description);
    return;
  }
  current = std::move(description);
  pending.reset();
  other = std::exchange(other_pending, std::nullopt);
  model.last_offer = {};
  model.last_answer = {};
}

// RFC 8285 5: an id keeps its meaning, also after the section is gone that it was given in; Firefox
// refuses an offer where it does not.
void remember_extensions(Model& model, const sdp::Session& session) {
  for (const sdp::MediaSection& section : session.media) {
    for (sdp::Extmap& extmap : section.all<sdp::Extmap>()) {
      if (std::ranges::find(model.extensions, extmap.uri, &sdp::Extmap::uri) ==
          model.extensions.end())
        model.extensions.push_back(std::move(extmap));
    }
  }
}

}  // namespace

std::vector<TrackChange> apply_description(Model& model, Side side, Description description,
                                           core::Random& random) {
  const SdpType type = description.type;
  const sdp::Session& session = description.session;
  if (model.signaling == SignalingState::stable) remember_stable(model);
  Changes changes;
  if (side == Side::remote && type == SdpType::offer && model.pending_remote) {
    forget_replaced(model, session, changes);
  }
  const auto& created = type == SdpType::offer ? model.last_offer : model.last_answer;
  for (std::size_t i = 0; i < session.media.size(); ++i) {
    const sdp::MediaSection& section = session.media[i];
    const sdp::Direction direction = session.direction(section);
    TransceiverState* transceiver = model.find_mid(section.mid());
    if (side == Side::local) {
      if (i < created.transceivers.size() && created.transceivers[i]) {
        transceiver = model.find(*created.transceivers[i]);
      }
      if (transceiver != nullptr) {
        apply_local_section(*transceiver, section, type, direction, changes);
      }
      continue;
    }
    const bool media = section.is_rtp() && section.kind().has_value();
    if (transceiver == nullptr && media && type == SdpType::offer && !section.is_rejected()) {
      transceiver = &associate(model, section, direction, random);
    }
    if (transceiver == nullptr) continue;
    if (type == SdpType::offer && !section.is_rejected()) {
      take_simulcast(*transceiver, section, random);
    }
    apply_remote_section(*transceiver, section, type, direction, changes);
  }
  if (side == Side::local) {
    ++model.origin.session_version;
    remember_extensions(model, session);
  }
  store(model, side, std::move(description));
  model.signaling = *next_state(model.signaling, side, type);
  if (model.signaling == SignalingState::stable) {
    // W3C 4.4.1.5: what was stopped and agreed on is gone from the list.
    std::erase_if(model.transceivers, [](const TransceiverState& each) { return each.stopped; });
  }
  return changes.in_order();
}

std::vector<TrackChange> roll_back(Model& model) {
  Changes changes;
  for (TransceiverState& each : model.transceivers) {
    const bool received = receives(each.fired_direction);
    each.mid = each.stable.mid;
    each.fired_direction = each.stable.fired_direction;
    if (!each.stable.encodings.empty()) {
      each.sender.encodings = each.stable.encodings;
      each.sender.sources = each.stable.sources;
    }
    if (received && !receives(each.fired_direction)) changes.remove_track(each);
    changes.set_streams(each, each.stable.receiver_streams);
    if (!each.stable.existed) changes.stop(each);
  }
  std::erase_if(model.transceivers, [](const auto& each) { return !each.stable.existed; });
  model.pending_local.reset();
  model.pending_remote.reset();
  model.last_offer = {};
  model.last_answer = {};
  model.signaling = SignalingState::stable;
  return changes.in_order();
}

}  // namespace lucid::peer::detail
