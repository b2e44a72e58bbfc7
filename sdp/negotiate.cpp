#include "sdp/negotiate.hpp"

#include <algorithm>
#include <string>
#include <unordered_set>

namespace lucid::sdp {

Direction reverse(Direction direction) {
  return make_direction(receives(direction), sends(direction));
}

Direction intersect(Direction a, Direction b) {
  return make_direction(sends(a) && sends(b), receives(a) && receives(b));
}

Role answer_role(Role offered, Role preferred) {
  switch (offered) {
    case Role::active:
      return Role::passive;
    case Role::passive:
      return Role::active;
    // RFC 8842 5.3: after actpass the answerer chooses; RFC 9429 5.3.1 advises active, which saves
    // a round trip, because the first flight can follow the answer at once.
    case Role::actpass:
    case Role::holdconn:
      return preferred == Role::passive ? Role::passive : Role::active;
  }
  return Role::active;
}

std::vector<Extmap> answer_extmaps(std::span<const std::string> known_uris,
                                   std::span<const Extmap> offered, std::uint16_t max_id) {
  std::vector<Extmap> answer;
  for (const Extmap& offer : offered) {
    const bool taken = std::ranges::any_of(answer, [&](const Extmap& other) {
      return other.id == offer.id || other.uri == offer.uri;
    });
    const bool known = std::ranges::find(known_uris, offer.uri) != known_uris.end();
    // RFC 8285 5: 0 and 15 are not used; provisional ids from 4096 on are above any max_id.
    const bool usable = offer.id != 0 && offer.id != 15 && offer.id <= max_id;
    if (taken || !known || !usable) continue;
    Extmap extmap = offer;
    if (extmap.direction) extmap.direction = reverse(*extmap.direction);
    answer.push_back(std::move(extmap));
  }
  return answer;
}

Rid reverse(const Rid& rid) {
  Rid out = rid;
  out.direction = rid.direction == RidDirection::send ? RidDirection::recv : RidDirection::send;
  return out;
}

Simulcast reverse(const Simulcast& simulcast) { return {simulcast.recv, simulcast.send}; }

namespace {

std::vector<Simulcast::Stream> keep_known(const std::vector<Simulcast::Stream>& streams,
                                          std::span<const Rid> rids, RidDirection direction) {
  std::unordered_set<std::string_view> known;
  for (const Rid& rid : rids) {
    if (rid.direction == direction) known.insert(rid.id);
  }
  std::vector<Simulcast::Stream> kept;
  for (Simulcast::Stream stream : streams) {
    std::erase_if(stream, [&](const Simulcast::Alternative& alternative) {
      return !known.contains(alternative.rid);
    });
    if (!stream.empty()) kept.push_back(std::move(stream));
  }
  return kept;
}

}  // namespace

std::optional<Simulcast> answer_simulcast(const Simulcast& offered, std::span<const Rid> rids) {
  const Simulcast reversed = reverse(offered);
  Simulcast answer{keep_known(reversed.send, rids, RidDirection::send),
                   keep_known(reversed.recv, rids, RidDirection::recv)};
  if (answer.send.empty() && answer.recv.empty()) return std::nullopt;
  return answer;
}

void ExtensionIds::learn(std::span<const Extmap> extmaps) {
  for (const Extmap& extmap : extmaps) {
    const bool known = std::ranges::any_of(taken_, [&](const Extmap& other) {
      return other.id == extmap.id || other.uri == extmap.uri;
    });
    if (!known) taken_.push_back({extmap.id, std::nullopt, extmap.uri, {}});
  }
}

std::optional<std::uint16_t> ExtensionIds::assign(std::string_view uri, std::uint16_t max_id) {
  const auto known = std::ranges::find(taken_, uri, &Extmap::uri);
  if (known != taken_.end() && known->id <= max_id) return known->id;
  for (std::uint16_t id = 1; id <= max_id && id <= 255; ++id) {
    // RFC 8285 4.2: in one-byte headers 15 ends the list, so nothing is called 15.
    if (id == 15 || std::ranges::find(taken_, id, &Extmap::id) != taken_.end()) continue;
    taken_.push_back({id, std::nullopt, std::string{uri}, {}});
    return id;
  }
  return std::nullopt;
}

std::vector<Group> bundle_groups(const Session& session) {
  std::vector<Group> groups = session.head.all<Group>();
  std::erase_if(groups, [](const Group& group) { return group.semantics != "BUNDLE"; });
  return groups;
}

Bundles::Bundles(const Session& session) {
  std::unordered_map<std::string, const MediaSection*> alive;
  for (const MediaSection& section : session.media) {
    if (!section.is_rejected()) alive.emplace(section.mid(), &section);
  }
  for (const Group& group : bundle_groups(session)) {
    const MediaSection* tagged = nullptr;
    for (const std::string& mid : group.mids) {
      const bool first = groups_.emplace(mid, tagged_.size()).second;
      const auto section = alive.find(mid);
      if (first && tagged == nullptr && section != alive.end()) tagged = section->second;
    }
    tagged_.push_back(tagged);
  }
}

std::optional<std::size_t> Bundles::group_of(const std::string& mid) const {
  const auto found = groups_.find(mid);
  if (found == groups_.end()) return std::nullopt;
  return found->second;
}

const MediaSection* Bundles::transport_of(const MediaSection& section) const {
  const auto group = group_of(section.mid());
  const MediaSection* tagged = group ? tagged_[*group] : nullptr;
  if (tagged == nullptr || section.find_line(Fingerprint::key) != nullptr) return &section;
  const auto own = section.find<IceUfrag>();
  if (!own) return tagged;
  // Chromium repeats the credentials of the bundle, but not its fingerprint.
  const auto shared = tagged->find<IceUfrag>();
  return shared && shared->text == own->text ? tagged : &section;
}

std::vector<Group> answer_bundle(const Session& offer, std::span<const std::string> accepted_mids) {
  std::vector<Group> groups = bundle_groups(offer);
  for (Group& group : groups) {
    std::erase_if(group.mids, [&](const std::string& mid) {
      return std::ranges::find(accepted_mids, mid) == accepted_mids.end();
    });
  }
  std::erase_if(groups, [](const Group& group) { return group.mids.empty(); });
  return groups;
}

}  // namespace lucid::sdp
