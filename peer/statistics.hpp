#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace lucid::peer {

// One dictionary of the W3C's webrtc-stats: `type` and the members that are known, by their W3C
// names.
struct Stats {
  using Value = std::variant<bool, std::int64_t, std::uint64_t, double, std::string,
                             std::vector<std::string>>;

  std::string id;
  std::string type;      // "candidate-pair"
  double timestamp = 0;  // milliseconds since 1970
  std::vector<std::pair<std::string_view, Value>> members;

  const Value* find(std::string_view name) const;
};

// RTCStatsReport.
struct StatsReport {
  std::vector<Stats> entries;

  const Stats* find(std::string_view id) const;
  std::vector<const Stats*> of_type(std::string_view type) const;
  std::string json() const;  // [{"id":...,"type":...,"timestamp":...,...}]
};

}  // namespace lucid::peer
