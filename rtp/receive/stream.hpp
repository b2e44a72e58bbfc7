#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "core/machine.hpp"
#include "core/media.hpp"
#include "core/queue.hpp"
#include "rtp/extension.hpp"
#include "rtp/payload/references.hpp"
#include "rtp/receive/frame_buffer.hpp"
#include "rtp/receive/nack.hpp"
#include "rtp/rtcp/packet.hpp"

namespace lucid::rtp {

struct ReceiveStreamConfig {
  std::uint32_t ssrc = 0;
  // Payload type -> format of the stream, and RTX payload type -> the one it repeats (RFC
  // 4588 8.1).
  std::map<std::uint8_t, core::Codec> formats;
  std::map<std::uint8_t, std::uint8_t> rtx_formats;
  std::optional<std::uint8_t> red_payload_type;  // RFC 2198: its blocks are of the formats above
  std::optional<std::uint32_t> rtx_ssrc;
  std::uint32_t clock_rate = 90'000;
  ExtensionMap extensions;
  bool nack = true;
  bool pli = true;
  std::string rid;
  // Whom feedback comes from: an SSRC of our own.
  std::uint32_t own_ssrc = 1;
  // Frames: repaired, put in order, held back until they are due. Packets: repaired and handed on.
  enum class Output : std::uint8_t { frames, packets } output = Output::frames;
};

// One incoming RTP stream with its repair: packets in, frames (or packets) out, NACKs and key-frame
// requests to send back. Video frames come out when they are due; audio packets at once, in the
// order of arrival, each as a frame, for the playout buffer of rtp/audio to put in order. What was
// lost, how even it came and when it was captured is rtcp::Session's to tell.
class ReceiveStream {
 public:
  struct Frame {
    core::EncodedFrame frame;
    std::int64_t sequence = 0;  // of its first packet, unwrapped
    core::Time arrived_at{};
  };
  struct ReceivedPacket {
    core::Buffer bytes;
    bool repaired = false;
  };
  using Datagram = core::Buffer;
  using Transmit = rtcp::Message;
  using Event = std::variant<Frame, ReceivedPacket>;
  struct Stats {
    std::uint64_t duplicates = 0;
    std::uint64_t restarts = 0;  // of the source's numbers
    std::uint64_t malformed = 0;
    std::uint64_t unknown_format = 0;
    std::uint64_t repaired_packets = 0;
    std::uint64_t repair_bytes = 0;
    std::uint64_t nacks = 0;
    std::uint64_t key_frame_requests = 0;
    core::Time last_packet_at{};
  };

  ReceiveStream(ReceiveStreamConfig config, core::Context context);

  // A decrypted packet of the stream or of its RTX stream.
  void handle_datagram(core::Buffer packet, core::Time now);
  void handle_timeout(core::Time now);
  std::optional<rtcp::Message> poll_transmit() { return out_.pop(); }
  std::optional<Event> poll_event() { return events_.pop(); }
  std::optional<core::Time> next_timeout() const;

  void round_trip(core::Duration rtt);
  // The RTX stream, where it is known only from its own packets (RFC 8852 3.2, RFC 4588 5.3).
  void repaired_by(std::uint32_t ssrc) { config_.rtx_ssrc = ssrc; }
  // Asks for a key frame now, unless that was done a moment ago.
  void request_key_frame(core::Time now);
  // Lip synchronisation and applications may want more delay than the network does.
  void limit_delay(DelayEstimator::Limits limits) { frames_.delay().limit(limits); }

  const ReceiveStreamConfig& config() const { return config_; }
  const Stats& stats() const { return stats_; }
  const NackGenerator::Stats& nack_stats() const { return nack_.stats(); }
  const FrameBuffer::Stats& frame_stats() const { return frames_.stats(); }
  core::Duration target_delay() const { return frames_.delay().target(); }

 private:
  enum class Source : std::uint8_t { direct, repair };
  struct Seen {
    std::int64_t number = 0;
    std::uint32_t timestamp = 0;
  };
  void take(const Packet& view, core::Buffer bytes, Source source, core::Time now);
  NackGenerator::Arrival arrival(Source source) const;
  void take_repair(const Packet& view, core::Buffer bytes, core::Time now);
  void take_audio(const Packet& view, core::Codec codec, std::int64_t number, core::Time now);
  void take_red(const Packet& view, std::int64_t number, core::Time now);
  void hand_up(const Packet& view, Frame frame, core::Bytes data, core::Time now);
  void take_video(const Packet& view, core::Buffer bytes, core::Codec codec,
                  const FrameAssembler::Arrival& arrival);
  void release(core::Time now);
  void annotate(AssembledFrame& frame);
  void take_stray(const Packet& view, core::Buffer bytes, core::Time now);
  std::uint16_t rotation_of(const AssembledFrame& frame) const;
  void feed_back(core::Time now);
  core::Duration patience_with_gaps() const;

  ReceiveStreamConfig config_;
  core::Pool* pool_;
  core::Unwrapper<std::uint16_t> unwrap_;
  NackGenerator nack_;
  std::unique_ptr<FrameAssembler> assembler_;
  FrameBuffer frames_;
  ReferenceFinder references_;
  DependencyReader dependencies_;
  std::optional<std::int64_t> first_;
  std::int64_t turn_;       // where the numbers of this run begin
  std::vector<Seen> seen_;  // the latest packets, each in its place, to tell duplicates
  core::Buffer stray_;      // the packet before, when it looked as if its source had begun anew
  core::Duration round_trip_ = std::chrono::milliseconds{100};
  std::optional<core::Time> last_request_;
  core::Queue<rtcp::Message> out_;
  core::Queue<Event> events_;
  Stats stats_;
};
static_assert(core::Machine<ReceiveStream>);

}  // namespace lucid::rtp
