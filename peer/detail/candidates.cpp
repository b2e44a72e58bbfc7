#include "peer/detail/candidates.hpp"

#include <algorithm>

#include "sdp/transport.hpp"

namespace lucid::peer::detail {
namespace {

constexpr std::uint16_t discard_port = 9;  // RFC 6544 4.5: what an active TCP candidate says

std::string name_of(ice::CandidateType type) { return std::string{ice::to_string(type)}; }

}  // namespace

sdp::Candidate to_sdp(const ice::Candidate& candidate, const std::string& ufrag) {
  sdp::Candidate line;
  line.foundation = candidate.foundation;
  line.component = candidate.component;
  line.transport = candidate.transport == core::Transport::udp ? "udp" : "tcp";
  line.priority = candidate.priority;
  line.address = candidate.name.empty() ? candidate.address.ip.text() : candidate.name;
  line.port = candidate.address.port;
  line.type_name = name_of(candidate.type);
  if (candidate.related) {
    line.related_address = candidate.related->ip.text();
    line.related_port = candidate.related->port;
  }
  if (candidate.tcp_type) {
    line.extensions.push_back({"tcptype", std::string{ice::to_string(*candidate.tcp_type)}});
    if (*candidate.tcp_type == ice::TcpType::active) line.port = discard_port;
  }
  const std::string& fragment = candidate.ufrag.empty() ? ufrag : candidate.ufrag;
  if (!fragment.empty()) line.extensions.push_back({"ufrag", fragment});
  return line;
}

std::optional<ice::Candidate> to_ice(const sdp::Candidate& line) {
  ice::Candidate candidate;
  const auto type = ice::candidate_type(line.type_name);
  // RFC 5761 5.1.1: with rtcp-mux there is one component.
  if (!type || line.component != 1 || (!line.is_udp() && !line.is_tcp())) return std::nullopt;
  candidate.type = *type;
  candidate.transport = line.is_udp() ? core::Transport::udp : core::Transport::tcp;
  candidate.address.port = line.port;
  if (const auto ip = line.ip()) {
    candidate.address.ip = *ip;
  } else {
    candidate.name = line.address;
  }
  candidate.priority = line.priority;
  candidate.foundation = line.foundation;
  if (const auto tcp = line.extension("tcptype")) candidate.tcp_type = ice::tcp_type(*tcp);
  if (const auto ufrag = line.ufrag()) candidate.ufrag = std::string{*ufrag};
  return candidate;
}

void write_default_address(sdp::MediaSection& section, std::span<const sdp::Candidate> candidates) {
  sdp::Connection connection;
  sdp::MediaLine line = section.media_line();
  const sdp::Candidate* best = nullptr;
  for (const sdp::Candidate& each : candidates) {
    const auto ip = each.ip();
    if (!each.is_udp() || !ip || ip->is_loopback() || ip->is_link_local()) continue;
    // RFC 8839 4.2.1: the candidate that most peers can reach is the lowest in priority.
    if (best == nullptr || each.priority < best->priority) best = &each;
  }
  if (best != nullptr) {
    line.port = best->port;
    connection.address = best->address;
    connection.address_type = best->ip()->family() == core::Family::v4 ? "IP4" : "IP6";
    section.set_media_line(line);
  }
  section.set(connection);
}

void record_candidate(sdp::Session& session, std::span<const std::string> mids,
                      const std::string& ufrag, const sdp::Candidate* line) {
  for (sdp::MediaSection& section : session.media) {
    if (std::ranges::find(mids, section.mid()) == mids.end()) continue;
    const auto own = section.find<sdp::IceUfrag>();
    if (!own || own->text != ufrag) continue;
    if (line != nullptr) {
      section.add(*line);
      // RFC 3264 6: port zero would refuse the section, and bundle-only ones keep it.
      if (section.media_line().port != 0) {
        write_default_address(section, section.all<sdp::Candidate>());
      }
    } else if (!section.has("end-of-candidates")) {
      section.add_attribute("end-of-candidates");
    }
  }
}

}  // namespace lucid::peer::detail
