#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/effects.hpp"
#include "core/media.hpp"
#include "peer/data_channel.hpp"
#include "peer/description.hpp"
#include "peer/error.hpp"
#include "peer/rtp_packet.hpp"
#include "peer/states.hpp"
#include "peer/transceiver.hpp"

// What comes out of PeerConnection::poll_event: the W3C's events under their own names, the media,
// and what the connection asks of the edge (core/effects.hpp).
namespace lucid::peer::events {

struct NegotiationNeeded {};
struct SignalingStateChange {
  SignalingState state;
};
struct IceGatheringStateChange {
  IceGatheringState state;
};
struct IceConnectionStateChange {
  IceConnectionState state;
};
struct ConnectionStateChange {
  ConnectionState state;
};
// `candidate` with an empty string: that section has no more. nullopt: nor has any other.
struct IceCandidate {
  std::optional<peer::IceCandidate> candidate;
  std::string url;  // the server it was got from, if any
};
struct IceCandidateError {
  std::string address;
  std::uint16_t port = 0;
  std::string url;
  std::uint16_t error_code = 0;  // STUN's, or 701: the server could not be reached
  std::string error_text;
};
// A transport has failed for good: `error.detail` says how.
struct TransportError {
  std::string mid;
  Error error;
};

struct DataChannelAnnounced {  // "datachannel": the peer has created one
  DataChannel channel;
};
struct ChannelOpen {
  DataChannel channel;
};
struct ChannelMessage {
  DataChannel channel;
  DataMessage message;
};
struct ChannelBufferedAmountLow {
  DataChannel channel;
};
struct ChannelClosing {  // the peer has begun to close it
  DataChannel channel;
};
struct ChannelClosed {
  DataChannel channel;
};
struct ChannelError {
  DataChannel channel;
  Error error;
};

// "track": the peer will send on this transceiver, as part of these streams.
struct Track {
  Transceiver transceiver;
  MediaStreamTrack track;
  std::vector<std::string> streams;
};
struct RemoveTrack {  // the track has left this stream
  Transceiver transceiver;
  std::string stream;
};
struct Mute {
  Transceiver transceiver;
};
struct Unmute {
  Transceiver transceiver;
};
struct Ended {  // its transceiver was stopped
  Transceiver transceiver;
};

struct Frame {  // received
  Transceiver transceiver;
  core::EncodedFrame frame;
};
struct Packet {  // received by a receiver in packet mode
  Transceiver transceiver;
  RtpPacket packet;
};
// The encodings of this sender in the order of its parameters: when sending begins, and whenever
// parameters or the path have changed what they may do.
struct EncodingTargets {
  Transceiver transceiver;
  std::vector<EncodingTarget> encodings;
};
struct KeyFrameRequested {  // the peer asks our encoder (PLI, FIR)
  Transceiver transceiver;
  std::string rid;
};

}  // namespace lucid::peer::events

namespace lucid::peer {

using Event =
    std::variant<events::NegotiationNeeded, events::SignalingStateChange,
                 events::IceGatheringStateChange, events::IceConnectionStateChange,
                 events::ConnectionStateChange, events::IceCandidate, events::IceCandidateError,
                 events::TransportError, events::DataChannelAnnounced, events::ChannelOpen,
                 events::ChannelMessage, events::ChannelBufferedAmountLow, events::ChannelClosing,
                 events::ChannelClosed, events::ChannelError, events::Track, events::RemoveTrack,
                 events::Mute, events::Unmute, events::Ended, events::Frame, events::Packet,
                 events::EncodingTargets, events::KeyFrameRequested, core::Effect>;

// In words, with all that a channel carries: equal texts, equal events.
std::string describe(const Event& event);

}  // namespace lucid::peer
