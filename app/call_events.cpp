#include "app/call.hpp"
#include "app/codecs.hpp"

namespace lucid::app {

namespace {

namespace events = peer::events;

json state_event(const char* machine, std::string_view state) {
  return {{"event", "state"}, {"machine", machine}, {"state", state}};
}

}  // namespace

void Call::handle(peer::Event event) {
  if (final_) return;
  auto offer = negotiator_.on_event(event, now());
  if (!offer) handlers_.tell({{"event", "error"}, {"message", offer.error().text()}});
  if (offer && *offer) describe(**offer);
  std::visit(
      core::Overloaded{
          [&](events::IceCandidate& it) {
            json told{{"event", "ice_candidate"}, {"direction", "local"}};
            told["candidate"] = it.candidate ? to_json(*it.candidate) : json{};
            handlers_.tell(std::move(told));
            if (it.candidate && !it.candidate->candidate.empty()) {
              candidates_.push_back(*it.candidate);
            }
            if (config_.trickle == Trickle::yes) handlers_.trickle(it.candidate);
          },
          [&](events::IceCandidateError& it) {
            handlers_.tell({{"event", "error"},
                            {"message", it.url + ": " + it.error_text + " (" +
                                            std::to_string(it.error_code) + ")"}});
          },
          [&](events::TransportError& it) {
            handlers_.tell({{"event", "error"}, {"message", it.error.text()}});
          },
          [&](events::SignalingStateChange& it) {
            handlers_.tell(state_event("signaling", to_string(it.state)));
            if (it.state == peer::SignalingState::stable) agreed();
          },
          [&](events::IceGatheringStateChange& it) {
            handlers_.tell(state_event("gathering", to_string(it.state)));
            if (it.state == peer::IceGatheringState::complete && std::exchange(held_back_, false)) {
              handlers_.describe(*pc_.local_description());
            }
          },
          [&](events::IceConnectionStateChange& it) {
            handlers_.tell(state_event("ice", to_string(it.state)));
            const bool works = it.state == peer::IceConnectionState::connected ||
                               it.state == peer::IceConnectionState::completed;
            if (works && !phases_.ice) phases_.ice = now();
          },
          [&](events::ConnectionStateChange& it) {
            handlers_.tell(state_event("connection", to_string(it.state)));
            changed(it.state);
            handlers_.state(it.state);
          },
          [&](events::Track& it) {
            handlers_.tell({{"event", "track"},
                            {"state", "added"},
                            {"kind", name_of(it.track.kind)},
                            {"id", it.track.id},
                            {"streams", it.streams}});
          },
          [&](events::Mute& it) {
            handlers_.tell(
                {{"event", "track"}, {"state", "muted"}, {"kind", name_of(it.transceiver.kind())}});
          },
          [&](events::Unmute& it) {
            handlers_.tell({{"event", "track"},
                            {"state", "unmuted"},
                            {"kind", name_of(it.transceiver.kind())}});
          },
          [&](events::Ended& it) {
            handlers_.tell(
                {{"event", "track"}, {"state", "ended"}, {"kind", name_of(it.transceiver.kind())}});
          },
          [&](events::KeyFrameRequested& it) {
            if (const auto sent = sent_.find(it.transceiver.id()); sent != sent_.end()) {
              feeds_.request_key_frame(sent->second.feed);
            }
          },
          [&](events::EncodingTargets& it) { limit(it.transceiver.sender()); },
          [&](events::Frame& it) { sinks_.push(std::move(it.frame)); },
          [&](events::DataChannelAnnounced& it) { channels_.announced(it.channel); },
          [&](events::ChannelOpen& it) { channels_.opened(it.channel, now()); },
          [&](events::ChannelMessage& it) { channels_.message(it.channel, it.message, now()); },
          [&](events::ChannelBufferedAmountLow& it) { channels_.drained(it.channel, now()); },
          [&](events::ChannelClosed& it) { channels_.closed(it.channel); },
          [](auto&) {}},
      event);
}

}  // namespace lucid::app
