#include "sdp/validate.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "sdp/codec.hpp"
#include "sdp/detail/problems.hpp"
#include "sdp/negotiate.hpp"
#include "sdp/rtp.hpp"
#include "sdp/transport.hpp"

namespace lucid::sdp {

using detail::Problems;
using detail::quoted;

std::string_view to_string(Type type) {
  switch (type) {
    case Type::offer:
      return "offer";
    case Type::pranswer:
      return "pranswer";
    case Type::answer:
      return "answer";
  }
  return "";
}

std::expected<void, Problem> first_error(const std::vector<Problem>& problems) {
  for (const Problem& problem : problems) {
    if (problem.severity == Severity::error) return std::unexpected(problem);
  }
  return {};
}

namespace {

// RFC 5888 4: mids tell sections apart. RFC 9143 5: a BUNDLE group names sections, each in one
// group.
void check_identification(const Session& session, Problems& problems) {
  std::unordered_set<std::string> mids;
  for (const MediaSection& section : session.media) {
    const std::string mid = section.mid();
    if (!mid.empty() && !mids.insert(mid).second) {
      problems.add(Rule::mid_duplicate, section, "a=mid", "mid " + quoted(mid) + " is taken");
    }
  }
  std::unordered_set<std::string> bundled;
  for (const Line& line : session.head.lines()) {
    if (line.key() != Group::key) continue;
    const auto group = Group::parse(line.value());
    if (!group || group->semantics != "BUNDLE") continue;
    for (const std::string& mid : group->mids) {
      if (!mids.contains(mid)) {
        problems.add(Rule::bundle_tag_unknown, line, "no section has mid " + quoted(mid));
      } else if (!bundled.insert(mid).second) {
        problems.add(Rule::bundle_tag_repeated, line, "mid " + quoted(mid) + " is there twice");
      }
    }
  }
  for (const MediaSection& section : session.media) {
    // Without mids a description is of the time before BUNDLE; sections are then told by their
    // order.
    if (section.find_line(Mid::key) == nullptr && !mids.empty() && !section.is_rejected()) {
      problems.add(Rule::mid_missing, section,
                   "m=", "other sections have a mid, this one has none");
    }
    if (!section.has("bundle-only") || bundled.contains(section.mid())) continue;
    problems.add(Rule::bundle_only_port, section, "a=bundle-only",
                 "the section is in no BUNDLE group");
  }
}

void check_ice(const Session& session, const MediaSection& section, Problems& problems) {
  const bool ufrag = session.effective<IceUfrag>(section).has_value();
  const bool password = session.effective<IcePwd>(section).has_value();
  if (ufrag == password && (ufrag || !section.uses_dtls())) return;
  problems.add(Rule::ice_credentials_missing, section, ufrag ? "a=ice-ufrag" : "a=ice-pwd",
               ufrag      ? "there is no a=ice-pwd"
               : password ? "there is no a=ice-ufrag"
                          : "there is no a=ice-ufrag and no a=ice-pwd");
}

void check_dtls(const Session& session, const MediaSection& section, Type type,
                Problems& problems) {
  const auto fingerprints = session.effective_all<Fingerprint>(section);
  if (fingerprints.empty()) {
    // Media with RTP/SAVPF may be keyed in other ways; whoever says TLS has a certificate.
    if (section.uses_dtls()) {
      problems.add(Rule::fingerprint_missing, section, "m=", "there is no a=fingerprint");
    }
    return;
  }
  // RFC 8122 5.1: fingerprints with unknown hashes are passed over, as long as one is left.
  const bool usable = std::ranges::any_of(
      fingerprints, [](const Fingerprint& each) { return hash_length(each.hash).has_value(); });
  if (!usable) {
    const Section& holder = section.find_line(Fingerprint::key) != nullptr ? section : session.head;
    problems.add(Rule::fingerprint_hash_unknown, holder, Fingerprint::key,
                 "the hash is " + quoted(fingerprints.front().hash));
  }
  const auto setup = session.effective<Setup>(section);
  const Section& holder = section.find_line(Setup::key) != nullptr ? section : session.head;
  if (!setup) {
    // RFC 4145 4.1: an offer without a=setup means active, an answer passive. RFC 8842 5.1 asks for
    // it; gear that leaves it out is understood all the same.
    problems.warn(Rule::setup_missing, section, "m=", "there is no a=setup");
  } else if (setup->role == Role::holdconn) {
    problems.add(Rule::setup_conflict, holder, Setup::key, "holdconn has no meaning for DTLS");
  } else if (type != Type::offer && setup->role == Role::actpass) {
    problems.add(Rule::setup_conflict, holder, Setup::key,
                 "an answer cannot leave the choice open");
  }
}

void check_payload_types(const MediaSection& section, Problems& problems) {
  const std::vector<Codec> known = codecs(section);
  const bool muxed = section.has("rtcp-mux");
  for (const std::string& format : section.media_line().formats) {
    const auto type = static_cast<std::uint8_t>(std::strtoul(format.c_str(), nullptr, 10));
    const std::string detail = "nothing says what " + format + " is";
    if (known.empty()) {
      problems.add(Rule::rtpmap_missing, section, "m=", detail);
    } else if (find_payload_type(known, type) == nullptr) {
      problems.warn(Rule::rtpmap_missing, section, "m=", detail);
    }
    if (muxed && type >= 64 && type < 96) {
      problems.add(Rule::payload_type_range, section, "m=", "payload type " + format);
    }
  }
  for (const Codec& codec : known) {
    const auto apt = codec.apt();
    if (!codec.is_rtx() || (apt && find_payload_type(known, *apt) != nullptr)) continue;
    problems.warn(Rule::apt_unknown, section, "a=fmtp:" + std::to_string(codec.payload_type),
                  "rtx " + std::to_string(codec.payload_type) + " repairs nothing that is there");
  }
  std::unordered_map<unsigned, Rtpmap> maps;
  for (const Line& line : section.lines()) {
    if (line.key() != Rtpmap::key) continue;
    const auto map = Rtpmap::parse(line.value());
    if (!map) continue;
    const auto [before, added] = maps.emplace(map->payload_type, *map);
    if (added || *map == before->second) continue;
    problems.add(Rule::payload_type_conflict, line,
                 std::to_string(map->payload_type) + " is " + before->second.name + " as well");
  }
}

void check_extensions(const Session& session, const MediaSection& section, Problems& problems) {
  std::unordered_map<unsigned, std::string> uris;
  const bool mixed = section.has("extmap-allow-mixed") || session.head.has("extmap-allow-mixed");
  for (const Line& line : section.lines()) {
    if (line.key() != Extmap::key) continue;
    const auto extmap = Extmap::parse(line.value());
    if (!extmap) continue;
    const bool provisional = extmap->id >= 4096 && extmap->id <= 4351;
    if (extmap->id == 0 || (extmap->id > 255 && !provisional)) {
      problems.add(Rule::extmap_id_range, line, "id " + std::to_string(extmap->id));
    } else if (extmap->id == 15 && !mixed) {
      problems.warn(Rule::extmap_id_range, line, "id 15");
    }
    const auto [before, added] = uris.emplace(extmap->id, extmap->uri);
    if (added || before->second == extmap->uri || provisional) continue;
    problems.add(Rule::extmap_id_conflict, line,
                 "id " + std::to_string(extmap->id) + " is " + quoted(before->second) + " as well");
  }
}

void check_directions(const MediaSection& section, Problems& problems) {
  std::optional<Direction> said;
  for (const Line& line : section.lines()) {
    if (line.type() != 'a') continue;
    const auto direction = direction_from_name(line.key().substr(2));
    if (direction && said && *direction != *said) {
      problems.add(Rule::direction_conflict, line,
                   "the section is " + std::string{to_string(*said)});
    }
    if (direction) said = direction;
  }
}

// Of attributes that have one value for a section, two that differ contradict each other.
void check_single_values(const Section& section, Problems& problems) {
  constexpr std::array keys{Mid::key,   IceUfrag::key, IcePwd::key,        Setup::key,
                            TlsId::key, SctpPort::key, MaxMessageSize::key};
  for (const std::string_view key : keys) {
    const Line* first = section.find_line(key);
    if (first == nullptr) continue;
    for (const Line& line : section.lines()) {
      if (line.key() != key || line.value() == first->value()) continue;
      problems.add(Rule::attribute_repeated, line, "it is " + quoted(first->value()) + " above");
    }
  }
}

void check_sctp(const MediaSection& section, Problems& problems) {
  // Old stacks write the port as the format, with a=sctpmap.
  if (section.find_line(SctpPort::key) != nullptr || section.find_line(Sctpmap::key) != nullptr)
    return;
  problems.warn(Rule::sctp_port_missing, section, "m=", "there is no a=sctp-port; 5000 is assumed");
}

void check_rtp(const Session& session, const MediaSection& section, Problems& problems) {
  check_payload_types(section, problems);
  check_extensions(session, section, problems);
  detail::check_simulcast(section, problems);
  detail::check_ssrc_groups(section, problems);
  // RFC 8858 4: rtcp-mux-only stands beside rtcp-mux.
  if (section.has("rtcp-mux-only") && !section.has("rtcp-mux")) {
    problems.add(Rule::rtcp_mux_missing, section, "a=rtcp-mux-only", "there is no a=rtcp-mux");
  }
}

// What the numbers of one bundle mean.
struct Numbers {
  std::unordered_map<unsigned, Codec> payload_types;
  std::unordered_map<unsigned, std::string> extensions;
};

// RFC 9143 9.1: within one bundle a payload type and a header-extension id mean one thing.
void check_numbers(const MediaSection& section, Numbers& numbers, Problems& problems) {
  for (const Codec& codec : codecs(section)) {
    const auto [before, added] = numbers.payload_types.emplace(codec.payload_type, codec);
    const Codec& other = before->second;
    if (added || (other.is(codec.name) && other.clock_rate == codec.clock_rate)) continue;
    const std::string type = std::to_string(codec.payload_type);
    problems.add(Rule::payload_type_conflict, section, "a=rtpmap:" + type,
                 type + " is " + other.name + " in another section of the bundle");
  }
  for (const Extmap& extmap : section.all<Extmap>()) {
    const auto [before, added] = numbers.extensions.emplace(extmap.id, extmap.uri);
    if (added || before->second == extmap.uri) continue;
    const std::string id = std::to_string(extmap.id);
    // Some stacks number the extensions of each section on their own; as long as the MID has one
    // number, each section can be read by its own.
    problems.warn(
        Rule::extmap_id_conflict, section, "a=extmap:" + id,
        "id " + id + " is " + quoted(before->second) + " in another section of the bundle");
  }
}

void check_bundles(const Session& session, const Bundles& bundles, Problems& problems) {
  std::unordered_map<std::size_t, Numbers> numbers;
  for (const MediaSection& section : session.media) {
    if (section.is_rejected() || !section.is_rtp()) continue;
    const auto group = bundles.group_of(section.mid());
    if (group) check_numbers(section, numbers[*group], problems);
  }
}

}  // namespace

std::vector<Problem> validate(const Session& session, Type type) {
  const Bundles bundles{session};
  Problems problems;
  check_identification(session, problems);
  check_single_values(session.head, problems);
  for (const MediaSection& section : session.media) {
    if (section.is_rejected()) continue;
    check_directions(section, problems);
    check_single_values(section, problems);
    if (!section.is_rtp() && !section.is_data()) {
      problems.warn(Rule::protocol_unknown, section,
                    "m=", "it is " + section.media_line().protocol);
      continue;
    }
    // What a bundled section does not say of its transport stands in another, which is checked too.
    if (bundles.transport_of(section) == &section) {
      check_ice(session, section, problems);
      check_dtls(session, section, type, problems);
    }
    if (section.is_rtp()) check_rtp(session, section, problems);
    if (section.is_data()) check_sctp(section, problems);
  }
  check_bundles(session, bundles, problems);
  return std::move(problems).sorted();
}

}  // namespace lucid::sdp
