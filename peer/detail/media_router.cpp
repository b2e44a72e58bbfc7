#include "peer/detail/media_router.hpp"

#include <algorithm>
#include <utility>

#include "rtp/extension_values.hpp"

namespace lucid::peer::detail {

void MediaRouter::set_plans(const std::vector<MediaPlan>& plans) {
  const auto sections_before = std::exchange(sections_, {});
  const auto sources_before = std::exchange(sources_, {});
  mid_maps_.clear();
  for (const MediaPlan& plan : plans) {
    if (!plan.receiving) continue;
    for (const EncodingSource& each : plan.receiving->sources) {
      sources_[each.ssrc] = {sections_.size(), "", {}, true};
      if (each.rtx_ssrc != 0) sources_[each.rtx_ssrc] = {sections_.size(), "", each.ssrc, true};
    }
    sections_.push_back({plan.id, plan.mid, *plan.receiving});
    const rtp::ExtensionMap& map = plan.receiving->extensions;
    const auto id = map.id(rtp::ExtensionType::mid);
    const auto same = [&](const rtp::ExtensionMap& known) {
      return known.id(rtp::ExtensionType::mid) == id;
    };
    if (id && std::ranges::none_of(mid_maps_, same)) mid_maps_.push_back(map);
  }
  // RFC 9143 9.2: what packets have told of an SSRC outlives a negotiation. Senders leave MID and
  // RID out once they were heard.
  for (const auto& [ssrc, known] : sources_before) {
    if (known.signalled) continue;
    const Section& before = sections_before[known.section];
    const auto same = std::ranges::find_if(sections_, [&](const Section& each) {
      return each.id == before.id && each.mid == before.mid;
    });
    if (same == sections_.end()) continue;
    const auto section = static_cast<std::size_t>(same - sections_.begin());
    sources_.try_emplace(ssrc, Known{section, known.rid, known.repairs});
  }
}

std::optional<MediaRouter::Route> MediaRouter::route(const rtp::Packet& packet) {
  auto it = sources_.find(packet.ssrc());
  const auto section = section_of(packet);
  // RFC 9143 9.2: an SSRC belongs to the section whose MID it carried last.
  if (it == sources_.end() || (section && *section != it->second.section)) {
    if (!section || !may_learn_another()) return std::nullopt;
    it = sources_.insert_or_assign(packet.ssrc(), Known{*section, "", {}}).first;
  }
  Known& known = it->second;
  learn(packet, known.section, known);
  const Section& to = sections_[known.section];
  const bool repair = to.receiving.rtx_formats.contains(packet.payload_type());
  if (!repair && !to.receiving.formats.contains(packet.payload_type())) return std::nullopt;
  return Route{to.id, known.rid, repair, known.repairs};
}

std::optional<std::size_t> MediaRouter::section_of(const rtp::Packet& packet) const {
  for (const rtp::ExtensionMap& map : mid_maps_) {
    const auto mid = rtp::read<rtp::Mid>(packet, map);
    if (!mid) continue;
    const auto named = std::ranges::find_if(
        sections_, [&](const Section& section) { return section.mid == mid->text; });
    if (named == sections_.end()) return std::nullopt;
    return static_cast<std::size_t>(named - sections_.begin());
  }
  if (sources_.contains(packet.ssrc())) return std::nullopt;
  std::optional<std::size_t> only;
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    const auto& receiving = sections_[i].receiving;
    if (!receiving.formats.contains(packet.payload_type()) &&
        !receiving.rtx_formats.contains(packet.payload_type())) {
      continue;
    }
    if (only) return std::nullopt;
    only = i;
  }
  return only;
}

bool MediaRouter::may_learn_another() const {
  const auto learned =
      std::ranges::count_if(sources_, [](const auto& each) { return !each.second.signalled; });
  return static_cast<std::size_t>(learned) < most_unsignalled;
}

void MediaRouter::learn(const rtp::Packet& packet, std::size_t section, Known& known) const {
  const rtp::ExtensionMap& extensions = sections_[section].receiving.extensions;
  if (const auto rid = rtp::read<rtp::Rid>(packet, extensions)) known.rid = std::string{rid->text};
  // RFC 8852 3.2: the rid of the stream that is repaired, and so its SSRC.
  const auto repaired = rtp::read<rtp::RepairedRid>(packet, extensions);
  if (!repaired) return;
  known.rid = std::string{repaired->text};
  for (const auto& [ssrc, other] : sources_) {
    if (&other != &known && other.section == section && other.rid == known.rid && !other.repairs) {
      known.repairs = ssrc;
    }
  }
}

}  // namespace lucid::peer::detail
