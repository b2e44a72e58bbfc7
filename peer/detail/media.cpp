#include "core/handle.hpp"
#include "peer/detail/connection.hpp"
#include "peer/detail/media_transport.hpp"

// Media on its way through the connection: from senders to transports and from those to receivers.
namespace lucid::peer::detail {

// After a negotiation: each transport learns what it carries.
void Connection::plan_media_everywhere(core::Time now) {
  for (const auto& entry : transports.entries()) {
    auto plans = plan_media(model, entry->mids);
    std::erase_if(plans, [&](const MediaPlan& plan) { return model.find(plan.id)->gone(); });
    if (plans.empty() && !entry->media) continue;
    if (!entry->media) {
      entry->media = std::make_unique<MediaTransport>(
          MediaTransport::Config{model.cname, configuration.wall_clock}, context, now);
    }
    entry->media->set_plans(std::move(plans), now);
  }
  mark_senders();
}

TransportEntry* Connection::carrier_of(TransceiverId id) {
  const TransceiverState* transceiver = model.find(id);
  return transceiver != nullptr && transceiver->mid ? transports.serving(*transceiver->mid)
                                                    : nullptr;
}

void Connection::send_frame(TransceiverId id, const core::EncodedFrame& frame, core::Time now) {
  TransportEntry* entry = carrier_of(id);
  if (entry == nullptr || !entry->media || !entry->transport.secured()) {
    ++dropped_frames;
    return;
  }
  entry->media->send(id, frame, now);
  pump(now);
}

void Connection::send_packet(TransceiverId id, const RtpPacket& packet, core::Time now) {
  TransportEntry* entry = carrier_of(id);
  if (entry == nullptr || !entry->media || !entry->transport.secured()) {
    ++dropped_packets;
    return;
  }
  entry->media->send(id, packet, now);
  pump(now);
}

void Connection::set_output(TransceiverId id, ReceiverOutput output) {
  TransceiverState* transceiver = model.find(id);
  if (transceiver == nullptr) return;
  transceiver->receiver.output = output;
  TransportEntry* entry = carrier_of(id);
  if (entry != nullptr && entry->media) entry->media->set_output(id, output);
}

void Connection::request_key_frame(TransceiverId id, std::string_view rid, core::Time now) {
  TransportEntry* entry = carrier_of(id);
  if (entry == nullptr || !entry->media) return;
  entry->media->request_key_frame(id, rid, now);
  pump(now);
}

void Connection::apply_encodings(const TransceiverState& transceiver) {
  TransportEntry* entry = carrier_of(transceiver.id);
  if (entry == nullptr || !entry->media) return;
  entry->media->set_encodings(transceiver.id, transceiver.sender.encodings);
  while (auto event = entry->media->poll_event()) on(*entry->media, std::move(*event));
}

std::vector<EncodingTarget> Connection::targets_of(TransceiverId id) {
  const TransportEntry* entry = carrier_of(id);
  if (entry == nullptr || !entry->media) return {};
  return entry->media->targets(id);
}

bool Connection::pump_media(TransportEntry& entry, core::Time now) {
  if (!entry.media) return false;
  bool any = false;
  MediaTransport& media = *entry.media;
  while (auto packet = media.poll_rtp()) {
    any = true;
    entry.transport.send_rtp(packet->bytes.bytes(), now);
    media.sent(std::move(*packet), now);
  }
  while (auto packet = media.poll_rtcp()) {
    any = true;
    entry.transport.send_rtcp(std::move(*packet), now);
  }
  while (auto event = media.poll_event()) {
    any = true;
    on(media, std::move(*event));
  }
  return any;
}

void Connection::on(MediaTransport& media, MediaTransport::Event event) {
  std::visit(
      core::Overloaded{
          [&](MediaTransport::Frame& each) {
            events.push_back(events::Frame{handle(each.id), std::move(each.frame)});
          },
          [&](MediaTransport::Packet& each) {
            events.push_back(events::Packet{handle(each.id), std::move(each.packet)});
          },
          [&](MediaTransport::TargetsChanged& each) {
            events.push_back(events::EncodingTargets{handle(each.id), media.targets(each.id)});
          },
          [&](MediaTransport::KeyFrameRequested& each) {
            events.push_back(events::KeyFrameRequested{handle(each.id), each.rid});
          },
          [&](MediaTransport::Started& each) {
            TransceiverState* transceiver = model.find(each.id);
            if (transceiver == nullptr || !transceiver->receiver.muted) return;
            // W3C 5.3: a remote track is muted until its first packet is there.
            transceiver->receiver.muted = false;
            events.push_back(events::Unmute{handle(each.id)});
          },
      },
      event);
}

}  // namespace lucid::peer::detail
