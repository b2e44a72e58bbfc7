// Descriptions against those that came before them: an answer against its offer, a later
// description against the earlier one of the same side.
#include <algorithm>
#include <string>

#include "sdp/codec.hpp"
#include "sdp/detail/problems.hpp"
#include "sdp/negotiate.hpp"
#include "sdp/rtp.hpp"
#include "sdp/transport.hpp"
#include "sdp/validate.hpp"

namespace lucid::sdp {
namespace {

using detail::Problems;
using detail::quoted;

bool is_same_kind(const MediaSection& a, const MediaSection& b) {
  return a.is_rtp() == b.is_rtp() && a.is_data() == b.is_data();
}

std::string text_of(const std::optional<IceUfrag>& ufrag) { return ufrag ? ufrag->text : ""; }
std::string text_of(const std::optional<IcePwd>& password) {
  return password ? password->text : "";
}
std::string text_of(const std::optional<TlsId>& id) { return id ? id->id : ""; }

// A description with its bundles.
struct Side {
  const Session& session;
  Bundles bundles;
  std::vector<Group> groups;

  explicit Side(const Session& description)
      : session{description}, bundles{description}, groups{bundle_groups(description)} {}
};

// What a section says of its transport, wherever it is written.
struct Transport {
  std::string ufrag;
  std::string password;
  std::string tls_id;
  std::vector<Fingerprint> fingerprints;
  std::optional<Setup> setup;

  Transport(const Side& side, const MediaSection& section) {
    const Session& session = side.session;
    const MediaSection& from = *side.bundles.transport_of(section);
    ufrag = text_of(session.effective<IceUfrag>(from));
    password = text_of(session.effective<IcePwd>(from));
    tls_id = text_of(session.effective<TlsId>(from));
    fingerprints = session.effective_all<Fingerprint>(from);
    setup = session.effective<Setup>(from);
  }

