#include <algorithm>

#include "peer/detail/media_transport.hpp"
#include "rtp/extension_values.hpp"
#include "rtp/payload/packetizer.hpp"

// What comes in: packets to their streams, and out of those frames or packets.
namespace lucid::peer::detail {

void MediaTransport::handle_rtp(core::Buffer packet, core::Time now) {
  const auto view = rtp::Packet::parse(packet.bytes());
  if (!view) {
    ++stats_.dropped_malformed;
    return;
  }
  const auto route = router_.route(*view);
  Inbound* inbound = route ? inbound_for(*view, *route) : nullptr;
  if (inbound == nullptr) {
    ++stats_.dropped_nobodys;
    return;
  }
  const auto& extensions = inbound->stream.config().extensions;
  if (const auto number = rtp::read<rtp::TransportSequence>(*view, extensions)) {
    arrivals_.handle_datagram({number->sequence, view->ssrc()}, now);
  }
  if (!route->repair) {
    inbound->payload_type = view->payload_type();
    rtcp_->packet_received(*view, now);
  }
  inbound->stream.handle_datagram(std::move(packet), now);
  take_inbound(*inbound, now);
}

MediaTransport::Inbound* MediaTransport::inbound_for(const rtp::Packet& packet,
                                                     const MediaRouter::Route& route) {
  if (!route.repair) {
    const auto it = inbound_.find(packet.ssrc());
    if (it == inbound_.end()) return add_inbound(packet, route);
    if (it->second.id == route.id) return &it->second;
    // RFC 9143 9.2: the SSRC is another section's from now on.
    rtcp_->remove_remote(it->first);
    inbound_.erase(it);
    return add_inbound(packet, route);
  }
  // RFC 4588 5.3: without any word on it, the repair is that of the section's only stream.
  Inbound* found = nullptr;
  for (auto& [ssrc, inbound] : inbound_) {
    const bool its = route.repairs ? ssrc == *route.repairs : inbound.id == route.id;
    if (its && found != nullptr) return nullptr;
    if (its) found = &inbound;
  }
  if (found != nullptr) found->stream.repaired_by(packet.ssrc());
  return found;
}

MediaTransport::Inbound* MediaTransport::add_inbound(const rtp::Packet& first_packet,
                                                     const MediaRouter::Route& route) {
  const std::uint32_t ssrc = first_packet.ssrc();
  const auto plan = std::ranges::find(plans_, route.id, &MediaPlan::id);
  if (plan == plans_.end() || !plan->receiving) return nullptr;
  rtp::ReceiveStreamConfig config;
  config.ssrc = ssrc;
  config.formats = plan->receiving->formats;
  config.rtx_formats = plan->receiving->rtx_formats;
  const auto format = config.formats.find(first_packet.payload_type());
  config.clock_rate = format == config.formats.end() ? 90'000 : rtp::clock_rate(format->second);
  config.extensions = plan->receiving->extensions;
  config.nack = plan->kind == core::MediaKind::video;
  config.pli = config.nack;
  config.output = plan->receiving->output == ReceiverOutput::packets
                      ? rtp::ReceiveStreamConfig::Output::packets
                      : rtp::ReceiveStreamConfig::Output::frames;
  config.rid = route.rid;
  const bool first =
      std::ranges::none_of(inbound_, [&](const auto& each) { return each.second.id == route.id; });
  if (first) events_.push_back(Started{route.id});
  rtcp_->add_remote(ssrc, config.clock_rate);
  auto [it, added] = inbound_.emplace(
      ssrc, Inbound{route.id, plan->mid, rtp::ReceiveStream{std::move(config), context_}});
  return &it->second;
}

void MediaTransport::take_inbound(Inbound& inbound, core::Time now) {
  while (auto feedback = inbound.stream.poll_transmit()) {
    rtcp_->send_feedback(std::move(*feedback), now);
  }
  while (auto event = inbound.stream.poll_event()) {
    std::visit([&](auto& each) { take(inbound, std::move(each), now); }, *event);
  }
}

void MediaTransport::take(Inbound& inbound, rtp::ReceiveStream::Frame received, core::Time) {
  core::EncodedFrame& frame = received.frame;
  // RFC 3550 6.4.1: sender reports tie timestamps to time; before the first nobody knows.
  const rtp::ReceiveStreamConfig& config = inbound.stream.config();
  frame.capture_time =
      rtcp_->captured(config.ssrc, frame.rtp_timestamp, config.clock_rate).value_or(core::Time{});
  ++inbound.frames;
  events_.push_back(Frame{inbound.id, std::move(frame)});
}

void MediaTransport::take(Inbound& inbound, rtp::ReceiveStream::ReceivedPacket received,
                          core::Time now) {
  const rtp::ReceiveStreamConfig& config = inbound.stream.config();
  RtpPacket packet{.bytes = std::move(received.bytes),
                   .codec = core::Codec::vp8,
                   .clock_rate = config.clock_rate,
                   .rid = config.rid,
                   .extensions = config.extensions,
                   .capture_time = now,
                   .repaired = received.repaired};
  const rtp::Packet view = packet.view();
  const auto format = config.formats.find(view.payload_type());
  if (format == config.formats.end()) return;
  packet.codec = format->second;
  packet.capture_time =
      rtcp_->captured(config.ssrc, view.timestamp(), config.clock_rate).value_or(now);
  events_.push_back(Packet{inbound.id, std::move(packet)});
}

void MediaTransport::request_key_frame(TransceiverId id, std::string_view rid, core::Time now) {
  for (auto& [ssrc, inbound] : inbound_) {
    if (inbound.id != id || (!rid.empty() && inbound.stream.config().rid != rid)) continue;
    inbound.stream.request_key_frame(now);
    take_inbound(inbound, now);
  }
}

}  // namespace lucid::peer::detail
