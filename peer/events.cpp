#include "peer/events.hpp"

#include "core/handle.hpp"

namespace lucid::peer {
namespace {

std::string channel_text(std::string_view what, const DataChannel& channel) {
  return std::string{what} + " " + std::to_string(channel.key());
}
std::string id_text(std::string_view what, const Transceiver& transceiver) {
  return std::string{what} + " " + std::to_string(static_cast<std::uint32_t>(transceiver.id()));
}

}  // namespace

std::string describe(const Event& event) {
  using std::string;
  return std::visit(
      core::Overloaded{
          [](const events::NegotiationNeeded&) { return string{"negotiation_needed"}; },
          [](const events::SignalingStateChange& it) {
            return "signaling_state " + string{to_string(it.state)};
          },
          [](const events::IceGatheringStateChange& it) {
            return "ice_gathering_state " + string{to_string(it.state)};
          },
          [](const events::IceConnectionStateChange& it) {
            return "ice_connection_state " + string{to_string(it.state)};
          },
          [](const events::ConnectionStateChange& it) {
            return "connection_state " + string{to_string(it.state)};
          },
          [](const events::IceCandidate& it) {
            return "ice_candidate " + (it.candidate ? it.candidate->candidate : "none any more");
          },
          [](const events::IceCandidateError& it) {
            return "ice_candidate_error " + it.url + " " + it.error_text;
          },
          [](const events::TransportError& it) { return "transport_error " + it.error.text(); },
          [](const events::DataChannelAnnounced& it) {
            return channel_text("announced", it.channel);
          },
          [](const events::ChannelOpen& it) { return channel_text("channel_open", it.channel); },
          [](const events::ChannelMessage& it) {
            return channel_text("channel_message", it.channel) +
                   (it.message.binary ? " " : " text ") + core::to_hex(it.message.data);
          },
          [](const events::ChannelBufferedAmountLow& it) {
            return channel_text("buffered_amount_low", it.channel);
          },
          [](const events::ChannelClosing& it) {
            return channel_text("channel_closing", it.channel);
          },
          [](const events::ChannelClosed& it) {
            return channel_text("channel_closed", it.channel);
          },
          [](const events::ChannelError& it) {
            return channel_text("channel_error", it.channel) + " " + it.error.text();
          },
          [](const events::Track& it) {
            return id_text("track", it.transceiver) + " " + it.track.id;
          },
          [](const events::RemoveTrack& it) { return id_text("remove_track", it.transceiver); },
          [](const events::Mute& it) { return id_text("mute", it.transceiver); },
          [](const events::Unmute& it) { return id_text("unmute", it.transceiver); },
          [](const events::Ended& it) { return id_text("ended", it.transceiver); },
          [](const events::Frame& it) {
            return id_text("frame", it.transceiver) + " " + std::to_string(it.frame.data.size());
          },
          [](const events::Packet& it) {
            return id_text("packet", it.transceiver) + " " + std::to_string(it.packet.bytes.size());
          },
          [](const events::EncodingTargets& it) {
            return id_text("encoding_targets", it.transceiver);
          },
          [](const events::KeyFrameRequested& it) {
            return id_text("key_frame_requested", it.transceiver) + " " + it.rid;
          },
          [](const core::Effect& it) { return "effect " + std::to_string(it.index()); },
      },
      event);
}

}  // namespace lucid::peer
