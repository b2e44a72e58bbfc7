#pragma once
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/machine.hpp"
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
  struct KeyFrameRequested {
    TransceiverId id{};
    std::string rid;
  };
  struct Started {  // the first packet of this transceiver's
    TransceiverId id{};
  };
  using Event = std::variant<Frame, KeyFrameRequested, Started>;

  struct Stats {
    std::uint64_t dropped_malformed = 0;
    std::uint64_t dropped_nobodys = 0;  // packets that no section claims
    std::uint64_t dropped_frames = 0;   // of encodings that are not sent
  };
  struct Outbound {
    TransceiverId id{};
    RtpEncoding encoding;
    rtp::SendStream stream;
    core::Time last_capture{};
  };
  struct Inbound {
    TransceiverId id{};
    std::string mid;
    rtp::ReceiveStream stream;
    std::uint64_t frames = 0;
    std::uint64_t key_frames = 0;
  };

  MediaTransport(Config config, core::Context context, core::Time now);

  // Streams that the new plans still have go on as they are.
  void set_plans(std::vector<MediaPlan> plans, core::Time now);
  void set_encodings(TransceiverId id, const std::vector<RtpEncoding>& encodings);
  void send(TransceiverId id, const core::EncodedFrame& frame, core::Time now);
  void request_key_frame(TransceiverId id, core::Time now);
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
  const Stats& stats() const { return stats_; }

 private:
  void plan_outbound(const MediaPlan& plan);
  Inbound* inbound_for(const rtp::Packet& packet, const MediaRouter::Route& route);
  Inbound* add_inbound(std::uint32_t ssrc, const MediaRouter::Route& route);
  void take_inbound(Inbound& inbound, core::Time now);
  void take_rtcp_events(core::Time now);
  void take(const rtp::rtcp::Message& message, core::Time now);
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
  std::map<std::uint32_t, Inbound> inbound_;
  std::deque<Event> events_;
  Stats stats_;
};

}  // namespace lucid::peer::detail
