#include "rtp/rtcp/feedback.hpp"

#include "rtp/rtcp/report.hpp"

namespace lucid::rtp::rtcp {

std::vector<Nack::Item> Nack::pack(std::span<const std::uint16_t> sequences) {
  std::vector<Item> items;
  for (const std::uint16_t sequence : sequences) {
    // RFC 4585 6.2.1: one item speaks for a packet and the sixteen that follow it.
    const auto distance =
        items.empty() ? 0U : static_cast<std::uint16_t>(sequence - items.back().packet_id);
    if (!items.empty() && distance >= 1 && distance <= 16) {
      items.back().following_lost |= static_cast<std::uint16_t>(1U << (distance - 1));
    } else if (items.empty() || distance != 0) {
      items.push_back({sequence, 0});
    }
  }
  return items;
}

SourceDescription cname_of(std::uint32_t ssrc, std::string cname) {
  return {{{ssrc, {{SdesType::cname, std::move(cname)}}}}};
}

}  // namespace lucid::rtp::rtcp
