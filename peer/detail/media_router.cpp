#include "peer/detail/media_router.hpp"

#include <algorithm>

#include "rtp/extension_values.hpp"

namespace lucid::peer::detail {

void MediaRouter::set_plans(const std::vector<MediaPlan>& plans) {
  sections_.clear();
  mid_maps_.clear();
  sources_.clear();
  for (const MediaPlan& plan : plans) {
    if (!plan.receiving) continue;
    for (const EncodingSource& each : plan.receiving->sources) {
      sources_[each.ssrc] = {sections_.size(), "", {}};
      if (each.rtx_ssrc != 0) sources_[each.rtx_ssrc] = {sections_.size(), "", each.ssrc};
    }
    sections_.push_back({plan.id, plan.mid, *plan.receiving});
    const rtp::ExtensionMap& map = plan.receiving->extensions;
    const auto id = map.id(rtp::ExtensionType::mid);
    const auto same = [&](const rtp::ExtensionMap& known) {
      return known.id(rtp::ExtensionType::mid) == id;
    };
    if (id && std::ranges::none_of(mid_maps_, same)) mid_maps_.push_back(map);
  }
}

std::optional<MediaRouter::Route> MediaRouter::route(const rtp::Packet& packet) {
  auto it = sources_.find(packet.ssrc());
  const auto section = section_of(packet);
  // RFC 9143 9.2: an SSRC belongs to the section whose MID it carried last.
  if (it == sources_.end() || (section && *section != it->second.section)) {
    if (!section || sources_.size() >= most_sources) return std::nullopt;
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
