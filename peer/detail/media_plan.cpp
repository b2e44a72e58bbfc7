#include "peer/detail/media_plan.hpp"

#include <algorithm>
#include <unordered_set>

#include "peer/detail/codecs.hpp"
#include "sdp/negotiate.hpp"
#include "sdp/rtp.hpp"

namespace lucid::peer::detail {
namespace {

rtp::ExtensionMap extension_map(const std::vector<sdp::Extmap>& extmaps) {
  rtp::ExtensionMap map;
  for (const sdp::Extmap& extmap : extmaps) {
    const auto type = rtp::extension_from_uri(extmap.uri);
    if (type && extmap.id <= 255) map.add(static_cast<std::uint8_t>(extmap.id), *type);
  }
  return map;
}

// RFC 5576 4: the SSRCs that the peer says it will use; a FID group pairs one with its rtx.
std::vector<EncodingSource> sources_of(const sdp::MediaSection& section) {
  std::vector<EncodingSource> sources;
  std::unordered_set<std::uint32_t> known;
  for (const sdp::SsrcGroup& group : section.all<sdp::SsrcGroup>()) {
    if (group.semantics != "FID" || group.ssrcs.size() != 2) continue;
    if (!known.insert(group.ssrcs[0]).second) continue;
    known.insert(group.ssrcs[1]);
    sources.push_back({group.ssrcs[0], group.ssrcs[1]});
  }
  for (const sdp::SsrcAttribute& each : section.all<sdp::SsrcAttribute>()) {
    if (known.insert(each.ssrc).second) sources.push_back({each.ssrc, 0});
  }
  return sources;
}

MediaPlan::Receiving receiving(const sdp::MediaSection& local, const sdp::Session& remote_session,
                               const sdp::MediaSection& remote) {
  MediaPlan::Receiving plan;
  for (const sdp::Codec& codec : sdp::codecs(local)) {
    if (const auto apt = codec.apt(); codec.is_rtx() && apt) {
      plan.rtx_formats[codec.payload_type] = *apt;
    } else if (const auto known = core::codec_from_name(codec.name)) {
      plan.formats[codec.payload_type] = *known;
    }
  }
  plan.sources = sources_of(remote);
  plan.extensions = extension_map(remote_session.effective_all<sdp::Extmap>(remote));
  return plan;
}

std::optional<MediaPlan::Sending> sending(const TransceiverState& transceiver,
                                          const sdp::MediaSection& local,
                                          const sdp::Session& remote_session,
                                          const sdp::MediaSection& remote) {
  const auto theirs = sdp::codecs(remote);
  MediaPlan::Sending plan;
  // RFC 3264 5.1: the first of the peer's list is what it likes best.
  for (const sdp::NegotiatedCodec& each : sdp::negotiate(sdp::codecs(local), theirs)) {
    const auto kind = core::codec_from_name(each.codec.name);
    if (!kind || each.codec.is_auxiliary()) continue;
    MediaPlan::Format format;
    format.codec = w3c_codec(each.codec, transceiver.kind);
    format.kind = *kind;
    format.payload_type = each.send_payload_type;
    if (const sdp::Codec* rtx = sdp::find_rtx(theirs, each.send_payload_type)) {
      format.rtx_payload_type = rtx->payload_type;
    }
    format.h264_packetization_mode =
        static_cast<std::uint8_t>(each.codec.parameters.number("packetization-mode").value_or(0));
    plan.formats.push_back(std::move(format));
  }
  if (plan.formats.empty()) return std::nullopt;
  plan.extensions = extension_map(remote_session.effective_all<sdp::Extmap>(remote));
  plan.encodings = transceiver.sender.encodings;
  plan.sources = transceiver.sender.sources;
  return plan;
}

}  // namespace

const MediaPlan::Format& MediaPlan::Sending::format_for(const RtpEncoding& encoding) const {
  const auto chosen = std::ranges::find_if(formats, [&](const Format& each) {
    return encoding.codec && same_codec(each.codec, *encoding.codec);
  });
  return chosen == formats.end() ? formats.front() : *chosen;
}

std::vector<MediaPlan> plan_media(const Model& model, const std::vector<std::string>& mids) {
  std::vector<MediaPlan> plans;
  const Description* local_description = model.local();
  const Description* remote_description = model.remote();
  if (local_description == nullptr || remote_description == nullptr) return plans;
  for (const std::string& mid : mids) {
    const TransceiverState* transceiver = model.find_mid(mid);
    const sdp::MediaSection* local = local_description->session.find_mid(mid);
    const sdp::MediaSection* remote = remote_description->session.find_mid(mid);
    if (transceiver == nullptr || local == nullptr || remote == nullptr) continue;
    if (!transceiver->current_direction || transceiver->stopped) continue;
    const auto direction = static_cast<sdp::Direction>(*transceiver->current_direction);
    MediaPlan plan;
    plan.id = transceiver->id;
    plan.mid = mid;
    plan.kind = transceiver->kind;
    plan.reduced_size = remote->has("rtcp-rsize");
    if (sdp::receives(direction)) {
      plan.receiving = receiving(*local, remote_description->session, *remote);
      plan.receiving->output = transceiver->receiver.output;
    }
    if (sdp::sends(direction)) {
      plan.sending = sending(*transceiver, *local, remote_description->session, *remote);
    }
    plans.push_back(std::move(plan));
  }
  return plans;
}

}  // namespace lucid::peer::detail
