#include "core/handle.hpp"
#include "peer/detail/candidates.hpp"
#include "peer/detail/connection.hpp"

// What the machines below say becomes what the connection says.
namespace lucid::peer::detail {

void Connection::pump(core::Time now) {
  for (bool any = true; any;) {
    any = false;
    for (std::size_t i = 0; i < transports.entries().size(); ++i) {
      TransportEntry& entry = *transports.entries()[i];
      entry.transport.settle(now);
      while (auto event = entry.transport.poll_event()) {
        any = true;
        on(entry, *std::move(event), now);
      }
      any = pump_media(entry, now) || any;
    }
    if (!channels) continue;
    TransportEntry* entry = data_transport();
    while (auto packet = channels->poll_transmit()) {
      any = true;
      if (entry != nullptr) entry->transport.send_data(*packet, now);
    }
    while (auto event = channels->poll_event()) {
      any = true;
      on(*std::move(event), now);
    }
  }
  for (core::Effect& effect : transports.take_effects()) events.push_back(std::move(effect));
  summarise(now);
}

TransportEntry* Connection::data_transport() {
  const Description* local = model.local();
  if (local == nullptr) return nullptr;
  for (const sdp::MediaSection& section : local->session.media) {
    if (section.is_data()) return transports.serving(section.mid());
  }
  return nullptr;
}

void Connection::on(TransportEntry& entry, Transport::Event event, core::Time now) {
  if (entry.pooled && !std::holds_alternative<core::Effect>(event)) {
    if (!std::holds_alternative<Transport::IceChanged>(event)) {
      entry.held.push_back(std::move(event));
    }
    return;
  }
  std::visit(
      core::Overloaded{
          [&](Transport::IceChanged&) {
            const bool complete =
                entry.transport.ice().gathering_state() == ice::GatheringState::complete;
            if (complete && !std::exchange(entry.gathered, true)) on_gathered(entry);
            summarise(now);
          },
          [&](Transport::LocalCandidate& each) { on_candidate(entry, each.candidate, now); },
          [&](Transport::ServerFailed& each) {
            events.push_back(events::IceCandidateError{each.failure.local.ip.text(),
                                                       each.failure.local.port, each.failure.url,
                                                       each.failure.code, each.failure.text});
          },
          [&](Transport::DtlsChanged&) { summarise(now); },
          [&](Transport::Secured&) {
            if (&entry == data_transport() && channels) connect_data(now);
          },
          [&](Transport::Data& each) {
            if (&entry == data_transport() && channels) channels->handle_datagram(each.bytes, now);
          },
          [&](Transport::Rtp& each) {
            if (entry.media) entry.media->handle_rtp(std::move(each.packet), now);
          },
          [&](Transport::Rtcp& each) {
            if (entry.media) entry.media->handle_rtcp(each.packet, now);
          },
          [&](Transport::Failed& each) {
            events.push_back(events::TransportError{entry.mids.empty() ? "" : entry.mids.front(),
                                                    std::move(each.error)});
          },
          [&](core::Effect& each) { events.push_back(transports.outward(entry, std::move(each))); },
      },
      event);
}

void Connection::on_candidate(TransportEntry& entry, const ice::Candidate& candidate,
                              core::Time now) {
  if (entry.mids.empty()) return;
  const std::string& ufrag = entry.transport.ice().local_credentials().ufrag;
  const sdp::Candidate line = to_sdp(candidate, ufrag);
  entry.candidates.push_back(line);
  // W3C 4.4.1.3: the local descriptions show what has been gathered.
  for (auto* description : {&model.pending_local, &model.current_local}) {
    if (*description) record_candidate((*description)->session, entry.mids, ufrag, &line);
  }
  // The first `gathering` comes before the first candidate.
  summarise(now);
  IceCandidate init;
  init.candidate = sdp::serialize(line);
  init.sdp_mid = entry.mids.front();
  init.sdp_m_line_index = index_of(entry.mids.front());
  init.username_fragment = ufrag;
  events.push_back(events::IceCandidate{std::move(init), candidate.url});
}

void Connection::on_gathered(TransportEntry& entry) {
  if (entry.mids.empty()) return;
  const std::string& ufrag = entry.transport.ice().local_credentials().ufrag;
  for (auto* description : {&model.pending_local, &model.current_local}) {
    if (*description) record_candidate((*description)->session, entry.mids, ufrag, nullptr);
  }
  IceCandidate end;
  end.sdp_mid = entry.mids.front();
  end.sdp_m_line_index = index_of(entry.mids.front());
  end.username_fragment = ufrag;
  events.push_back(events::IceCandidate{std::move(end), ""});
}

std::optional<std::uint16_t> Connection::index_of(std::string_view mid) const {
  const Description* local = model.local();
  if (local == nullptr) return std::nullopt;
  for (std::size_t i = 0; i < local->session.media.size(); ++i) {
    if (local->session.media[i].mid() == mid) return static_cast<std::uint16_t>(i);
  }
  return std::nullopt;
}

// W3C 4.3: each state is told when it changes; gathering first, then ICE, then the whole.
void Connection::summarise(core::Time now) {
  if (closed()) return;
  const auto states = transports.states();
  const IceGatheringState gathering = summarise_gathering(states);
  const IceConnectionState ice = summarise_ice(states);
  const ConnectionState connection = summarise_connection(states);
  if (gathering != told.gathering) {
    tracer.state(now, "ice_gathering", to_string(told.gathering), to_string(gathering), "");
    told.gathering = gathering;
    events.push_back(events::IceGatheringStateChange{gathering});
    if (gathering == IceGatheringState::complete) events.push_back(events::IceCandidate{});
  }
  if (ice != told.ice) {
    tracer.state(now, "ice_connection", to_string(told.ice), to_string(ice), "");
    told.ice = ice;
    events.push_back(events::IceConnectionStateChange{ice});
  }
  if (connection != told.connection) {
    tracer.state(now, "connection", to_string(told.connection), to_string(connection), "");
    told.connection = connection;
    events.push_back(events::ConnectionStateChange{connection});
  }
}

void Connection::on(sctp::DataChannels::Event event, core::Time now) {
  using Channels = sctp::DataChannels;
  std::visit(core::Overloaded{
                 [&](Channels::Connected& each) {
                   tracer.event(now, "sctp_connected",
                                {{"max_channels", std::uint64_t{each.max_channels}}});
                 },
                 [&](Channels::Announced& each) {
                   channel_keys.insert(static_cast<std::uint32_t>(each.channel));
                   // W3C 6.1: `datachannel` first, then `open` on what it has brought.
                   events.push_back(events::DataChannelAnnounced{handle(each.channel)});
                   events.push_back(events::ChannelOpen{handle(each.channel)});
                 },
                 [&](Channels::Open& each) {
                   events.push_back(events::ChannelOpen{handle(each.channel)});
                 },
                 [&](Channels::Message& each) {
                   const bool binary = each.kind == sctp::MessageKind::binary;
                   say_of_channel(static_cast<std::uint32_t>(each.channel),
                                  events::ChannelMessage{handle(each.channel),
                                                         {binary, std::move(each.payload)}});
                   read_or_stop(now);
                 },
                 [&](Channels::BufferedAmountLow& each) {
                   events.push_back(events::ChannelBufferedAmountLow{handle(each.channel)});
                 },
                 [&](Channels::Closing& each) {
                   say_of_channel(static_cast<std::uint32_t>(each.channel),
                                  events::ChannelClosing{handle(each.channel)});
                 },
                 [&](Channels::Closed& each) { on_closed(each); },
                 [&](Channels::Disconnected&) { tracer.event(now, "sctp_disconnected"); },
                 [&](Channels::Failed& each) {
                   tracer.failure(now, "sctp", to_string(each.reason),
                                  "Restart the connection; the channels are lost.");
                 },
             },
             event);
}

void Connection::on_closed(const sctp::DataChannels::Closed& closed) {
  const bool orderly =
      closed.reason == sctp::CloseReason::local || closed.reason == sctp::CloseReason::remote;
  if (!orderly) {
    const bool lost = closed.reason == sctp::CloseReason::association_lost;
    Error error{.message = "The channel is closed: " + std::string{to_string(closed.reason)} + ".",
                .detail = lost ? ErrorDetail::sctp_failure : ErrorDetail::data_channel_failure};
    say_of_channel(static_cast<std::uint32_t>(closed.channel),
                   events::ChannelError{handle(closed.channel), std::move(error)});
  }
  channel_keys.erase(static_cast<std::uint32_t>(closed.channel));
  low_thresholds.erase(static_cast<std::uint32_t>(closed.channel));
  say_of_channel(static_cast<std::uint32_t>(closed.channel),
                 events::ChannelClosed{handle(closed.channel)});
}

void Connection::close(core::Time now) {
  if (closed()) return;
  tracer.state(now, "signaling", to_string(model.signaling), "closed", "close() was called");
  if (channels) {
    // RFC 8831 6.7 is not waited for: the association is aborted, and the peer is told.
    TransportEntry* entry = data_transport();
    channels->close(now);
    while (auto packet = channels->poll_transmit()) {
      if (entry != nullptr) entry->transport.send_data(*packet, now);
    }
    channels.reset();
    channel_keys.clear();
    paused_channels.clear();
  }
  transports.close(now);
  // W3C 4.4.2 close: the states become `closed`, and nothing is fired.
  events.clear();
  for (core::Effect& effect : transports.take_effects()) events.push_back(std::move(effect));
  for (TransceiverState& each : model.transceivers) {
    each.stopping = each.stopped = true;
    each.direction = Direction::stopped;
  }
  model.signaling = SignalingState::closed;
  told.ice = IceConnectionState::closed;
  told.connection = ConnectionState::closed;
}

}  // namespace lucid::peer::detail
