#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "core/machine.hpp"
#include "core/media.hpp"
#include "rtp/dependency_descriptor.hpp"
#include "rtp/extension.hpp"
#include "rtp/packet.hpp"
#include "rtp/payload/packetizer.hpp"
#include "rtp/rtcp/packet.hpp"
#include "rtp/send/expected_loss.hpp"
#include "rtp/send/history.hpp"
#include "rtp/send/pacer.hpp"

namespace lucid::rtp {

struct SendStreamConfig {
  std::uint32_t ssrc = 0;
  std::uint8_t payload_type = 96;
  PacketizerConfig format;
  // RFC 4588: the stream that repeats packets; without it they are sent again as they were.
  std::optional<std::uint32_t> rtx_ssrc;
  std::uint8_t rtx_payload_type = 0;
  // RFC 2198: audio goes out with this payload type, each packet with the one before it again.
  std::optional<std::uint8_t> red_payload_type;
  std::string mid;
  std::string rid;
  ExtensionMap extensions;
  // The largest packet, before encryption: the path's MTU less IP, UDP, SRTP tag and TURN.
  std::size_t packet_limit = 1200;
  PacketHistory::Limits history;
};

// One outgoing RTP stream: an encoding of a track (or its only one). Frames become packets for the
// pacer; NACKs are answered from the history; reports are made and read.
class SendStream {
 public:
  struct Stats {
    std::uint64_t packets = 0;
    std::uint64_t payload_bytes = 0;
    std::uint64_t header_bytes = 0;
    std::uint64_t frames = 0;
    std::uint64_t key_frames = 0;
    std::uint64_t retransmitted_packets = 0;
    std::uint64_t retransmitted_bytes = 0;
    std::uint64_t nacks = 0;
    std::uint64_t plis = 0;
    std::uint64_t firs = 0;
    std::uint64_t dropped_frames = 0;  // not of the format, or the pacer was full
    // What the far end last reported (RFC 3550 6.4.1).
    std::optional<core::Duration> round_trip;
    double fraction_lost = 0;
    std::uint8_t expected_loss = 0;  // percent: see ExpectedLoss
    std::int32_t cumulative_lost = 0;
    core::Duration jitter{};
  };

  SendStream(SendStreamConfig config, core::Context context);

  const SendStreamConfig& config() const { return config_; }
  const Stats& stats() const { return stats_; }

  // Agreed anew, in the middle of the stream: numbers, timestamps and history go on.
  void reconfigure(SendStreamConfig config);

  // The frame's rtp_timestamp is a difference to the stream's own beginning, which is random.
  void send(const core::EncodedFrame& frame, core::Time now, Pacer& pacer);
  // A packet from elsewhere, its numbers already in this stream's own terms (see Forwarder).
  void forward(core::Buffer packet, bool keep, core::Time now, Pacer& pacer,
               core::Time captured = {});
  // What the pacer let out and was marked to keep comes here after it was encrypted.
  void sent(Outgoing packet, core::Time now);

  void handle(const rtcp::Nack& nack, core::Time now, Pacer& pacer);
  void handle(const rtcp::ReportBlock& block, core::Time now, const core::WallClock& wall);
  // True when the encoder is to make a key frame: not for a repetition of the same FIR, nor for
  // PLIs that follow each other faster than a frame could answer.
  bool handle(const rtcp::PictureLoss& request, core::Time now);
  bool handle(const rtcp::FullIntraRequest& request, core::Time now);

  // Nullopt before the first packet.
  std::optional<rtcp::SenderReport> report(core::Time now, const core::WallClock& wall) const;
  // Up to `bytes` of padding, made of packets sent before (RFC 4588 allows) or of nothing.
  void pad(std::size_t bytes, core::Time now, Pacer& pacer);

  std::uint32_t timestamp_offset() const { return timestamp_offset_; }

 private:
  struct LateFields {  // what the pacer writes: offsets, 0 where there is none
    std::uint16_t transport_sequence = 0;
    std::uint16_t send_time = 0;
  };
  struct Template {  // the header of a frame's packets
    HeaderWriter header;
    LateFields late;
    std::uint16_t descriptor = 0;  // offset of the dependency descriptor
  };
  struct Repeats {
    bool something = false;
    const Packet* original = nullptr;
  };
  std::uint16_t place(core::Bytes packet, ExtensionType type) const;
  LateFields late_fields(core::Bytes packet) const;
  Template begin(const Header& header, Repeats repeats) const;
  void finish(Template& parts) const;
  Template describe(const Header& header, const core::EncodedFrame& frame,
                    const std::optional<DependencyDescriptor>& dependencies) const;
  void set_up_dependencies();
  void count(const core::Buffer& packet, std::size_t header_size, core::Time captured,
             std::uint32_t timestamp);
  void repeat(const core::Buffer& original, core::Time now, Pacer& pacer, PacketKind kind);
  bool may_ask_for_key_frame(core::Time now);
  bool add_redundancy(core::Buffer& payload, std::uint32_t timestamp);

  SendStreamConfig config_;
  core::Random* random_;
  core::Pool* pool_;
  std::unique_ptr<Packetizer> packetizer_;
  std::optional<DependencyWriter> dependencies_;  // where the extension is agreed on
  PacketHistory history_;
  std::uint16_t next_sequence_;
  std::uint16_t next_rtx_sequence_;
  std::uint32_t timestamp_offset_;
  struct LastSent {
    core::Time captured;
    std::uint32_t timestamp;
  };
  std::optional<LastSent> last_sent_;
  core::Buffer previous_;  // the payload sent last, for RED
  std::optional<core::Time> last_key_request_;
  std::optional<std::uint8_t> last_fir_;
  ExpectedLoss expected_loss_;
  Stats stats_;
};

}  // namespace lucid::rtp
