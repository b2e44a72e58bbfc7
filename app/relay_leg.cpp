#include "app/relay_leg.hpp"

#include <algorithm>

#include "core/handle.hpp"

namespace lucid::app {

namespace {

namespace events = peer::events;

constexpr core::Duration candidate_patience = std::chrono::seconds{1};

std::unexpected<std::string> sentence(const peer::Error& error) {
  return std::unexpected("The offer cannot be answered: " + error.text());
}

}  // namespace

RelayLeg::RelayLeg(net::Loop& loop, core::trace::Sink* sink, std::uint32_t id, Handlers handlers)
    : loop_{loop}, handlers_{std::move(handlers)}, patience_{loop, [this] { tell_ready(); }} {
  const core::Context context = loop.context(sink, id);
  auto made = peer::PeerConnection::create({.wall_clock = loop.wall_clock()}, context, loop.now());
  core::check(made.has_value());  // an empty configuration is always good
  pc_ = std::make_unique<peer::PeerConnection>(std::move(*made));
  driver_ = std::make_unique<net::Driver<peer::PeerConnection>>(
      loop, *pc_, [this](peer::Event event, core::Time) { handle(std::move(event)); },
      net::EdgeOptions{.tracer = context.tracer("net")});
  driver_->pump();
}

RelayLeg::~RelayLeg() {
  handlers_ = {};
  pc_->close(loop_.now());
  driver_->pump();
}

std::expected<void, std::string> RelayLeg::publish(const std::string& offer) {
  const auto set = pc_->set_remote_description({peer::SdpType::offer, offer}, loop_.now());
  if (!set) return sentence(set.error());
  for (peer::Transceiver each : pc_->get_transceivers()) {
    (void)each.set_direction(peer::Direction::recvonly);
    each.receiver().set_output(peer::ReceiverOutput::packets);
  }
  return reply();
}

std::expected<void, std::string> RelayLeg::view(const std::string& offer,
                                                const std::vector<peer::RtpCodec>& codecs) {
  const auto set = pc_->set_remote_description({peer::SdpType::offer, offer}, loop_.now());
  if (!set) return sentence(set.error());
  for (peer::Transceiver each : pc_->get_transceivers()) {
    (void)each.set_direction(peer::Direction::sendonly);
    const std::string_view kind = each.kind() == core::MediaKind::video ? "video/" : "audio/";
    std::vector<peer::RtpCodec> of_kind;
    std::ranges::copy_if(codecs, std::back_inserter(of_kind),
                         [&](const auto& it) { return it.mime_type.starts_with(kind); });
    if (!of_kind.empty()) (void)each.set_codec_preferences(std::move(of_kind));
  }
  return reply();
}

std::expected<void, std::string> RelayLeg::reply() {
  if (const auto set = pc_->set_local_description(loop_.now()); !set) return sentence(set.error());
  waiting_ = true;
  patience_.set(loop_.now() + candidate_patience);
  driver_->pump();
  if (pc_->ice_gathering_state() == peer::IceGatheringState::complete) patience_.set(loop_.now());
  return {};
}

std::expected<void, std::string> RelayLeg::restart(const signaling::SdpFragment& fragment) {
  const auto offer = pc_->remote_description();
  if (!offer) return std::unexpected("There is nothing to restart yet.");
  const auto set = pc_->set_remote_description(
      {peer::SdpType::offer, signaling::with_credentials(offer->sdp, fragment.ufrag, fragment.pwd)},
      loop_.now());
  if (!set) return sentence(set.error());
  auto replied = reply();
  trickle(fragment);
  return replied;
}

void RelayLeg::trickle(const signaling::SdpFragment& fragment) {
  for (const auto& candidate : fragment.candidates) {
    (void)pc_->add_ice_candidate(
        peer::IceCandidate{
            .candidate = candidate.line,
            .sdp_mid = candidate.mid.empty() ? std::nullopt : std::optional{candidate.mid},
            .sdp_m_line_index =
                candidate.mid.empty() ? std::optional<std::uint16_t>{0} : std::nullopt,
            .username_fragment = fragment.ufrag},
        loop_.now());
  }
  if (fragment.end) (void)pc_->add_ice_candidate(std::nullopt, loop_.now());
  driver_->pump();
}

std::string RelayLeg::answer() const {
  const auto description = pc_->local_description();
  return description ? description->sdp : std::string{};
}

// The first of each kind is what is sent, as nobody is asked for another; with it its repair.
std::vector<peer::RtpCodec> RelayLeg::codecs() {
  std::vector<peer::RtpCodec> all;
  for (const peer::Receiver receiver : pc_->get_receivers()) {
    bool first = true;
    for (const auto& parameters : receiver.get_parameters().codecs) {
      const bool repair = parameters.codec.mime_type.ends_with("/rtx");
      if (!repair && !std::exchange(first, false)) continue;
      all.push_back(parameters.codec);
      if (repair) all.back().sdp_fmtp_line.clear();
    }
  }
  return all;
}

void RelayLeg::request_key_frame(const std::string& rid) {
  for (peer::Receiver receiver : pc_->get_receivers()) {
    if (receiver.track().kind == core::MediaKind::video)
      receiver.request_key_frame(loop_.now(), rid);
  }
  driver_->pump();
}

void RelayLeg::pass_on(const peer::events::Packet& packet) {
  for (peer::Transceiver each : pc_->get_transceivers()) {
    if (each.stopped() || each.kind() != packet.transceiver.kind()) continue;
    each.sender().send(packet.packet, loop_.now());
    break;
  }
  driver_->pump();
}

void RelayLeg::handle(peer::Event event) {
  std::visit(core::Overloaded{[&](events::IceGatheringStateChange& it) {
                                if (it.state == peer::IceGatheringState::complete)
                                  patience_.set(loop_.now());
                              },
                              [&](events::ConnectionStateChange& it) {
                                if (handlers_.state) handlers_.state(it.state);
                              },
                              [&](events::Track& it) {
                                it.transceiver.receiver().set_output(peer::ReceiverOutput::packets);
                              },
                              [&](events::Packet& it) {
                                if (handlers_.packet) handlers_.packet(it);
                              },
                              [&](events::KeyFrameRequested&) {
                                if (handlers_.key_frame_wanted) handlers_.key_frame_wanted();
                              },
                              [](auto&) {}},
             event);
}

void RelayLeg::tell_ready() {
  if (std::exchange(waiting_, false) && handlers_.ready) handlers_.ready();
}

}  // namespace lucid::app
