#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/media.hpp"
#include "core/time.hpp"
#include "peer/error.hpp"
#include "peer/rtp_packet.hpp"
#include "peer/rtp_parameters.hpp"

// Handles to the media of one PeerConnection: cheap to copy and compare, not to outlive it. A
// handle of a transceiver that is gone answers `stopped` and empty values.
namespace lucid::peer {

class PeerConnection;
namespace detail {
struct Connection;
}

// RTCRtpTransceiverInit.
struct TransceiverInit {
  Direction direction = Direction::sendrecv;
  std::vector<std::string> streams;
  std::vector<RtpEncoding> send_encodings;
};

enum class TransceiverId : std::uint32_t {};

// RTCRtpSender.
class Sender {
 public:
  Sender() = default;

  std::optional<MediaStreamTrack> track() const;
  // Swaps what is sent without negotiation; nullopt sends nothing.
  [[nodiscard]] Result<void> replace_track(std::optional<MediaStreamTrack> track);
  Result<void> set_streams(std::vector<std::string> streams);
  RtpSendParameters get_parameters();
  [[nodiscard]] Result<void> set_parameters(const RtpSendParameters& parameters);

  // Frames go out once negotiated and connected; before that, and for an encoding that is not
  // active, they are dropped and counted. `frame.rid` tells which encoding.
  void send(const core::EncodedFrame& frame, core::Time now);
  // Forwards a packet of a receiver, of this connection or another: SSRC, numbers, timestamp,
  // payload type and header extensions become those of this sender, the payload stays. An encoding
  // with the packet's rid takes it, or the only one there is. Packets of another source go on where
  // those before left off, from its next key frame on; KeyFrameRequested asks for that one. One
  // source at a time, and either frames or packets.
  void send(const RtpPacket& packet, core::Time now);
  // What its encodings may do now; EncodingTargets tells of changes. Empty before there is anything
  // to send to.
  std::vector<EncodingTarget> targets() const;

  TransceiverId id() const { return id_; }
  friend bool operator==(const Sender&, const Sender&) = default;

 private:
  friend class Transceiver;
  friend class PeerConnection;
  Sender(detail::Connection* owner, TransceiverId id) : owner_{owner}, id_{id} {}

  detail::Connection* owner_ = nullptr;
  TransceiverId id_{};
};

// RTCRtpReceiver.
class Receiver {
 public:
  Receiver() = default;

  MediaStreamTrack track() const;
  RtpReceiveParameters get_parameters() const;
  // Frames, unless packets are asked for. Best said when the Track event comes.
  void set_output(ReceiverOutput output);
  // Asks the sender for a key frame (RFC 4585 6.3.1 PLI) of this simulcast encoding, or of all.
  void request_key_frame(core::Time now, std::string_view rid = {});

  TransceiverId id() const { return id_; }
  friend bool operator==(const Receiver&, const Receiver&) = default;

 private:
  friend class Transceiver;
  Receiver(detail::Connection* owner, TransceiverId id) : owner_{owner}, id_{id} {}

  detail::Connection* owner_ = nullptr;
  TransceiverId id_{};
};

// RTCRtpTransceiver: one media section once negotiated, and its two halves.
class Transceiver {
 public:
  Transceiver() = default;

  core::MediaKind kind() const;
  std::optional<std::string> mid() const;
  Sender sender() const { return {owner_, id_}; }
  Receiver receiver() const { return {owner_, id_}; }

  Direction direction() const;
  [[nodiscard]] Result<void> set_direction(Direction direction);
  std::optional<Direction> current_direction() const;
  // Ends both halves for good; the next negotiation frees the section for another one.
  Result<void> stop(core::Time now);
  bool stopped() const { return direction() == Direction::stopped; }
  // The codecs to offer and answer with, in this order; empty: the defaults again.
  [[nodiscard]] Result<void> set_codec_preferences(std::vector<RtpCodec> codecs);

  TransceiverId id() const { return id_; }
  friend bool operator==(const Transceiver&, const Transceiver&) = default;

 private:
  friend struct detail::Connection;
  Transceiver(detail::Connection* owner, TransceiverId id) : owner_{owner}, id_{id} {}

  detail::Connection* owner_ = nullptr;
  TransceiverId id_{};
};

}  // namespace lucid::peer
