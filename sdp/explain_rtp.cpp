// Words for RTP: codecs, feedback, header extensions, streams, simulcast.
#include <array>

#include "sdp/codec.hpp"
#include "sdp/detail/describe.hpp"
#include "sdp/detail/text.hpp"
#include "sdp/rtp.hpp"

namespace lucid::sdp::detail {
namespace {

struct Known {
  std::string_view name;
  std::string_view words;
};

template <std::size_t Size>
std::string_view find_words(const std::array<Known, Size>& known, std::string_view name) {
  for (const Known& each : known) {
    if (each.name == name) return each.words;
  }
  return {};
}

constexpr std::array extensions{
    Known{"urn:ietf:params:rtp-hdrext:sdes:mid", "the section a packet belongs to (RFC 9143 15)"},
    Known{"urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id", "the simulcast encoding (RFC 8852)"},
    Known{"urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
          "the simulcast encoding that is repaired (RFC 8852)"},
    Known{"urn:ietf:params:rtp-hdrext:ssrc-audio-level", "how loud the packet is (RFC 6464)"},
    Known{"urn:ietf:params:rtp-hdrext:csrc-audio-level",
          "how loud each mixed source is (RFC 6465)"},
    Known{"urn:ietf:params:rtp-hdrext:toffset",
          "when it was sent, against its timestamp (RFC 5450)"},
    Known{"urn:3gpp:video-orientation", "how to turn the picture (3GPP TS 26.114)"},
    Known{"http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
          "when it was sent, in 24 bits"},
    Known{"http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
          "one count for all packets of the transport, for congestion control"},
    Known{"http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
          "the least and most delay of playout"},
    Known{"http://www.webrtc.org/experiments/rtp-hdrext/video-content-type", "camera or screen"},
    Known{"http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00",
          "which layers are sent, with their bit rates"},
    Known{"http://www.webrtc.org/experiments/rtp-hdrext/video-timing",
          "when a frame was encoded and sent"},
    Known{"http://www.webrtc.org/experiments/rtp-hdrext/color-space",
          "the colour space of the picture"},
    Known{"http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time",
          "when it was captured, in NTP time"},
    Known{"https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
          "layers and dependencies of a frame, for forwarders"},
};

constexpr std::array feedbacks{
    Known{"nack", "lost packets are asked for again (RFC 4585 6.2.1)"},
    Known{"nack pli", "a picture was lost: a key frame is asked for (RFC 4585 6.3.1)"},
    Known{"nack sli", "a slice was lost (RFC 4585 6.3.2)"},
    Known{"nack rpsi", "a reference picture is chosen (RFC 4585 6.3.3)"},
    Known{"ccm fir", "a key frame is demanded (RFC 5104 4.3.1)"},
    Known{"ccm tmmbr", "the bit rate is limited (RFC 5104 4.2.1)"},
    Known{"goog-remb", "the receiver estimates the bandwidth"},
    Known{"transport-cc", "arrival times of all packets, for congestion control at the sender"},
    Known{"rrtr", "receivers measure round trips (RFC 3611 4.4)"},
};

std::string describe_extmap(const Extmap& extmap) {
  const std::string_view words = find_words(extensions, extmap.uri);
  std::string out = "RTP header extension " + std::to_string(extmap.id) + ": ";
  out.append(words.empty() ? "one that this reader does not know" : words);
  if (extmap.direction) out.append("; ").append(to_string(*extmap.direction));
  return out;
}

std::string describe_streams(std::string_view verb, const std::vector<Simulcast::Stream>& streams) {
  std::string out{verb};
  out.append(" ").append(std::to_string(streams.size())).append(" encodings of one source");
  for (const Simulcast::Stream& stream : streams) {
    out.append(&stream == &streams.front() ? ": " : ", ");
    for (const auto& alternative : stream) {
      if (&alternative != &stream.front()) out.append(" or ");
      out.append(alternative.rid).append(alternative.paused ? " (paused)" : "");
    }
  }
  return out;
}

std::string describe_simulcast(const Simulcast& simulcast) {
  std::string out;
  if (!simulcast.send.empty()) out = describe_streams("sends", simulcast.send);
  if (!simulcast.recv.empty()) {
    out.append(out.empty() ? "" : "; ").append(describe_streams("takes", simulcast.recv));
  }
  return out.append(" (RFC 8853)");
}

std::string describe_rid(const Rid& rid) {
  std::string out = "encoding " + rid.id + ", to be " +
                    (rid.direction == RidDirection::send ? "sent" : "received");
  for (const auto& each : rid.restrictions)
    out.append(", ").append(each.name).append(" ").append(each.value);
  return out.append(" (RFC 8851)");
}

std::string describe_msid(const Msid& msid) {
  const std::string stream = msid.stream == "-" ? "no stream" : "stream " + msid.stream;
  return "the track belongs to " + stream + " (RFC 8830)";
}

std::string describe_ssrc(const SsrcAttribute& ssrc) {
  std::string out = "packets with SSRC " + std::to_string(ssrc.ssrc) + " belong to this section";
  if (ssrc.name == "cname") out.append(", and to the source ").append(ssrc.text);
  return out.append(" (RFC 5576 4.1)");
}

std::string describe_ssrc_group(const SsrcGroup& group) {
  std::string list;
  for (const std::uint32_t ssrc : group.ssrcs) {
    list.append(list.empty() ? "" : ", ").append(std::to_string(ssrc));
  }
  if (group.semantics == "FID") return "a stream and its retransmissions: " + list + " (RFC 4588)";
  if (group.semantics == "FEC-FR")
    return "a stream and its error correction: " + list + " (RFC 5956)";
  if (group.semantics == "SIM") return "encodings of one source, of older stacks: " + list;
  return "SSRCs that belong together as " + group.semantics + ": " + list + " (RFC 5576 4.2)";
}

constexpr std::array flags{
    Known{"a=sendrecv", "this side sends and receives (RFC 8866 6.7)"},
    Known{"a=sendonly", "this side sends and does not receive (RFC 8866 6.7)"},
    Known{"a=recvonly", "this side receives and does not send (RFC 8866 6.7)"},
    Known{"a=inactive", "this side neither sends nor receives (RFC 8866 6.7)"},
    Known{"a=rtcp-mux", "RTP and RTCP share one port (RFC 5761)"},
    Known{"a=rtcp-mux-only", "RTP and RTCP share one port, or there is no call (RFC 8858)"},
    Known{"a=rtcp-rsize", "RTCP packets may be short, one report alone (RFC 5506)"},
    Known{"a=rtcp-xr", "extended RTCP reports (RFC 3611)"},
    Known{"a=extmap-allow-mixed",
          "one-byte and two-byte header extensions may be mixed (RFC 8285 6)"},
    Known{"a=ptime", "the length of a packet in milliseconds (RFC 8866 6.4)"},
    Known{"a=maxptime", "the greatest length of a packet in milliseconds (RFC 8866 6.5)"},
    Known{"a=imageattr", "picture sizes (RFC 6236)"},
    Known{"a=framerate", "the greatest number of frames a second (RFC 8866 6.13)"},
};

template <Field T, class Words>
bool describe_as(const Line& line, std::string& out, Words words) {
  if (line.key() != T::key) return false;
  if (const auto field = T::parse(line.value())) out = words(*field);
  return true;
}

std::string name_of(const Place& place, std::uint8_t payload_type) {
  const std::string number = std::to_string(payload_type);
  const Codec* codec = find_payload_type(place.codecs, payload_type);
  return codec == nullptr ? number : codec->name + " (" + number + ")";
}

std::string describe_parameters(const std::string& name, const Codec& codec) {
  if (codec.is_rtx()) {
    return "retransmissions of payload type " + std::to_string(codec.apt().value_or(0)) +
           " (RFC 4588)";
  }
  if (codec.is("red")) return "redundancy made of " + codec.parameters.text() + " (RFC 2198)";
  if (codec.is("telephone-event")) return "which tones: " + codec.parameters.text() + " (RFC 4733)";
  std::string out = "parameters of " + name + ": " + codec.parameters.text();
  const auto profile = codec.is("H264") ? H264Profile::of(codec) : std::nullopt;
  if (!profile) return out;
  constexpr std::array profiles{"constrained baseline", "baseline", "main",
                                "constrained high",     "high",     "high 4:4:4 predictive"};
  out.append("; profile ").append(profiles.at(static_cast<std::size_t>(profile->profile)));
  if (profile->level == H264Profile::level_1b) return out.append(", level 1b");
  out.append(", level ").append(std::to_string(profile->level / 10));
  return out.append(".").append(std::to_string(profile->level % 10)).append(" (RFC 6184 8.1)");
}

}  // namespace

std::string describe_rtp(const Line& line) {
  std::string out;
  const bool known = describe_as<Extmap>(line, out, describe_extmap) ||
                     describe_as<Simulcast>(line, out, describe_simulcast) ||
                     describe_as<Rid>(line, out, describe_rid) ||
                     describe_as<Msid>(line, out, describe_msid) ||
                     describe_as<SsrcAttribute>(line, out, describe_ssrc) ||
                     describe_as<SsrcGroup>(line, out, describe_ssrc_group);
  if (known) return out;
  return std::string{find_words(flags, line.key())};
}

std::string describe_codec(const Line& line, const Place& place) {
  std::string out;
  describe_as<Rtpmap>(line, out, [](const Rtpmap& map) {
    std::string words = "payload type " + std::to_string(map.payload_type) + " is " + map.name +
                        " with a clock of " + std::to_string(map.clock_rate) + " Hz";
    if (map.channels > 1)
      words.append(" and ").append(std::to_string(map.channels)).append(" channels");
    return words.append(" (RFC 8866 6.6)");
  });
  describe_as<Fmtp>(line, out, [&](const Fmtp& fmtp) {
    const auto type = number<std::uint8_t>(fmtp.format);
    const Codec* codec = type ? find_payload_type(place.codecs, *type) : nullptr;
    return codec == nullptr ? "parameters of " + fmtp.format + ", which is not described"
                            : describe_parameters(name_of(place, *type), *codec);
  });
  describe_as<RtcpFb>(line, out, [&](const RtcpFb& fb) {
    std::string name = fb.feedback.type;
    if (!fb.feedback.parameter.empty()) name.append(" ").append(fb.feedback.parameter);
    const std::string_view words = find_words(feedbacks, name);
    std::string whom = fb.payload_type ? name_of(place, *fb.payload_type) : "every codec";
    return "feedback for " + whom + ": " + (words.empty() ? name : std::string{words});
  });
  return out;
}

}  // namespace lucid::sdp::detail