  bool has_same_fingerprints(const Transport& other) const {
    return std::ranges::is_permutation(fingerprints, other.fingerprints);
  }
  // RFC 8842 4: a new DTLS association comes with an ICE restart, a new tls-id or a new
  // certificate.
  bool is_same_association(const Transport& other) const {
    return ufrag == other.ufrag && tls_id == other.tls_id && has_same_fingerprints(other);
  }
};

// One section of an answer beside the section of the offer that it answers.
struct Pair {
  const Side& offer_side;
  const Side& answer_side;
  const MediaSection& offer;
  const MediaSection& answer;
};

void check_identity(const Pair& pair, Problems& problems) {
  const std::string offered = pair.offer.mid();
  const std::string answered = pair.answer.mid();
  if (!offered.empty() && !answered.empty() && offered != answered) {
    problems.add(Rule::answer_mid, pair.answer, Mid::key,
                 "the offer has " + quoted(offered) + " here");
  }
  const MediaLine& offer_line = pair.offer.media_line();
  const MediaLine& answer_line = pair.answer.media_line();
  if (offer_line.media != answer_line.media) {
    problems.add(Rule::answer_media, pair.answer,
                 "m=", "the offer has " + offer_line.media + " here");
  } else if (!is_same_kind(pair.offer, pair.answer)) {
    problems.add(Rule::answer_protocol, pair.answer, "m=", "the offer has " + offer_line.protocol);
  } else if (offer_line.protocol != answer_line.protocol) {
    // RFC 9429 5.1.2: names of the protocol differ between stacks that mean the same.
    problems.warn(Rule::answer_protocol, pair.answer, "m=", "the offer has " + offer_line.protocol);
  }
  if (pair.offer.is_rejected() && !pair.answer.is_rejected()) {
    problems.add(Rule::answer_rejected, pair.answer,
                 "m=", "the port is " + std::to_string(answer_line.port));
  }
}

bool has_credentials(const Transport& transport) {
  return !transport.ufrag.empty() && !transport.password.empty();
}

// RFC 8842 5.3, RFC 8839 4.2: an answer to who speaks DTLS over ICE has a certificate and
// credentials, whatever it calls its protocol.
void check_keys(const Pair& pair, Problems& problems) {
  if (pair.offer.mid() != pair.answer.mid()) return;
  const Transport offered{pair.offer_side, pair.offer};
  const MediaSection& at = *pair.answer_side.bundles.transport_of(pair.answer);
  const Transport answered{pair.answer_side, pair.answer};
  if (!offered.fingerprints.empty() && answered.fingerprints.empty()) {
    problems.add(Rule::fingerprint_missing, at, "m=", "there is no a=fingerprint");
  }
  if (has_credentials(offered) && !has_credentials(answered)) {
    problems.add(Rule::ice_credentials_missing, at,
                 "m=", "there is no a=ice-ufrag with an a=ice-pwd");
  }
}

void check_setup(const Pair& pair, Problems& problems) {
  // A bundled section without a role of its own has that of another, which is checked too.
  if (pair.answer_side.bundles.transport_of(pair.answer) != &pair.answer) return;
  const auto offered = Transport{pair.offer_side, pair.offer}.setup;
  const auto answered = Transport{pair.answer_side, pair.answer}.setup;
  if (!offered || !answered) return;
  const bool clash = (offered->role == Role::active && answered->role != Role::passive) ||
                     (offered->role == Role::passive && answered->role != Role::active);
  if (!clash) return;
  const Section& holder =
      pair.answer.find_line(Setup::key) != nullptr ? pair.answer : pair.answer_side.session.head;
  problems.add(
      Rule::answer_setup, holder, Setup::key,
      std::string{to_string(answered->role)}.append(" answers ").append(to_string(offered->role)));
}

// RFC 9143 9.3: what rides on the transport of another section shares that port with RTCP.
bool rides_along(const Side& side, const MediaSection& section) {
  const std::string& mid = section.mid();
  return std::ranges::any_of(side.groups, [&](const Group& group) {
    const auto place = std::ranges::find(group.mids, mid);
    return place != group.mids.end() && place != group.mids.begin();
  });
}

void check_media(const Pair& pair, Problems& problems) {
  const Direction offered = pair.offer_side.session.direction(pair.offer);
  const Direction answered = pair.answer_side.session.direction(pair.answer);
  if (intersect(answered, reverse(offered)) != answered) {
    problems.add(Rule::answer_direction, pair.answer, "a=" + std::string{to_string(answered)},
                 "the offer is " + std::string{to_string(offered)});
  }
  const auto theirs = codecs(pair.answer);
  const auto ours = codecs(pair.offer);
  const bool common = std::ranges::any_of(theirs, [&](const Codec& each) {
    if (each.is_auxiliary()) return false;
    return std::ranges::any_of(ours, [&](const Codec& other) {
      const bool by_number = each.payload_type == other.payload_type && each.is(other.name) &&
                             each.clock_rate == other.clock_rate;
      return by_number || matches_in(each, theirs, other, ours);
    });
  });
  if (!common)
    problems.add(Rule::answer_codec, pair.answer, "m=", "no format is one that was offered");
  const bool muxed = pair.answer.has("rtcp-mux");
  if (muxed && !pair.offer.has("rtcp-mux") && !pair.offer.has("rtcp-mux-only")) {
    problems.add(Rule::answer_rtcp_mux, pair.answer, "a=rtcp-mux", "it was not offered");
  } else if (!muxed && pair.offer.has("rtcp-mux-only") &&
             !rides_along(pair.answer_side, pair.answer)) {
    problems.add(Rule::answer_rtcp_mux, pair.answer, "m=", "nothing but rtcp-mux was offered");
  }
}

void check_answer_extmaps(const Pair& pair, Problems& problems) {
  const auto offered = pair.offer.all<Extmap>();
  for (const Extmap& extmap : pair.answer.all<Extmap>()) {
    const auto by_uri = std::ranges::find(offered, extmap.uri, &Extmap::uri);
    const std::string prefix = "a=extmap:" + std::to_string(extmap.id);
    if (by_uri == offered.end()) {
      problems.warn(Rule::answer_extmap, pair.answer, prefix,
                    quoted(extmap.uri) + " was not offered");
      continue;
    }
    // RFC 8285 7: for a provisional id of 4096 and above, the answer chooses a real one. One uri
    // may be offered under several ids.
    const bool same_id = std::ranges::any_of(offered, [&](const Extmap& each) {
      return each.uri == extmap.uri && (each.id == extmap.id || each.id >= 4096);
    });
    if (!same_id) {
      problems.add(Rule::answer_extmap, pair.answer, prefix,
                   "it was offered with id " + std::to_string(by_uri->id));
    }
  }
}

bool offers_rid(const std::vector<Simulcast::Stream>& streams, std::string_view rid) {
  return std::ranges::any_of(streams, [&](const Simulcast::Stream& stream) {
    return std::ranges::any_of(stream, [&](const auto& each) { return each.rid == rid; });
  });
}

void check_answer_simulcast(const Pair& pair, Problems& problems) {
  const auto answered = pair.answer.find<Simulcast>();
  if (!answered) return;
  const Simulcast offered = reverse(pair.offer.find<Simulcast>().value_or(Simulcast{}));
  const auto check = [&](const auto& streams, const auto& allowed) {
    for (const Simulcast::Stream& stream : streams) {
      for (const Simulcast::Alternative& each : stream) {
        if (offers_rid(allowed, each.rid)) continue;
        problems.add(Rule::answer_simulcast, pair.answer, Simulcast::key,
                     "rid " + quoted(each.rid) + " was not offered in this direction");
      }
    }
  };
  check(answered->send, offered.send);
  check(answered->recv, offered.recv);
}

void check_answer_bundle(const Side& offer, const Session& answer, Problems& problems) {
  for (const Group& group : bundle_groups(answer)) {
    const bool part = std::ranges::all_of(group.mids, [&](const std::string& mid) {
      const auto offered = offer.bundles.group_of(mid);
      return offered && offered == offer.bundles.group_of(group.mids.front());
    });
    if (!part) problems.add(Rule::answer_bundle, answer.head, Group::key, quoted(group.value()));
  }
}

}  // namespace

std::vector<Problem> check_answer(const Session& offer, const Session& answer) {
  Problems problems;
  if (offer.media.size() != answer.media.size()) {
    problems.add(Rule::answer_section_count, answer.head, "v=",
                 std::to_string(answer.media.size()) + " sections answer " +
                     std::to_string(offer.media.size()));
  }
  const Side offer_side{offer};
  const Side answer_side{answer};
  check_answer_bundle(offer_side, answer, problems);
  const std::size_t count = std::min(offer.media.size(), answer.media.size());
  for (std::size_t i = 0; i < count; ++i) {
    const Pair pair{offer_side, answer_side, offer.media[i], answer.media[i]};
    check_identity(pair, problems);
    if (pair.answer.is_rejected() || pair.offer.is_rejected()) continue;
    check_keys(pair, problems);
    check_setup(pair, problems);
    if (!pair.answer.is_rtp() || !pair.offer.is_rtp()) continue;
    check_media(pair, problems);
    check_answer_extmaps(pair, problems);
    check_answer_simulcast(pair, problems);
  }
  return std::move(problems).sorted();
}

namespace {

// Returns whether the section is still the one it was.
bool check_same_section(const MediaSection& before, const MediaSection& after, Problems& problems) {
  const std::string& old_mid = before.mid();
  const std::string& new_mid = after.mid();
  if (!old_mid.empty() && !new_mid.empty() && old_mid != new_mid) {
    problems.add(Rule::mid_changed, after, Mid::key, "it was " + quoted(old_mid));
    return false;
  }
  if (before.media_line().media != after.media_line().media || !is_same_kind(before, after)) {
    problems.add(Rule::media_changed, after,
                 "m=", "it was " + before.media_line().media + " " + before.media_line().protocol);
    return false;
  }
  return true;
}

void check_numbers(const MediaSection& before, const MediaSection& after, Problems& problems) {
  const auto old_codecs = codecs(before);
  for (const Codec& codec : codecs(after)) {
    const Codec* old = find_payload_type(old_codecs, codec.payload_type);
    if (old == nullptr || (old->is(codec.name) && old->clock_rate == codec.clock_rate)) continue;
    const std::string type = std::to_string(codec.payload_type);
    problems.add(Rule::payload_type_changed, after, "a=rtpmap:" + type, type + " was " + old->name);
  }
  const auto old_extmaps = before.all<Extmap>();
  for (const Extmap& extmap : after.all<Extmap>()) {
    const auto old = std::ranges::find(old_extmaps, extmap.id, &Extmap::id);
    if (old == old_extmaps.end() || old->uri == extmap.uri) continue;
    const std::string id = std::to_string(extmap.id);
    problems.add(Rule::extmap_changed, after, "a=extmap:" + id, id + " was " + quoted(old->uri));
  }
  if (before.has("rtcp-mux") && !after.has("rtcp-mux") && after.is_rtp()) {
    problems.warn(Rule::rtcp_mux_changed, after, "m=", "there is no a=rtcp-mux any more");
  }
}

void check_transport(const Side& before, const MediaSection& old_section, const Side& after,
                     const MediaSection& section, Problems& problems) {
  const Transport was{before, old_section};
  const Transport is{after, section};
  const MediaSection& at = *after.bundles.transport_of(section);
  if ((was.ufrag == is.ufrag) != (was.password == is.password)) {
    problems.add(Rule::ice_restart_incomplete, at,
                 was.ufrag == is.ufrag ? "a=ice-pwd" : "a=ice-ufrag",
                 was.ufrag == is.ufrag ? "the password alone changed" : "the ufrag alone changed");
    return;
  }
  if (was.ufrag == is.ufrag && was.tls_id == is.tls_id && !was.has_same_fingerprints(is)) {
    problems.add(Rule::transport_changed, at, Fingerprint::key, "the fingerprint is another one");
  }
  if (!was.is_same_association(is)) return;
  const bool swapped = was.setup && is.setup && was.setup->role != is.setup->role &&
                       was.setup->role != Role::actpass && is.setup->role != Role::actpass;
  if (swapped) {
    problems.add(Rule::setup_changed, at, Setup::key,
                 "it was " + std::string{to_string(was.setup->role)});
  }
  const auto old_port = old_section.find<SctpPort>();
  const auto port = section.find<SctpPort>();
  if (old_port && port && old_port->port != port->port) {
    problems.add(Rule::sctp_port_changed, section, SctpPort::key,
                 "it was " + std::to_string(old_port->port));
  }
}

}  // namespace

std::vector<Problem> check_change(const Session& before, const Session& after,
                                  const Session* other_side) {
  Problems problems;
  if (after.media.size() < before.media.size()) {
    problems.add(Rule::section_removed, after.head, "v=",
                 "there were " + std::to_string(before.media.size()) + " sections and are " +
                     std::to_string(after.media.size()));
  }
  const Side old_side{before};
  const Side new_side{after};
  const Origin was = before.origin();
  const Origin is = after.origin();
  if (was.session_id != is.session_id) {
    problems.warn(Rule::session_id_changed, after.head,
                  "o=", "the id was " + quoted(was.session_id));
  } else if (is.session_version < was.session_version) {
    problems.warn(Rule::session_version, after.head,
                  "o=", "the version was " + std::to_string(was.session_version));
  }
  const std::size_t count = std::min(before.media.size(), after.media.size());
  for (std::size_t i = 0; i < count; ++i) {
    // RFC 9429 5.2.2: what was refused is a free place, for anything.
    const bool refused =
        other_side != nullptr && i < other_side->media.size() && other_side->media[i].is_rejected();
    if (before.media[i].is_rejected() || refused) continue;
    if (!check_same_section(before.media[i], after.media[i], problems)) continue;
    if (after.media[i].is_rejected()) continue;
    check_numbers(before.media[i], after.media[i], problems);
    check_transport(old_side, before.media[i], new_side, after.media[i], problems);
  }
  return std::move(problems).sorted();
}

}  // namespace lucid::sdp
