#pragma once
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/machine.hpp"
#include "core/serial.hpp"
#include "peer/detail/forwarding.hpp"
#include "peer/detail/media_plan.hpp"
#include "peer/detail/media_router.hpp"
#include "rtp/congestion/controller.hpp"
#include "rtp/receive/stream.hpp"
#include "rtp/receive/transport_feedback.hpp"
#include "rtp/rtcp/session.hpp"
#include "rtp/send/pacer.hpp"
#include "rtp/send/stream.hpp"

namespace lucid::peer::detail {

// All RTP and RTCP of one transport, in the clear: streams out through one pacer, streams in by the
// router, and the RTCP of both. Datagrams in are decrypted; what comes out is to be encrypted.
class MediaTransport {
 public:
  struct Config {
    std::string cname;
    core::WallClock wall;
  };
  struct Frame {
    TransceiverId id{};
    core::EncodedFrame frame;
  };
  struct Packet {
    TransceiverId id{};
    RtpPacket packet;
  };
  struct TargetsChanged {  // targets() tells to what
    TransceiverId id{};
  };
  struct KeyFrameRequested {
    TransceiverId id{};
    std::string rid;
  };
  struct Started {  // the first packet of this transceiver's
    TransceiverId id{};
  };
  using Event = std::variant<Frame, Packet, TargetsChanged, KeyFrameRequested, Started>;

  struct Stats {
    std::uint64_t dropped_malformed = 0;
    std::uint64_t dropped_nobodys = 0;  // packets that no section claims
    std::uint64_t dropped_frames = 0;   // of encodings that are not sent
    std::uint64_t dropped_packets = 0;  // to be forwarded, likewise, or in a codec not agreed on
  };
  struct Outbound {
    TransceiverId id{};
    RtpEncoding encoding;
    rtp::SendStream stream;
    std::unique_ptr<Forwarding> forwarding{};  // of a sender that takes packets
  };
  struct Inbound {
    TransceiverId id{};
    std::string mid;
    rtp::ReceiveStream stream;
    std::uint64_t frames = 0;
    std::uint8_t payload_type = 0;  // of its latest packet that was no repair
  };
  using Targets = std::vector<EncodingTarget>;

  MediaTransport(Config config, core::Context context, core::Time now);

  // Streams that the new plans still have go on as they are.
  void set_plans(std::vector<MediaPlan> plans, core::Time now);
  void set_encodings(TransceiverId id, const std::vector<RtpEncoding>& encodings);
  void set_output(TransceiverId id, ReceiverOutput output);
  void send(TransceiverId id, const core::EncodedFrame& frame, core::Time now);
  void send(TransceiverId id, const RtpPacket& packet, core::Time now);
  void request_key_frame(TransceiverId id, std::string_view rid, core::Time now);
  void close(core::Time now) { rtcp_->close("", now); }

  void handle_rtp(core::Buffer packet, core::Time now);
  void handle_rtcp(core::Bytes compound, core::Time now);
  void handle_timeout(core::Time now);
  // A packet that the pacer lets out; after it has been encrypted into a buffer of its own it is
  // given back by sent(), for those who ask again.
  std::optional<rtp::Outgoing> poll_rtp();
  void sent(rtp::Outgoing packet, core::Time now);
  std::optional<core::Buffer> poll_rtcp();
  std::optional<Event> poll_event();
  std::optional<core::Time> next_timeout() const;

  const std::map<std::uint32_t, Outbound>& outbound() const { return outbound_; }
  const std::map<std::uint32_t, Inbound>& inbound() const { return inbound_; }
  const std::vector<MediaPlan>& plans() const { return plans_; }
  const rtp::rtcp::Session& rtcp() const { return *rtcp_; }
  const rtp::congestion::Plan& congestion() const { return controller_->plan(); }
  // Empty for what does not send.
  Targets targets(TransceiverId id) const;
  const Stats& stats() const { return stats_; }

 private:
  void plan_outbound(const MediaPlan& plan);
  Outbound* outbound_for(TransceiverId id, std::string_view rid);
  void update_targets(core::Time now);
  Inbound* inbound_for(const rtp::Packet& packet, const MediaRouter::Route& route);
  Inbound* add_inbound(const rtp::Packet& first_packet, const MediaRouter::Route& route);
  void take_inbound(Inbound& inbound, core::Time now);
  void take(Inbound& inbound, rtp::ReceiveStream::Frame received, core::Time now);
  void take(Inbound& inbound, rtp::ReceiveStream::ReceivedPacket received, core::Time now);
  void take_rtcp_events(core::Time now);
  void take(const rtp::rtcp::Message& message, core::Time now);
  void take(const rtp::rtcp::TransportFeedback& feedback, core::Time now);
  void take_pacer_events(core::Time now);
  Outbound* outbound_of(std::uint32_t ssrc);
  void asked_for_key_frame(const Outbound& outbound);

  Config config_;
  core::Context context_;
  std::vector<MediaPlan> plans_;
  MediaRouter router_;
  std::unique_ptr<rtp::congestion::Controller> controller_;
  std::unique_ptr<rtp::Pacer> pacer_;
  std::unique_ptr<rtp::rtcp::Session> rtcp_;
  rtp::TransportFeedbackRecorder arrivals_;
  std::map<std::uint32_t, Outbound> outbound_;  // by SSRC
  // Those that negotiation keeps from sending for now. RFC 3711 3.3.1: the numbers of an SSRC go on
  // where they stopped; the receiver has an index to count from.
  std::map<std::uint32_t, Outbound> resting_;
  std::map<std::uint32_t, Inbound> inbound_;
  std::map<TransceiverId, Targets> targets_;  // as told last
  core::Unwrapper<std::uint16_t> reported_;   // transport-wide numbers in feedback
  std::optional<std::uint64_t> remb_;         // the most that the peer takes, where it says
  core::Time targeted_at_{};                  // when targets were looked at last
  std::deque<Event> events_;
  Stats stats_;
};

}  // namespace lucid::peer::detail
