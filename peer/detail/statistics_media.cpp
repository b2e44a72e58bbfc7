#include <algorithm>
#include <set>

#include "peer/detail/codecs.hpp"
#include "peer/detail/statistics.hpp"
#include "rtp/payload/packetizer.hpp"

namespace lucid::peer::detail {
namespace {

std::string kind_text(core::MediaKind kind) {
  return kind == core::MediaKind::audio ? "audio" : "video";
}

std::string codec_id(const TransportEntry& entry, const std::string& mid, std::uint8_t payload_type,
                     std::string_view direction) {
  return "C" + std::string{direction} + std::to_string(entry.id) + "_" + mid + "_" +
         std::to_string(payload_type);
}

void write_codec(StatsWriter& writer, const TransportEntry& entry, const std::string& mid,
                 std::uint8_t payload_type, const RtpCodec& codec, std::string_view direction) {
  auto& members = writer.add(codec_id(entry, mid, payload_type, direction), "codec").members;
  members.emplace_back("payloadType", std::uint64_t{payload_type});
  members.emplace_back("transportId", transport_id(entry));
  members.emplace_back("mimeType", codec.mime_type);
  members.emplace_back("clockRate", std::uint64_t{codec.clock_rate});
  if (codec.channels) members.emplace_back("channels", std::uint64_t{*codec.channels});
  if (!codec.sdp_fmtp_line.empty()) members.emplace_back("sdpFmtpLine", codec.sdp_fmtp_line);
}

// What our description says of this payload type: it is we who are sent it.
std::optional<RtpCodec> described_here(const Connection& connection, const MediaPlan& plan,
                                       std::uint8_t payload_type) {
  const Description* local = connection.model.local();
  const sdp::MediaSection* section = local ? local->session.find_mid(plan.mid) : nullptr;
  if (section == nullptr) return std::nullopt;
  const auto codecs = sdp::codecs(*section);
  const sdp::Codec* codec = sdp::find_payload_type(codecs, payload_type);
  return codec == nullptr ? std::nullopt : std::optional{w3c_codec(*codec, plan.kind)};
}

void write_inbound(StatsWriter& writer, const TransportEntry& entry, std::uint32_t ssrc,
                   const MediaTransport::Inbound& inbound, const TransceiverState& transceiver) {
  const rtp::ReceiveStream& stream = inbound.stream;
  const std::string kind = kind_text(transceiver.kind);
  auto& members = writer.add("I" + std::to_string(ssrc), "inbound-rtp").members;
  members.emplace_back("ssrc", std::uint64_t{ssrc});
  members.emplace_back("kind", kind);
  members.emplace_back("transportId", transport_id(entry));
  members.emplace_back("codecId", codec_id(entry, inbound.mid, inbound.payload_type, "I"));
  members.emplace_back("mid", inbound.mid);
  members.emplace_back("trackIdentifier", transceiver.receiver.track.id);
  if (const auto* reception = entry.media->rtcp().reception(ssrc)) {
    const rtp::rtcp::Reception::Stats received = reception->stats();
    members.emplace_back("packetsReceived", received.packets);
    members.emplace_back("bytesReceived", received.bytes);
    members.emplace_back("headerBytesReceived", received.header_bytes);
    members.emplace_back("packetsLost", received.lost);
    members.emplace_back("jitter", seconds(received.jitter));
    if (reception->last_sender_report()) {
      members.emplace_back("remoteId", "RO" + std::to_string(ssrc));
    }
  }
  members.emplace_back("lastPacketReceivedTimestamp", writer.at(stream.stats().last_packet_at));
  members.emplace_back("packetsDiscarded", stream.stats().duplicates);
  members.emplace_back("retransmittedPacketsReceived", stream.stats().repaired_packets);
  members.emplace_back("retransmittedBytesReceived", stream.stats().repair_bytes);
  members.emplace_back("jitterBufferTargetDelay", seconds(stream.target_delay()));
  if (transceiver.kind == core::MediaKind::video) {
    members.emplace_back("framesReceived", inbound.frames);
    members.emplace_back("framesDropped", stream.frame_stats().dropped);
    members.emplace_back("nackCount", stream.stats().nacks);
    members.emplace_back("pliCount", stream.stats().key_frame_requests);
  }
  if (!stream.config().rid.empty()) members.emplace_back("rid", stream.config().rid);
  if (stream.config().rtx_ssrc) {
    members.emplace_back("rtxSsrc", std::uint64_t{*stream.config().rtx_ssrc});
  }
}

void write_outbound(StatsWriter& writer, const TransportEntry& entry, std::uint32_t ssrc,
                    const MediaTransport::Outbound& outbound, const TransceiverState& transceiver) {
  const auto& stats = outbound.stream.stats();
  const auto& config = outbound.stream.config();
  const std::string kind = kind_text(transceiver.kind);
  auto& members = writer.add("O" + std::to_string(ssrc), "outbound-rtp").members;
  members.emplace_back("ssrc", std::uint64_t{ssrc});
  members.emplace_back("kind", kind);
  members.emplace_back("transportId", transport_id(entry));
  members.emplace_back("codecId", codec_id(entry, config.mid, config.payload_type, "O"));
  members.emplace_back("mid", config.mid);
  members.emplace_back("mediaSourceId",
                       "S" + std::to_string(static_cast<std::uint32_t>(transceiver.id)));
  members.emplace_back("active", outbound.encoding.active);
  if (!outbound.encoding.scalability_mode.empty()) {
    members.emplace_back("scalabilityMode", outbound.encoding.scalability_mode);
  }
  for (const EncodingTarget& target : entry.media->targets(transceiver.id)) {
    if (target.rid == config.rid) members.emplace_back("targetBitrate", target.bitrate);
  }
  members.emplace_back("packetsSent", stats.packets);
  members.emplace_back("bytesSent", stats.payload_bytes);
  members.emplace_back("headerBytesSent", stats.header_bytes);
  members.emplace_back("retransmittedPacketsSent", stats.retransmitted_packets);
  members.emplace_back("retransmittedBytesSent", stats.retransmitted_bytes);
  if (transceiver.kind == core::MediaKind::video) {
    // What comes here is encoded, so what was sent was encoded, and what had no room was as well.
    members.emplace_back("framesEncoded", stats.frames + stats.dropped_frames);
    members.emplace_back("keyFramesEncoded", stats.key_frames);
    members.emplace_back("framesSent", stats.frames);
    members.emplace_back("nackCount", stats.nacks);
    members.emplace_back("pliCount", stats.plis);
    members.emplace_back("firCount", stats.firs);
  }
  if (!config.rid.empty()) members.emplace_back("rid", config.rid);
  if (config.rtx_ssrc) members.emplace_back("rtxSsrc", std::uint64_t{*config.rtx_ssrc});

  // RFC 3550 6.4.1: what the peer's reports say of this stream.
  if (!stats.round_trip) return;
  members.emplace_back("remoteId", "RI" + std::to_string(ssrc));
  auto& remote = writer.add("RI" + std::to_string(ssrc), "remote-inbound-rtp").members;
  remote.emplace_back("ssrc", std::uint64_t{ssrc});
  remote.emplace_back("kind", kind);
  remote.emplace_back("transportId", transport_id(entry));
  remote.emplace_back("codecId", codec_id(entry, config.mid, config.payload_type, "O"));
  remote.emplace_back("localId", "O" + std::to_string(ssrc));
  remote.emplace_back("packetsLost", std::int64_t{stats.cumulative_lost});
  remote.emplace_back("fractionLost", stats.fraction_lost);
  remote.emplace_back("jitter", seconds(stats.jitter));
  remote.emplace_back("roundTripTime", seconds(*stats.round_trip));
}

void write_remote_outbound(StatsWriter& writer, const Connection& connection,
                           const TransportEntry& entry, std::uint32_t ssrc,
                           const MediaTransport::Inbound& inbound, core::MediaKind kind) {
  const auto* reception = entry.media->rtcp().reception(ssrc);
  if (reception == nullptr || !reception->last_sender_report()) return;
  const rtp::rtcp::SenderReport& report = *reception->last_sender_report();
  auto& members = writer.add("RO" + std::to_string(ssrc), "remote-outbound-rtp").members;
  members.emplace_back("ssrc", std::uint64_t{ssrc});
  members.emplace_back("kind", kind_text(kind));
  members.emplace_back("transportId", transport_id(entry));
  members.emplace_back("codecId", codec_id(entry, inbound.mid, inbound.payload_type, "I"));
  members.emplace_back("localId", "I" + std::to_string(ssrc));
  const core::Time said_at = report.ntp.time(connection.configuration.wall_clock);
  members.emplace_back("remoteTimestamp", writer.at(said_at));
  members.emplace_back("packetsSent", std::uint64_t{report.packet_count});
  members.emplace_back("bytesSent", std::uint64_t{report.octet_count});
}

void write_codecs(StatsWriter& writer, const Connection& connection, const TransportEntry& entry) {
  for (const MediaPlan& plan : entry.media->plans()) {
    if (plan.sending) {
      std::set<std::uint8_t> written;
      for (const RtpEncoding& encoding : plan.sending->encodings) {
        const MediaPlan::Format& format = plan.sending->format_for(encoding);
        if (!written.insert(format.payload_type).second) continue;
        write_codec(writer, entry, plan.mid, format.payload_type, format.codec, "O");
      }
    }
    if (!plan.receiving) continue;
    for (const auto& [payload_type, kind] : plan.receiving->formats) {
      const auto codec = described_here(connection, plan, payload_type);
      if (codec) write_codec(writer, entry, plan.mid, payload_type, *codec, "I");
    }
  }
}

}  // namespace

void write_media_stats(StatsWriter& writer, const Connection& connection,
                       const TransportEntry& entry) {
  write_codecs(writer, connection, entry);
  for (const auto& [ssrc, outbound] : entry.media->outbound()) {
    const TransceiverState* transceiver = connection.model.find(outbound.id);
    if (transceiver != nullptr) write_outbound(writer, entry, ssrc, outbound, *transceiver);
  }
  for (const auto& [ssrc, inbound] : entry.media->inbound()) {
    const TransceiverState* transceiver = connection.model.find(inbound.id);
    if (transceiver == nullptr) continue;
    write_inbound(writer, entry, ssrc, inbound, *transceiver);
    write_remote_outbound(writer, connection, entry, ssrc, inbound, transceiver->kind);
  }
  for (const MediaPlan& plan : entry.media->plans()) {
    const TransceiverState* transceiver = connection.model.find(plan.id);
    if (!plan.sending || transceiver == nullptr || !transceiver->sender.track) continue;
    auto& members =
        writer.add("S" + std::to_string(static_cast<std::uint32_t>(plan.id)), "media-source")
            .members;
    members.emplace_back("kind", kind_text(plan.kind));
    members.emplace_back("trackIdentifier", transceiver->sender.track->id);
  }
}

}  // namespace lucid::peer::detail
