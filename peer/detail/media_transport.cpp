#include "peer/detail/media_transport.hpp"

#include <algorithm>

#include "core/handle.hpp"
#include "rtp/extension_values.hpp"
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
  std::erase_if(outbound_, [&](const auto& each) {
    if (planned(each.first)) return false;
    pacer_->forget(each.first);
    rtcp_->remove_source(each.first, now);
    return true;
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
}

void MediaTransport::plan_outbound(const MediaPlan& plan) {
  const MediaPlan::Sending& sending = *plan.sending;
  for (std::size_t i = 0; i < sending.sources.size(); ++i) {
    rtp::SendStreamConfig config;
    config.ssrc = sending.sources[i].ssrc;
    config.payload_type = sending.payload_type;
    config.format.codec = sending.codec;
    config.format.h264_packetization_mode = sending.h264_packetization_mode;
    if (sending.rtx_payload_type) {
      config.rtx_ssrc = sending.sources[i].rtx_ssrc;
      config.rtx_payload_type = *sending.rtx_payload_type;
    }
    config.mid = plan.mid;
    config.rid = sending.encodings.size() > 1 ? sending.encodings[i].rid : "";
    config.extensions = sending.extensions;
    config.packet_limit = packet_limit;
    const auto known = outbound_.find(config.ssrc);
    if (known != outbound_.end()) {
      const rtp::SendStreamConfig& before = known->second.stream.config();
      known->second.encoding = sending.encodings[i];
      if (before.payload_type == config.payload_type &&
          before.format.codec == config.format.codec) {
        continue;
      }
      outbound_.erase(known);
    }
    const std::uint32_t ssrc = config.ssrc;
    rtcp_->add_source(ssrc, rtp::clock_rate(sending.codec));
    outbound_.emplace(ssrc, Outbound{plan.id, sending.encodings[i],
                                     rtp::SendStream{std::move(config), context_}});
  }
}

void MediaTransport::set_encodings(TransceiverId id, const std::vector<RtpEncoding>& encodings) {
  for (auto& [ssrc, outbound] : outbound_) {
    if (outbound.id != id) continue;
    const std::string& rid = outbound.stream.config().rid;
    const auto it = encodings.size() == 1 ? encodings.begin()
                                          : std::ranges::find(encodings, rid, &RtpEncoding::rid);
    if (it == encodings.end()) continue;
    outbound.encoding = *it;
    if (!it->active) pacer_->forget(ssrc);
  }
}

void MediaTransport::send(TransceiverId id, const core::EncodedFrame& frame, core::Time now) {
  for (auto& [ssrc, outbound] : outbound_) {
    if (outbound.id != id || outbound.stream.config().rid != frame.rid) continue;
    if (!outbound.encoding.active) break;
    outbound.last_capture = frame.capture_time == core::Time{} ? now : frame.capture_time;
    outbound.stream.send(frame, now, *pacer_);
    return;
  }
  ++stats_.dropped_frames;
}

std::optional<rtp::Outgoing> MediaTransport::poll_rtp() {
  auto packet = pacer_->poll_transmit();
  if (!packet) return packet;
  const auto view = rtp::Packet::parse(packet->bytes.bytes());
  if (view) {
    const Outbound* outbound = outbound_of(view->ssrc());
    if (outbound != nullptr) {
      rtcp_->packet_sent(view->ssrc(), view->timestamp(), view->payload().size(),
                         outbound->last_capture);
    }
  }
  return packet;
}

void MediaTransport::sent(rtp::Outgoing packet, core::Time now) {
  if (Outbound* outbound = outbound_of(packet.ssrc)) outbound->stream.sent(std::move(packet), now);
}

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
  if (!route->repair) rtcp_->packet_received(*view, now);
  inbound->stream.handle_datagram(std::move(packet), now);
  take_inbound(*inbound, now);
}

