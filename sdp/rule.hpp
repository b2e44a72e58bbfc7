#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace lucid::sdp {

// What a description can do wrong, one name a rule; to_string gives it as "mid-duplicate".
enum class Rule : std::uint8_t {
  // Limits of this parser
  too_large,
  too_many_lines,
  line_too_long,
  too_many_sections,
  // RFC 8866: the lines
  line_format,
  nul_byte,
  line_missing,
  line_repeated,
  line_misplaced,
  version,
  origin,
  connection,
  bandwidth,
  timing,
  media_line,
  // One attribute's own syntax
  attribute_value,
  mid,
  group,
  ice_ufrag,
  ice_pwd,
  ice_options,
  candidate,
  fingerprint,
  setup,
  tls_id,
  rtpmap,
  fmtp,
  rtcp_fb,
  extmap,
  ssrc,
  ssrc_group,
  msid,
  rid,
  simulcast,
  rtcp,
  ptime,
  sctp_port,
  sctpmap,
  max_message_size,
  // What a description must hold (validate)
  mid_missing,
  mid_duplicate,
  bundle_tag_unknown,
  bundle_tag_repeated,
  ice_credentials_missing,
  fingerprint_missing,
  fingerprint_hash_unknown,
  setup_missing,
  setup_conflict,
  rtpmap_missing,
  payload_type_conflict,
  payload_type_range,
  apt_unknown,
  extmap_id_conflict,
  extmap_id_range,
  rid_duplicate,
  rid_direction,
  rid_unknown,
  simulcast_repeated,
  direction_conflict,
  attribute_repeated,
  rtcp_mux_missing,
  sctp_port_missing,
  ssrc_group_unknown,
  bundle_only_port,
  protocol_unknown,
  // What an answer owes its offer (check_answer)
  answer_section_count,
  answer_mid,
  answer_media,
  answer_protocol,
  answer_rejected,
  answer_bundle,
  answer_setup,
  answer_direction,
  answer_extmap,
  answer_simulcast,
  answer_codec,
  answer_rtcp_mux,
  // What a later description may not change (check_change)
  section_removed,
  mid_changed,
  media_changed,
  payload_type_changed,
  extmap_changed,
  ice_restart_incomplete,
  transport_changed,
  setup_changed,
  sctp_port_changed,
  rtcp_mux_changed,
  session_id_changed,
  session_version,
};
std::string_view to_string(Rule rule);
std::string_view reference(Rule rule);  // where it is written: "RFC 9143 7.2", or "limit"
std::string_view meaning(Rule rule);    // what it asks for, in a sentence

// An error refuses the description; a warning is told to people and changes nothing.
enum class Severity : std::uint8_t { error, warning };
std::string_view to_string(Severity severity);

// One broken rule and its place: line and column count from 1; line 0 is for what is not there, or
// not in the text that was parsed.
struct Problem {
  Rule rule = Rule::line_format;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string detail;  // what was found, quoted where it is short
  Severity severity = Severity::error;

  std::string text() const;  // "14:3 mid-duplicate: mid \"0\" is taken (RFC 8843 …)"
  friend bool operator==(const Problem&, const Problem&) = default;
};
using ParseError = Problem;

}  // namespace lucid::sdp
