#include "peer/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/handle.hpp"
#include "core/text.hpp"

namespace lucid::peer {
namespace {

std::string number(double value) {
  if (!std::isfinite(value)) return "null";
  char digits[40];
  std::snprintf(digits, sizeof digits, "%.15g", value);
  return digits;
}

std::string json_of(const Stats::Value& value) {
  return std::visit(core::Overloaded{
                        [](bool it) -> std::string { return it ? "true" : "false"; },
                        [](double it) { return number(it); },
                        [](const std::string& it) { return core::json(it); },
                        [](const std::vector<std::string>& list) {
                          std::string result = "[";
                          for (const std::string& each : list) {
                            if (result.size() > 1) result += ",";
                            result += core::json(each);
                          }
                          return result + "]";
                        },
                        [](auto it) { return std::to_string(it); },
                    },
                    value);
}

}  // namespace

const Stats::Value* Stats::find(std::string_view name) const {
  const auto it = std::ranges::find(members, name, [](const auto& each) { return each.first; });
  return it == members.end() ? nullptr : &it->second;
}

const Stats* StatsReport::find(std::string_view id) const {
  const auto it = std::ranges::find(entries, id, &Stats::id);
  return it == entries.end() ? nullptr : &*it;
}

std::vector<const Stats*> StatsReport::of_type(std::string_view type) const {
  std::vector<const Stats*> result;
  for (const Stats& each : entries) {
    if (each.type == type) result.push_back(&each);
  }
  return result;
}

std::string StatsReport::json() const {
  std::string result = "[";
  for (const Stats& each : entries) {
    if (result.size() > 1) result += ",\n ";
    result += "{\"id\":" + core::json(each.id) + ",\"type\":" + core::json(each.type) +
              ",\"timestamp\":" + number(each.timestamp);
    for (const auto& [name, value] : each.members) {
      result += "," + core::json(name) + ":" + json_of(value);
    }
    result += "}";
  }
  return result + "]";
}

}  // namespace lucid::peer
