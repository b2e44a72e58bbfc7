// What the association reports, turned into what happens to channels (RFC 8831 6, RFC 8832 6).
#include <algorithm>
#include <utility>

#include "core/handle.hpp"
#include "sctp/detail/channel_set.hpp"
#include "sctp/detail/inbox.hpp"

namespace lucid::sctp::detail {

namespace {

constexpr std::uint16_t user_initiated_abort = 12;  // RFC 9260 3.3.10.12

}  // namespace

void ChannelSet::settle(core::Time now) {
  waiting_ = false;
  while (!full()) {
    auto event = association_.poll_event();
    if (!event) return;
    take(std::move(*event), now);
  }
  waiting_ = true;
}

void ChannelSet::take(Association::Event event, core::Time now) {
  std::visit(
      core::Overloaded{
          [&](const Association::Connected& up) {
            agreed_ = up;
            push(DataChannels::Connected{agreed()});
            start_or_grow(now);
          },
          [&](Association::Message& message) { take(message, now); },
          [&](const Association::BufferedAmountLow& low) {
            const auto at = on_stream(low.stream);
            if (at != channels_.end()) push(DataChannels::BufferedAmountLow{at->first});
          },
          [&](const Association::IncomingReset& reset) { take_incoming_reset(reset.stream, now); },
          [&](const Association::OutgoingReset& reset) { take_outgoing_reset(reset); },
          [&](const Association::StreamsChanged& changed) {
            agreed_ = {changed.outgoing_streams, changed.incoming_streams};
            growth_refused_ = growth_refused_ || changed.refused;
            growing_ = false;
            start_or_grow(now);
          },
          [&](const Association::OversizedMessage& message) {
            const auto at = on_stream(message.stream);
            if (at != channels_.end()) begin_close(at, CloseReason::oversized_message, now);
          },
          [&](const Association::Closed&) {
            if (over_) return;
            finish_all(CloseReason::remote);
            push(DataChannels::Disconnected{});
          },
          [&](const Association::Failed& failed) { take_failure(failed); },
      },
      event);
}

// Channels that wait for the association, or for more streams than it has.
void ChannelSet::start_or_grow(core::Time now) {
  for (auto at = channels_.begin(); at != channels_.end();) {
    const auto current = at++;
    const Channel& channel = current->second.channel;
    if (channel.state != ChannelState::connecting || !channel.stream) continue;
    if (*channel.stream < agreed()) {
      start(current, now);
    } else if (growth_refused_) {
      finish(current, CloseReason::no_free_id);
    } else if (!growing_) {
      grow(static_cast<std::uint16_t>(*channel.stream + 1), now);
    }
  }
}

// RFC 6525 5.1.5, 5.1.6: asks for what each direction lacks of `wanted` streams.
void ChannelSet::grow(std::uint16_t wanted, core::Time now) {
  growing_ = true;
  const auto lacking = [&](std::uint16_t have) {
    return static_cast<std::uint16_t>(wanted > have ? wanted - have : 0);
  };
  association_.add_streams(lacking(agreed_->outgoing_streams), lacking(agreed_->incoming_streams),
                           now);
}

void ChannelSet::start(Channels::iterator at, core::Time now) {
  Record& record = at->second;
  const ChannelOptions& options = record.channel.options;
  record.acknowledged = options.negotiated.has_value();
  if (!options.negotiated) {
    const auto message = dcep::serialize(dcep::Open{options.order, options.reliability,
                                                    static_cast<std::uint16_t>(options.priority),
                                                    options.label, options.protocol});
    // RFC 8832 6: DCEP is ordered and reliable whatever the channel is.
    const auto sent =
        association_.send({StreamId{*record.channel.stream}, PayloadProtocol::dcep}, message, now);
    if (!sent) return finish(at, CloseReason::association_lost);
  }
  transition(at, ChannelState::open, options.negotiated ? "negotiated" : "OPEN sent");
  push(DataChannels::Open{at->first});
}

void ChannelSet::take(Association::Message& message, core::Time now) {
  const PayloadProtocol protocol = message.protocol;
  if (protocol == PayloadProtocol::dcep) return take_dcep(message.stream, message.payload, now);
  const bool string =
      protocol == PayloadProtocol::string || protocol == PayloadProtocol::string_empty;
  const bool empty =
      protocol == PayloadProtocol::string_empty || protocol == PayloadProtocol::binary_empty;
  if (!string && !empty && protocol != PayloadProtocol::binary) {
    ++stats_.dropped_unknown_protocol;
    return;
  }
  const auto at = on_stream(message.stream);
  if (at == channels_.end() || at->second.channel.state != ChannelState::open) {
    ++stats_.dropped_no_channel;
    return;
  }
  at->second.acknowledged = true;  // RFC 8832 6: any message from the peer tells as much as an ACK
  if (empty) message.payload = {};
  Channel& channel = at->second.channel;
  ++channel.messages_received;
  channel.bytes_received += message.payload.size();
  cost_ += cost_of(message.payload);
  push(DataChannels::Message{at->first, string ? MessageKind::string : MessageKind::binary,
                             std::move(message.payload)});
}

void ChannelSet::take_dcep(StreamId stream, core::Bytes bytes, core::Time now) {
  auto message = dcep::parse(bytes);
  if (!message) {
    ++stats_.dropped_bad_dcep;
    // RFC 8832 6: the stream of a message that is not understood is reset.
    if (on_stream(stream) == channels_.end()) {
      association_.reset(stream, Association::Unsent::discard, now);
    }
    return;
  }
  if (auto* open = std::get_if<dcep::Open>(&*message)) {
    return take_open(stream, std::move(*open), now);
  }
  const auto at = on_stream(stream);
  if (at != channels_.end()) at->second.acknowledged = true;
}

void ChannelSet::take_open(StreamId stream, dcep::Open open, core::Time now) {
  auto at = on_stream(stream);
  // The peer uses an id again as soon as it has seen both resets; we may not have seen the answer
  // to ours yet.
  if (at != channels_.end() && at->second.incoming_reset) {
    finish(at, at->second.reason);
    at = channels_.end();
  }
  const bool our_parity =
      role_ && (static_cast<std::uint16_t>(stream) % 2 == 1) == (role_ == Role::server);
  if (at != channels_.end() || our_parity) {
    ++stats_.dropped_bad_dcep;
    // RFC 8832 6: an id that is in use or not the peer's to choose closes the channel.
    if (at == channels_.end()) {
      association_.reset(stream, Association::Unsent::discard, now);
    } else {
      begin_close(at, CloseReason::protocol_violation, now);
    }
    return;
  }
  const ChannelId id{next_id_++};
  at = channels_
           .emplace(id, Record{.channel = {.options = {.label = std::move(open.label),
                                                       .protocol = std::move(open.protocol),
                                                       .order = open.order,
                                                       .reliability = open.reliability,
                                                       .priority = Priority{open.priority}}},
                               .acknowledged = true})
           .first;
  ++stats_.channels_opened;
  assign(at, static_cast<std::uint16_t>(stream));
  const auto answered =
      association_.send({stream, PayloadProtocol::dcep}, dcep::serialize(dcep::Ack{}), now);
  if (!answered) return finish(at, CloseReason::association_lost);
  transition(at, ChannelState::open, "OPEN received");
  push(DataChannels::Announced{id});
}

// RFC 8831 6.7: a channel is closed by resetting its stream, and the other side does the same.
void ChannelSet::begin_close(Channels::iterator at, CloseReason reason, core::Time now) {
  if (at->second.channel.state != ChannelState::open) return;
  at->second.reason = reason;
  transition(at, ChannelState::closing, to_string(reason));
  association_.reset(
      StreamId{*at->second.channel.stream},
      reason == CloseReason::local ? Association::Unsent::deliver : Association::Unsent::discard,
      now);
}

void ChannelSet::take_incoming_reset(StreamId stream, core::Time now) {
  const auto at = on_stream(stream);
  if (at == channels_.end()) return;
  at->second.incoming_reset = true;
  if (at->second.channel.state == ChannelState::open) {
    push(DataChannels::Closing{at->first});
    begin_close(at, CloseReason::remote, now);
  } else if (at->second.outgoing_reset) {
    finish(at, at->second.reason);
  }
}

void ChannelSet::take_outgoing_reset(const Association::OutgoingReset& reset) {
  const auto at = on_stream(reset.stream);
  if (at == channels_.end()) return;
  at->second.outgoing_reset = true;
  // A peer that cannot reset streams will not reset its own either.
  if (at->second.incoming_reset || !reset.done) finish(at, at->second.reason);
}

void ChannelSet::take_failure(const Association::Failed& failed) {
  if (over_) return;
  // A peer that closes its connection aborts the association with this cause: not an error.
  const bool wanted =
      failed.reason == FailReason::aborted_by_peer && failed.cause == user_initiated_abort;
  finish_all(wanted ? CloseReason::remote : CloseReason::association_lost);
  if (wanted) {
    push(DataChannels::Disconnected{});
  } else {
    push(DataChannels::Failed{failed.reason, failed.cause});
  }
}

void ChannelSet::finish(Channels::iterator at, CloseReason reason) {
  transition(at, ChannelState::closed, to_string(reason));
  push(DataChannels::Closed{at->first, reason});
  if (at->second.channel.stream) streams_.erase(StreamId{*at->second.channel.stream});
  channels_.erase(at);
  ++stats_.channels_closed;
}

void ChannelSet::finish_all(CloseReason reason) {
  over_ = true;
  while (!channels_.empty()) finish(channels_.begin(), reason);
}

}  // namespace lucid::sctp::detail
