#include "sdp/rule.hpp"

#include <array>

namespace lucid::sdp {
namespace {

struct Entry {
  Rule rule;
  std::string_view name;
  std::string_view reference;
  std::string_view meaning;
};

constexpr auto entries = std::to_array<Entry>({
    {Rule::too_large, "too-large", "limit", "the text is longer than this parser takes"},
    {Rule::too_many_lines, "too-many-lines", "limit",
     "there are more lines than this parser takes"},
    {Rule::line_too_long, "line-too-long", "limit", "the line is longer than this parser takes"},
    {Rule::too_many_sections, "too-many-sections", "limit",
     "there are more m= sections than this parser takes"},
    {Rule::line_format, "line-format", "RFC 8866 5", "a line is one letter, '=' and a value"},
    {Rule::nul_byte, "nul-byte", "RFC 8866 9", "text holds no NUL, and CR only before LF"},
    {Rule::line_missing, "line-missing", "RFC 8866 5", "a description has v=, o=, s= and t= lines"},
    {Rule::line_repeated, "line-repeated", "RFC 8866 5",
     "this kind of line stands once in its section"},
    {Rule::line_misplaced, "line-misplaced", "RFC 8866 5",
     "v= comes first, and v=, o=, s= and t= come before the first m="},
    {Rule::version, "version", "RFC 8866 5.1", "the version is 0"},
    {Rule::origin, "origin", "RFC 8866 5.2",
     "o=<username> <sess-id> <sess-version> <nettype> <addrtype> <address>"},
    {Rule::connection, "connection", "RFC 8866 5.7", "c=<nettype> <addrtype> <address>"},
    {Rule::bandwidth, "bandwidth", "RFC 8866 5.8", "b=<type>:<number>"},
    {Rule::timing, "timing", "RFC 8866 5.9", "t=<start-time> <stop-time>"},
    {Rule::media_line, "media-line", "RFC 8866 5.14",
     "m=<media> <port>[/<number of ports>] <proto> <fmt> ..."},
    {Rule::attribute_value, "attribute-value", "RFC 8866 5.13",
     "this attribute is a flag and has no value, or has one and it is missing"},
    {Rule::mid, "mid", "RFC 5888 4", "a=mid:<token>"},
    {Rule::group, "group", "RFC 5888 5", "a=group:<semantics> <mid> ..."},
    {Rule::ice_ufrag, "ice-ufrag", "RFC 8839 5.4",
     "the ufrag is 4 to 256 letters, digits, '+' or '/'"},
    {Rule::ice_pwd, "ice-pwd", "RFC 8839 5.4",
     "the password is 22 to 256 letters, digits, '+' or '/'"},
    {Rule::ice_options, "ice-options", "RFC 8839 5.6", "a=ice-options:<tag> ..."},
    {Rule::candidate, "candidate", "RFC 8839 5.1",
     "candidate:<foundation> <component> <transport> <priority> <address> <port> typ <type> ..."},
    {Rule::fingerprint, "fingerprint", "RFC 8122 5",
     "a=fingerprint:<hash> <bytes in hexadecimal with colons>, as many as the hash has"},
    {Rule::setup, "setup", "RFC 4145 4", "a=setup: active, passive, actpass or holdconn"},
    {Rule::tls_id, "tls-id", "RFC 8842 4", "20 to 255 letters, digits, '+', '/', '-' or '_'"},
    {Rule::rtpmap, "rtpmap", "RFC 8866 6.6",
     "a=rtpmap:<payload type> <name>/<clock rate>[/<channels>]"},
    {Rule::fmtp, "fmtp", "RFC 8866 6.15", "a=fmtp:<format> <parameters>"},
    {Rule::rtcp_fb, "rtcp-fb", "RFC 4585 4.2",
     "a=rtcp-fb:<payload type or *> <type> [<parameter>]"},
    {Rule::extmap, "extmap", "RFC 8285 5", "a=extmap:<id>[/<direction>] <uri> [<attributes>]"},
    {Rule::ssrc, "ssrc", "RFC 5576 4.1", "a=ssrc:<number> <attribute>[:<value>]"},
    {Rule::ssrc_group, "ssrc-group", "RFC 5576 4.2", "a=ssrc-group:<semantics> <ssrc> ..."},
    {Rule::msid, "msid", "RFC 8830 2",
     "a=msid:<stream id> [<track id>], each 1 to 64 characters of a token"},
    {Rule::rid, "rid", "RFC 8851 10",
     "a=rid:<id> <send or recv> [pt=<list>;<restriction>=<value>;...]"},
    {Rule::simulcast, "simulcast", "RFC 8853 5.1",
     "a=simulcast:send <rids> [recv <rids>], or recv first"},
    {Rule::rtcp, "rtcp", "RFC 3605 2.1", "a=rtcp:<port> [<nettype> <addrtype> <address>]"},
    {Rule::ptime, "ptime", "RFC 8866 6.4", "a number of milliseconds"},
    {Rule::sctp_port, "sctp-port", "RFC 8841 5", "a port from 0 to 65535"},
    {Rule::sctpmap, "sctpmap", "draft-ietf-mmusic-sctp-sdp-05",
     "a=sctpmap:<port> <protocol> [<streams>]"},
    {Rule::max_message_size, "max-message-size", "RFC 8841 6", "a number of bytes"},

    {Rule::mid_missing, "mid-missing", "RFC 9429 5.2.1", "sections are told apart by a=mid"},
    {Rule::mid_duplicate, "mid-duplicate", "RFC 5888 4", "a mid names one section"},
    {Rule::bundle_tag_unknown, "bundle-tag-unknown", "RFC 9143 5",
     "a BUNDLE group names sections of this description"},
    {Rule::bundle_tag_repeated, "bundle-tag-repeated", "RFC 9143 5",
     "a section is in one BUNDLE group, once"},
    {Rule::ice_credentials_missing, "ice-credentials-missing", "RFC 8839 5.4",
     "ufrag and password come together, in the section or for the session"},
    {Rule::fingerprint_missing, "fingerprint-missing", "RFC 8842 5.1",
     "whoever speaks DTLS gives the fingerprint of the certificate"},
    {Rule::fingerprint_hash_unknown, "fingerprint-hash-unknown", "RFC 8122 5",
     "at least one fingerprint has a hash out of sha-1, sha-224, sha-256, sha-384, sha-512"},
    {Rule::setup_missing, "setup-missing", "RFC 8842 5.1",
     "whoever speaks DTLS gives a role with a=setup"},
    {Rule::setup_conflict, "setup-conflict", "RFC 8842 5.3",
     "an offer says actpass, active or passive; an answer active or passive"},
    {Rule::rtpmap_missing, "rtpmap-missing", "RFC 8866 6.6",
     "a dynamic payload type is described by a=rtpmap"},
    {Rule::payload_type_conflict, "payload-type-conflict", "RFC 9143 9.1",
     "a payload type means one codec within a section and within a bundle"},
    {Rule::payload_type_range, "payload-type-range", "RFC 5761 4",
     "with rtcp-mux, payload types 64 to 95 look like RTCP"},
    {Rule::apt_unknown, "apt-unknown", "RFC 4588 8.6",
     "apt names a payload type of the same section"},
    {Rule::extmap_id_conflict, "extmap-id-conflict", "RFC 8285 5",
     "a header-extension id means one extension within a section and within a bundle"},
    {Rule::extmap_id_range, "extmap-id-range", "RFC 8285 5",
     "ids run from 1 to 14, to 255 with two-byte headers; 15 is not used, 4096 to 4351 are "
     "provisional"},
    {Rule::rid_duplicate, "rid-duplicate", "RFC 8851 10", "a rid is described once"},
    {Rule::rid_direction, "rid-direction", "RFC 8853 5.2",
     "a rid is used in the direction for which it was described"},
    {Rule::rid_unknown, "rid-unknown", "RFC 8853 5.2",
     "a=simulcast names rids that a=rid describes"},
    {Rule::simulcast_repeated, "simulcast-repeated", "RFC 8853 5.1",
     "a section has one a=simulcast, with each direction and rid once"},
    {Rule::direction_conflict, "direction-conflict", "RFC 8866 6.7",
     "one of sendrecv, sendonly, recvonly, inactive"},
    {Rule::attribute_repeated, "attribute-repeated", "RFC 8866 5.13",
     "an attribute with one value for its section stands there once"},
    {Rule::rtcp_mux_missing, "rtcp-mux-missing", "RFC 8858 4",
     "rtcp-mux-only and bundled media go with rtcp-mux"},
    {Rule::sctp_port_missing, "sctp-port-missing", "RFC 8841 5",
     "an SCTP section gives its port with a=sctp-port"},
    {Rule::ssrc_group_unknown, "ssrc-group-unknown", "RFC 5576 4.2",
     "the SSRCs of a group have a=ssrc lines"},
    {Rule::bundle_only_port, "bundle-only-port", "RFC 9143 6",
     "bundle-only stands in an offer, with port 0, in a section of a BUNDLE group"},
    {Rule::protocol_unknown, "protocol-unknown", "RFC 9429 5.1.2",
     "media runs over an RTP profile, data over DTLS and SCTP"},

    {Rule::answer_section_count, "answer-section-count", "RFC 3264 6",
     "an answer has as many m= sections as its offer"},
    {Rule::answer_mid, "answer-mid", "RFC 5888 9.1",
     "a section of an answer has the mid of the offer's"},
    {Rule::answer_media, "answer-media", "RFC 3264 6",
     "a section of an answer has the media of the offer's"},
    {Rule::answer_protocol, "answer-protocol", "RFC 3264 6",
     "a section of an answer has the protocol of the offer's"},
    {Rule::answer_rejected, "answer-rejected", "RFC 3264 6",
     "a section that was offered with port 0 is answered with port 0"},
    {Rule::answer_bundle, "answer-bundle", "RFC 9143 7.3",
     "an answered BUNDLE group is a part of one offered group"},
    {Rule::answer_setup, "answer-setup", "RFC 8842 5.3",
     "an answer takes the role that the offer leaves: passive to active, active to passive"},
    {Rule::answer_direction, "answer-direction", "RFC 3264 6.1",
     "an answer sends only what the offer receives, and receives only what it sends"},
    {Rule::answer_extmap, "answer-extmap", "RFC 8285 7",
     "an answer has header extensions of the offer only, with their ids"},
    {Rule::answer_simulcast, "answer-simulcast", "RFC 8853 5.3.2",
     "an answer has rids of the offer only, in the other direction"},
    {Rule::answer_codec, "answer-codec", "RFC 3264 6.1",
     "an answer has at least one format of the offer, unless it refuses the section"},
    {Rule::answer_rtcp_mux, "answer-rtcp-mux", "RFC 5761 5.1.1",
     "rtcp-mux is answered when it was offered"},

    {Rule::section_removed, "section-removed", "RFC 3264 8", "m= sections stay; port 0 ends one"},
    {Rule::mid_changed, "mid-changed", "RFC 9429 5.2.2",
     "a section keeps its mid until it is refused and its place is used again"},
    {Rule::media_changed, "media-changed", "RFC 3264 8.3.3",
     "a section keeps its media and protocol until it is refused and its place is used again"},
    {Rule::payload_type_changed, "payload-type-changed", "RFC 3264 8.3.2",
     "a payload type keeps its codec for the whole session"},
    {Rule::extmap_changed, "extmap-changed", "RFC 8285 7",
     "a header-extension id keeps its extension for the whole session"},
    {Rule::ice_restart_incomplete, "ice-restart-incomplete", "RFC 8839 4.4.1.1.1",
     "an ICE restart changes the ufrag and the password"},
    {Rule::transport_changed, "transport-changed", "RFC 8842 5.5",
     "a new certificate needs an ICE restart or a new tls-id"},
    {Rule::setup_changed, "setup-changed", "RFC 8842 5.5",
     "the DTLS roles stay as long as the association does"},
    {Rule::sctp_port_changed, "sctp-port-changed", "RFC 8841 9.3",
     "another sctp-port needs a new DTLS association"},
    {Rule::rtcp_mux_changed, "rtcp-mux-changed", "RFC 5761 5.1.1",
     "rtcp-mux stays once it is agreed on"},
    {Rule::session_id_changed, "session-id-changed", "RFC 3264 8",
     "the o= line stays, apart from its version"},
    {Rule::session_version, "session-version", "RFC 3264 8",
     "the version in the o= line never runs back"},
});

const Entry& entry(Rule rule) {
  for (const Entry& candidate : entries) {
    if (candidate.rule == rule) return candidate;
  }
  return entries.front();  // Not reached: a test walks all rules.
}

}  // namespace

std::string_view to_string(Rule rule) { return entry(rule).name; }
std::string_view reference(Rule rule) { return entry(rule).reference; }
std::string_view meaning(Rule rule) { return entry(rule).meaning; }

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
  }
  return "";
}

std::string Problem::text() const {
  std::string out = std::to_string(line) + ':' + std::to_string(column) + ' ';
  out.append(to_string(rule)).append(": ");
  if (!detail.empty()) out.append(detail).append("; ");
  out.append(meaning(rule)).append(" (").append(reference(rule)).append(")");
  return out;
}

}  // namespace lucid::sdp
