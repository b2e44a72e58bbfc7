#include <algorithm>

#include "core/handle.hpp"
#include "peer/detail/allocation.hpp"
#include "peer/detail/media_transport.hpp"

// What the peer says of our streams, and what they may do by it.
namespace lucid::peer::detail {
namespace {

MediaTransport::Targets describe(const MediaPlan::Sending& sending,
                                 const std::vector<std::uint64_t>& bitrates) {
  MediaTransport::Targets targets;
  for (std::size_t i = 0; i < sending.encodings.size(); ++i) {
    const RtpEncoding& encoding = sending.encodings[i];
    EncodingTarget target;
    target.rid = encoding.rid;
    target.codec = sending.format_for(encoding).kind;
    target.bitrate = bitrates[i];
    target.active = encoding.active && bitrates[i] > 0;
    target.scale_resolution_down_by = encoding.scale_resolution_down_by.value_or(1);
    target.max_framerate = encoding.max_framerate;
    target.scalability_mode = encoding.scalability_mode;
    targets.push_back(std::move(target));
  }
  return targets;
}

// A bit rate that has moved by less than a twentieth is no news.
bool alike(const MediaTransport::Targets& told, const MediaTransport::Targets& now) {
  return std::ranges::equal(told, now, [](EncodingTarget a, const EncodingTarget& b) {
    const std::uint64_t apart =
        a.bitrate > b.bitrate ? a.bitrate - b.bitrate : b.bitrate - a.bitrate;
    if (apart * 20 < a.bitrate) a.bitrate = b.bitrate;
    return a == b;
  });
}

}  // namespace

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
                     if (outbound != nullptr) {
                       outbound->stream.handle(each.block, now, config_.wall);
                       update_targets(now);
                     }
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
  } else if (const auto* feedback = std::get_if<rtp::rtcp::TransportFeedback>(&message)) {
    take(*feedback, now);
  } else if (const auto* remb = std::get_if<rtp::rtcp::Remb>(&message)) {
    remb_ = remb->bitrate.value();
    update_targets(now);
  }
}

void MediaTransport::take(const rtp::rtcp::TransportFeedback& feedback, core::Time now) {
  std::vector<rtp::congestion::PacketResult> results;
  for (const auto& each : feedback.results()) {
    rtp::congestion::PacketResult result{.id = reported_.unwrap(each.sequence), .arrival = {}};
    if (each.received) result.arrival = core::Time{each.arrival};
    results.push_back(result);
  }
  controller_->results(results, now);
  // What it has learned may let packets out.
  pacer_->handle_timeout(now);
  take_pacer_events(now);
  update_targets(now);
}

void MediaTransport::take_pacer_events(core::Time now) {
  while (auto event = pacer_->poll_event()) {
    const auto& padding = std::get<rtp::Pacer::WantPadding>(*event);
    for (auto& [ssrc, outbound] : outbound_) {
      if (!outbound.stream.config().rtx_ssrc || !outbound.encoding.active) continue;
      outbound.stream.pad(padding.bytes, now, *pacer_);
      break;
    }
  }
}

MediaTransport::Targets MediaTransport::targets(TransceiverId id) const {
  const auto it = targets_.find(id);
  return it == targets_.end() ? Targets{} : it->second;
}

void MediaTransport::update_targets(core::Time now) {
  targeted_at_ = now;
  std::vector<Bidder> bidders;
  std::vector<const MediaPlan*> sending;
  for (const MediaPlan& plan : plans_) {
    if (!plan.sending) continue;
    sending.push_back(&plan);
    bidders.push_back({plan.kind, plan.sending->encodings});
  }
  controller_->demand(demand_of(bidders), now);
  const std::uint64_t target = controller_->plan().target;
  const auto bitrates = allocate(remb_ ? std::min(target, *remb_) : target, bidders);
  std::map<TransceiverId, Targets> next;
  for (std::size_t i = 0; i < sending.size(); ++i) {
    Targets& described = next[sending[i]->id] = describe(*sending[i]->sending, bitrates[i]);
    if (sending[i]->kind != core::MediaKind::audio) continue;
    for (EncodingTarget& each : described) {
      const Outbound* outbound = outbound_for(sending[i]->id, each.rid);
      if (outbound != nullptr) each.expected_loss = outbound->stream.stats().expected_loss;
    }
  }
  std::erase_if(targets_, [&](const auto& each) { return !next.contains(each.first); });
  for (auto& [id, targets] : next) {
    const auto told = targets_.find(id);
    if (told != targets_.end() && alike(told->second, targets)) continue;
    targets_[id] = std::move(targets);
    events_.push_back(TargetsChanged{id});
  }
}

void MediaTransport::asked_for_key_frame(const Outbound& outbound) {
  events_.push_back(KeyFrameRequested{outbound.id, outbound.stream.config().rid});
}

}  // namespace lucid::peer::detail
