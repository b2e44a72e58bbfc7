#include "sdp/detail/problems.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "sdp/detail/text.hpp"
#include "sdp/rtp.hpp"

namespace lucid::sdp::detail {

std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 40;
  std::string out{"\""};
  out.append(text.substr(0, longest));
  return out.append(text.size() > longest ? "...\"" : "\"");
}

namespace {

const Line* find_prefix(const Section& section, std::string_view prefix) {
  for (const Line& line : section.lines()) {
    const std::string_view text{line.text};
    if (!text.starts_with(prefix)) continue;
    const bool whole = text.size() == prefix.size() || prefix.ends_with('=') ||
                       (!is_alpha(text[prefix.size()]) && !is_digit(text[prefix.size()]) &&
                        text[prefix.size()] != '-');
    if (whole) return &line;
  }
  return section.lines().empty() ? nullptr : &section.lines().front();
}

}  // namespace

void Problems::put(Rule rule, Severity severity, const Line* line, std::string_view detail) {
  problems_.push_back({rule, line == nullptr ? 0 : line->number, 1, printable(detail), severity});
}

bool Problems::full(Severity severity) {
  constexpr std::size_t most = 1000;
  return ++(severity == Severity::error ? errors_ : warnings_) > most;
}

void Problems::add(Rule rule, const Line& line, std::string_view detail) {
  if (!full(Severity::error)) put(rule, Severity::error, &line, detail);
}

void Problems::add(Rule rule, const Section& section, std::string_view prefix,
                   std::string_view detail) {
  if (!full(Severity::error)) put(rule, Severity::error, find_prefix(section, prefix), detail);
}

void Problems::warn(Rule rule, const Line& line, std::string_view detail) {
  if (!full(Severity::warning)) put(rule, Severity::warning, &line, detail);
}

void Problems::warn(Rule rule, const Section& section, std::string_view prefix,
                    std::string_view detail) {
  if (!full(Severity::warning)) put(rule, Severity::warning, find_prefix(section, prefix), detail);
}

std::vector<Problem> Problems::sorted() && {
  // By line, and among those of one line in the order in which they were found.
  std::vector<std::pair<std::uint32_t, std::size_t>> order;
  order.reserve(problems_.size());
  for (std::size_t i = 0; i < problems_.size(); ++i) order.emplace_back(problems_[i].line, i);
  std::ranges::sort(order);
  std::vector<Problem> out;
  out.reserve(problems_.size());
  for (const auto& [line, index] : order) out.push_back(std::move(problems_[index]));
  return out;
}

namespace {

using Rids = std::unordered_map<std::string, RidDirection>;

Rids check_rids(const MediaSection& section, Problems& problems) {
  Rids rids;
  for (const Line& line : section.lines()) {
    if (line.key() != Rid::key) continue;
    const auto rid = Rid::parse(line.value());
    if (!rid || rids.emplace(rid->id, rid->direction).second) continue;
    problems.add(Rule::rid_duplicate, line, "rid " + quoted(rid->id) + " is described above");
  }
  return rids;
}

void check_streams(const std::vector<Simulcast::Stream>& streams, RidDirection direction,
                   const Rids& rids, const Line& line, Problems& problems) {
  std::unordered_set<std::string> seen;
  for (const Simulcast::Stream& stream : streams) {
    for (const Simulcast::Alternative& alternative : stream) {
      const auto rid = rids.find(alternative.rid);
      if (!seen.insert(alternative.rid).second) {
        problems.add(Rule::simulcast_repeated, line,
                     "rid " + quoted(alternative.rid) + " is there twice");
      } else if (rid == rids.end()) {
        // RFC 8853 5.2: streams that nothing describes are passed over.
        problems.warn(Rule::rid_unknown, line, "no a=rid describes " + quoted(alternative.rid));
      } else if (rid->second != direction) {
        problems.add(
            Rule::rid_direction, line,
            "rid " + quoted(alternative.rid) + " is for " + std::string{to_string(rid->second)});
      }
    }
  }
}

}  // namespace

void check_simulcast(const MediaSection& section, Problems& problems) {
  const Rids rids = check_rids(section, problems);
  bool seen = false;
  for (const Line& line : section.lines()) {
    if (line.key() != Simulcast::key) continue;
    if (seen) problems.add(Rule::simulcast_repeated, line, "there is one above");
    seen = true;
    const auto simulcast = Simulcast::parse(line.value());
    if (!simulcast) continue;
    check_streams(simulcast->send, RidDirection::send, rids, line, problems);
    check_streams(simulcast->recv, RidDirection::recv, rids, line, problems);
  }
}

void check_ssrc_groups(const MediaSection& section, Problems& problems) {
  std::unordered_set<std::uint32_t> ssrcs;
  for (const SsrcAttribute& each : section.all<SsrcAttribute>()) ssrcs.insert(each.ssrc);
  for (const Line& line : section.lines()) {
    if (line.key() != SsrcGroup::key) continue;
    const auto group = SsrcGroup::parse(line.value());
    if (!group) continue;
    for (const std::uint32_t ssrc : group->ssrcs) {
      if (ssrcs.contains(ssrc)) continue;
      problems.warn(Rule::ssrc_group_unknown, line, "there is no a=ssrc:" + std::to_string(ssrc));
    }
  }
}

}  // namespace lucid::sdp::detail
