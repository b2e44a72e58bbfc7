#include "peer/detail/section.hpp"

#include <algorithm>

#include "peer/detail/candidates.hpp"
#include "sdp/negotiate.hpp"

namespace lucid::peer::detail {
namespace {

constexpr std::uint16_t sctp_port = 5000;
constexpr std::uint32_t legacy_streams = 1024;  // what browsers wrote into a=sctpmap

void write_carriage(sdp::MediaSection& section, const Carriage& carriage, const Means& means) {
  const LocalTransport& transport = *carriage.transport;
  if (carriage.bundle_only) {
    // RFC 9143 6: port zero and a=bundle-only. Deviation from RFC 9143 7.1.2: the attributes of the
    // bundle's transport are repeated, as Chromium has it; Firefox falls over an offer without
    // them.
    sdp::MediaLine line = section.media_line();
    line.port = 0;
    section.set_media_line(line);
    section.set(sdp::Connection{});
    section.add_attribute("bundle-only");
  } else {
    write_default_address(section, transport.candidates);
  }
  section.set(sdp::IceUfrag{transport.credentials.ufrag});
  section.set(sdp::IcePwd{transport.credentials.password});
  section.set(sdp::IceOptions{{"trickle"}});
  for (const sdp::Fingerprint& fingerprint : means.fingerprints) section.add(fingerprint);
  section.set(sdp::Setup{carriage.role});
  if (carriage.bundle_only) return;
  for (const sdp::Candidate& candidate : transport.candidates) section.add(candidate);
  if (transport.gathered) section.add_attribute("end-of-candidates");
}

// RFC 8830 2, RFC 5576: which tracks and SSRCs the sender has.
void write_sender(sdp::MediaSection& section, const MediaContent& content) {
  const TransceiverState::SenderState& sender = content.sender->sender;
  if (sdp::sends(content.direction)) {
    if (sender.streams.empty()) section.add(sdp::Msid{"-", sender.track_id});
    for (const std::string& stream : sender.streams)
      section.add(sdp::Msid{stream, sender.track_id});
  }
  // RFC 9429 5.2.1: with simulcast, streams are told apart by rid and no SSRC is said.
  if (content.simulcast) return;
  const bool repaired =
      std::ranges::any_of(content.codecs, [](const sdp::Codec& codec) { return codec.is_rtx(); });
  for (const EncodingSource& source : sender.sources) {
    if (repaired) section.add(sdp::SsrcGroup{"FID", {source.ssrc, source.rtx_ssrc}});
    section.add(sdp::SsrcAttribute{source.ssrc, "cname", content.cname});
    if (repaired) section.add(sdp::SsrcAttribute{source.rtx_ssrc, "cname", content.cname});
  }
}

}  // namespace

bool LocalTransport::serves(std::string_view mid) const {
  return std::ranges::find(mids, mid) != mids.end();
}

sdp::MediaSection media_section(const MediaContent& content, const Carriage& carriage,
                                const Means& means) {
  sdp::MediaLine line;
  line.media = content.kind == core::MediaKind::audio ? "audio" : "video";
  line.protocol = content.protocol;
  sdp::MediaSection section{line};
  write_carriage(section, carriage, means);
  section.set(sdp::Rtcp{9, "IN IP4 0.0.0.0"});
  section.set(sdp::Mid{content.mid});
  for (const sdp::Extmap& extmap : content.extmaps) section.add(extmap);
  section.set_direction(content.direction);
  if (content.rtcp_mux) section.add_attribute("rtcp-mux");
  if (content.mux_only) section.add_attribute("rtcp-mux-only");
  if (content.reduced_size) section.add_attribute("rtcp-rsize");
  sdp::set_codecs(section, content.codecs);
  for (const sdp::Rid& rid : content.rids) section.add(rid);
  if (content.simulcast) section.set(*content.simulcast);
  if (content.sender != nullptr) write_sender(section, content);
  return section;
}

sdp::MediaSection data_section(const DataContent& content, const Carriage& carriage,
                               const Means& means) {
  sdp::MediaLine line;
  line.protocol = content.protocol;
  // draft-ietf-mmusic-sctp-sdp-05 is what "DTLS/SCTP" alone stands for: the format is the port.
  const bool legacy = content.protocol == "DTLS/SCTP";
  line.formats = {legacy ? std::to_string(sctp_port) : std::string{"webrtc-datachannel"}};
  sdp::MediaSection section{line};
  write_carriage(section, carriage, means);
  section.set(sdp::Mid{content.mid});
  if (legacy) {
    section.set(sdp::Sctpmap{sctp_port, "webrtc-datachannel", legacy_streams});
  } else {
    section.set(sdp::SctpPort{sctp_port});
  }
  section.set(sdp::MaxMessageSize{content.max_message_size});
  return section;
}

sdp::MediaSection rejected_section(sdp::MediaLine line, std::string_view mid) {
  line.port = 0;
  line.port_count = 1;
  sdp::MediaSection section{std::move(line)};
  section.set(sdp::Connection{});
  if (!mid.empty()) section.set(sdp::Mid{std::string{mid}});
  if (section.is_rtp()) section.set_direction(sdp::Direction::inactive);
  return section;
}

sdp::Session session_head(const sdp::Origin& origin, std::span<const sdp::Group> groups) {
  sdp::Session session = sdp::Session::make(origin);
  for (const sdp::Group& group : groups) session.head.add(group);
  // RFC 8285 6: both header forms may be mixed in one stream.
  session.head.add_attribute("extmap-allow-mixed");
  session.head.add_attribute("msid-semantic", " WMS *");
  return session;
}

bool has_announced(const Model& model, const std::string& mid) {
  const sdp::MediaSection* section =
      model.current_local ? model.current_local->session.find_mid(mid) : nullptr;
  return section != nullptr && section->find<sdp::SsrcAttribute>().has_value();
}

bool bundles(const sdp::Session& session, std::span<const std::string> mids) {
  return std::ranges::any_of(sdp::bundle_groups(session), [&](const sdp::Group& group) {
    return !group.mids.empty() && std::ranges::find(mids, group.mids.front()) != mids.end();
  });
}

ice::Credentials Means::fresh_credentials() {
  if (pooled) return *std::exchange(pooled, std::nullopt);
  return new_credentials(random);
}

ice::Credentials new_credentials(core::Random& random) {
  // RFC 8445 5.3: at least 24 bits of randomness in the fragment and 128 in the password.
  return {random.text(8), random.text(24)};
}

}  // namespace lucid::peer::detail
