#include "peer/detail/media_transport.hpp"

#include <algorithm>

#include "peer/detail/encodings.hpp"
#include "rtp/payload/packetizer.hpp"

namespace lucid::peer::detail {
namespace {

// What a path is taken to carry until congestion control says more.
constexpr std::uint64_t start_bitrate = 4'000'000;
constexpr std::size_t packet_limit = 1200;

}  // namespace

MediaTransport::MediaTransport(Config config, core::Context context, core::Time now)
    : config_{std::move(config)},
      context_{context},
      controller_{std::make_unique<rtp::congestion::Fixed>(start_bitrate)},
      pacer_{std::make_unique<rtp::Pacer>(*controller_, context)},
      arrivals_{1, context} {
  rtp::rtcp::Session::Config rtcp;
  rtcp.cname = config_.cname;
  rtcp.wall = config_.wall;
  rtcp.reduced_size = true;
  rtcp.timing.session_bandwidth = start_bitrate;
  rtcp.timing.point_to_point = true;
  rtcp_ = std::make_unique<rtp::rtcp::Session>(rtcp, context);
  rtcp_->start(now);
}

void MediaTransport::set_plans(std::vector<MediaPlan> plans, core::Time now) {
  plans_ = std::move(plans);
  router_.set_plans(plans_);
  const auto planned = [&](std::uint32_t ssrc) {
    return std::ranges::any_of(plans_, [ssrc](const MediaPlan& plan) {
      return plan.sending && std::ranges::any_of(plan.sending->sources, [ssrc](const auto& each) {
               return each.ssrc == ssrc;
             });
    });
  };
  for (auto it = outbound_.begin(); it != outbound_.end();) {
    const auto each = it++;
    if (planned(each->first)) continue;
    pacer_->forget(each->first);
    rtcp_->remove_source(each->first, now);
    resting_.insert(outbound_.extract(each));
  }
  std::erase_if(resting_, [&](const auto& each) {
    return std::ranges::find(plans_, each.second.id, &MediaPlan::id) == plans_.end();
  });
  std::erase_if(inbound_, [&](const auto& each) {
    const bool goes_on = std::ranges::any_of(
        plans_, [&](const MediaPlan& plan) { return plan.id == each.second.id && plan.receiving; });
    if (!goes_on) rtcp_->remove_remote(each.first);
    return !goes_on;
  });
  for (const MediaPlan& plan : plans_) {
    if (plan.sending) plan_outbound(plan);
  }
  update_targets(now);
}

void MediaTransport::plan_outbound(const MediaPlan& plan) {
  const MediaPlan::Sending& sending = *plan.sending;
  for (std::size_t i = 0; i < sending.sources.size(); ++i) {
    const MediaPlan::Format& format = sending.format_for(sending.encodings[i]);
    rtp::SendStreamConfig config;
    config.ssrc = sending.sources[i].ssrc;
    config.payload_type = format.payload_type;
    config.format.codec = format.kind;
    config.format.h264_packetization_mode = format.h264_packetization_mode;
    const Layers layers = layers_of(sending.encodings[i].scalability_mode);
    config.format.spatial_layers = layers.spatial;
    config.format.temporal_layers = layers.temporal;
    if (format.rtx_payload_type) {
      config.rtx_ssrc = sending.sources[i].rtx_ssrc;
      config.rtx_payload_type = *format.rtx_payload_type;
    }
    config.mid = plan.mid;
    config.rid = sending.encodings.size() > 1 ? sending.encodings[i].rid : "";
    config.extensions = sending.extensions;
    config.packet_limit = packet_limit;
    const std::uint32_t ssrc = config.ssrc;
    if (auto rested = resting_.extract(ssrc)) {
      outbound_.insert(std::move(rested));
      rtcp_->add_source(ssrc, rtp::clock_rate(format.kind));
    }
    if (Outbound* known = outbound_of(ssrc)) {
      known->encoding = sending.encodings[i];
      known->stream.reconfigure(std::move(config));
      continue;
    }
    rtcp_->add_source(ssrc, rtp::clock_rate(format.kind));
    outbound_.emplace(ssrc, Outbound{plan.id, sending.encodings[i],
                                     rtp::SendStream{std::move(config), context_}});
  }
}

void MediaTransport::set_encodings(TransceiverId id, const std::vector<RtpEncoding>& encodings) {
  const auto plan = std::ranges::find(plans_, id, &MediaPlan::id);
  if (plan == plans_.end() || !plan->sending) return;
  if (plan->sending->encodings.size() != encodings.size()) return;
  plan->sending->encodings = encodings;
  plan_outbound(*plan);
  for (const auto& [ssrc, outbound] : outbound_) {
    if (outbound.id == id && !outbound.encoding.active) pacer_->forget(ssrc);
  }
  update_targets(targeted_at_);
}

void MediaTransport::set_output(TransceiverId id, ReceiverOutput output) {
  const auto plan = std::ranges::find(plans_, id, &MediaPlan::id);
  if (plan == plans_.end() || !plan->receiving || plan->receiving->output == output) return;
  plan->receiving->output = output;
  // What was half done is of no use to the new reader: the next packet begins anew.
  std::erase_if(inbound_, [id](const auto& each) { return each.second.id == id; });
}

// A sender of one encoding without a name takes what comes; otherwise names decide.
MediaTransport::Outbound* MediaTransport::outbound_for(TransceiverId id, std::string_view rid) {
  Outbound* only = nullptr;
  std::size_t count = 0;
  for (auto& [ssrc, outbound] : outbound_) {
    if (outbound.id != id) continue;
    if (outbound.encoding.rid == rid) return &outbound;
    only = &outbound;
    ++count;
  }
  const bool fits = count == 1 && (rid.empty() || only->encoding.rid.empty());
  return fits ? only : nullptr;
}

void MediaTransport::send(TransceiverId id, const core::EncodedFrame& frame, core::Time now) {
  Outbound* outbound = outbound_for(id, frame.rid);
  if (outbound == nullptr || !outbound->encoding.active) {
    ++stats_.dropped_frames;
    return;
  }
  outbound->stream.send(frame, now, *pacer_);
}

void MediaTransport::send(TransceiverId id, const RtpPacket& packet, core::Time now) {
  Outbound* outbound = outbound_for(id, packet.rid);
  if (outbound == nullptr || !outbound->encoding.active ||
      outbound->stream.config().format.codec != packet.codec) {
    ++stats_.dropped_packets;
    return;
  }
  const rtp::SendStreamConfig& to = outbound->stream.config();
  if (!outbound->forwarding) outbound->forwarding = std::make_unique<Forwarding>(to, context_);
  const bool keep = core::kind_of(packet.codec) == core::MediaKind::video;
  outbound->forwarding->send(packet, to, now);
  while (auto out = outbound->forwarding->poll_transmit()) {
    outbound->stream.forward(std::move(*out), keep, now, *pacer_, packet.capture_time);
  }
  if (outbound->forwarding->poll_key_frame_wanted()) asked_for_key_frame(*outbound);
}

std::optional<rtp::Outgoing> MediaTransport::poll_rtp() {
  auto packet = pacer_->poll_transmit();
  if (!packet) return packet;
  const auto view = rtp::Packet::parse(packet->bytes.bytes());
  if (view) {
    const Outbound* outbound = outbound_of(view->ssrc());
    if (outbound != nullptr) {
      rtcp_->packet_sent(view->ssrc(), view->timestamp(), view->payload().size(), packet->captured);
    }
  }
  return packet;
}

void MediaTransport::sent(rtp::Outgoing packet, core::Time now) {
  if (Outbound* outbound = outbound_of(packet.ssrc)) outbound->stream.sent(std::move(packet), now);
}

MediaTransport::Outbound* MediaTransport::outbound_of(std::uint32_t ssrc) {
  const auto it = outbound_.find(ssrc);
  return it == outbound_.end() ? nullptr : &it->second;
}

void MediaTransport::handle_timeout(core::Time now) {
  pacer_->handle_timeout(now);
  arrivals_.handle_timeout(now);
  while (auto report = arrivals_.poll_transmit()) rtcp_->send_feedback(std::move(*report), now);
  for (auto& [ssrc, inbound] : inbound_) {
    inbound.stream.handle_timeout(now);
    take_inbound(inbound, now);
  }
  for (auto& [ssrc, outbound] : outbound_) {
    if (!outbound.forwarding) continue;
    outbound.forwarding->handle_timeout(now);
    if (outbound.forwarding->poll_key_frame_wanted()) asked_for_key_frame(outbound);
  }
  rtcp_->handle_timeout(now);
  take_rtcp_events(now);
  take_pacer_events(now);
  update_targets(now);
}

std::optional<core::Buffer> MediaTransport::poll_rtcp() { return rtcp_->poll_transmit(); }

std::optional<MediaTransport::Event> MediaTransport::poll_event() {
  if (events_.empty()) return std::nullopt;
  Event event = std::move(events_.front());
  events_.pop_front();
  return event;
}

std::optional<core::Time> MediaTransport::next_timeout() const {
  auto next = core::earliest(pacer_->next_timeout(), rtcp_->next_timeout());
  next = core::earliest(next, arrivals_.next_timeout());
  for (const auto& [ssrc, inbound] : inbound_) {
    next = core::earliest(next, inbound.stream.next_timeout());
  }
  for (const auto& [ssrc, outbound] : outbound_) {
    if (outbound.forwarding) next = core::earliest(next, outbound.forwarding->next_timeout());
  }
  return next;
}

}  // namespace lucid::peer::detail