MediaTransport::Inbound* MediaTransport::inbound_for(const rtp::Packet& packet,
                                                     const MediaRouter::Route& route) {
  if (!route.repair) {
    const auto it = inbound_.find(packet.ssrc());
    return it != inbound_.end() ? &it->second : add_inbound(packet.ssrc(), route);
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

MediaTransport::Inbound* MediaTransport::add_inbound(std::uint32_t ssrc,
                                                     const MediaRouter::Route& route) {
  const auto plan = std::ranges::find(plans_, route.id, &MediaPlan::id);
  if (plan == plans_.end() || !plan->receiving) return nullptr;
  rtp::ReceiveStreamConfig config;
  config.ssrc = ssrc;
  config.formats = plan->receiving->formats;
  config.rtx_formats = plan->receiving->rtx_formats;
  config.clock_rate =
      config.formats.empty() ? 90000 : rtp::clock_rate(config.formats.begin()->second);
  config.extensions = plan->receiving->extensions;
  config.nack = plan->kind == core::MediaKind::video;
  config.pli = config.nack;
  config.rid = route.rid;
  config.wall = config_.wall;
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
    auto* frame = std::get_if<rtp::ReceiveStream::Frame>(&*event);
    if (frame == nullptr) continue;
    const rtp::ReceiveStreamConfig& config = inbound.stream.config();
    // RFC 3550 6.4.1: sender reports tie timestamps to time.
    const rtp::rtcp::SenderClock* clock = rtcp_->sender_clock(config.ssrc);
    if (clock != nullptr && clock->known()) {
      const auto captured = clock->local(frame->frame.rtp_timestamp, config.clock_rate);
      if (captured) frame->frame.capture_time = *captured;
    }
    ++inbound.frames;
    if (frame->frame.key) ++inbound.key_frames;
    events_.push_back(Frame{inbound.id, std::move(frame->frame)});
  }
}

void MediaTransport::request_key_frame(TransceiverId id, core::Time now) {
  for (auto& [ssrc, inbound] : inbound_) {
    if (inbound.id != id) continue;
    inbound.stream.request_key_frame(now);
    take_inbound(inbound, now);
  }
}

void MediaTransport::handle_rtcp(core::Bytes compound, core::Time now) {
  rtcp_->handle_datagram(compound, now);
  take_rtcp_events(now);
}

void MediaTransport::take_rtcp_events(core::Time now) {
  while (auto event = rtcp_->poll_event()) {
    std::visit(core::Overloaded{
                   [&](rtp::rtcp::Session::Received& each) { take(each.message, now); },
                   [&](rtp::rtcp::Session::Reported& each) {
                     Outbound* outbound = outbound_of(each.block.ssrc);
                     if (outbound != nullptr)
                       outbound->stream.handle(each.block, now, config_.wall);
                     if (!each.round_trip) return;
                     controller_->round_trip(*each.round_trip, now);
                     for (auto& [ssrc, inbound] : inbound_)
                       inbound.stream.round_trip(*each.round_trip);
                   },
                   [](const auto&) {},
               },
               *event);
  }
}

void MediaTransport::take(const rtp::rtcp::Message& message, core::Time now) {
  if (const auto* nack = std::get_if<rtp::rtcp::Nack>(&message)) {
    Outbound* outbound = outbound_of(nack->media_ssrc);
    if (outbound != nullptr) outbound->stream.handle(*nack, now, *pacer_);
  } else if (const auto* loss = std::get_if<rtp::rtcp::PictureLoss>(&message)) {
    Outbound* outbound = outbound_of(loss->media_ssrc);
    if (outbound != nullptr && outbound->stream.handle(*loss, now)) asked_for_key_frame(*outbound);
  } else if (const auto* request = std::get_if<rtp::rtcp::FullIntraRequest>(&message)) {
    for (auto& [ssrc, outbound] : outbound_) {
      if (outbound.stream.handle(*request, now)) asked_for_key_frame(outbound);
    }
  }
}

void MediaTransport::asked_for_key_frame(const Outbound& outbound) {
  events_.push_back(KeyFrameRequested{outbound.id, outbound.stream.config().rid});
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
  rtcp_->handle_timeout(now);
  take_rtcp_events(now);
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
  return next;
}

}  // namespace lucid::peer::detail
