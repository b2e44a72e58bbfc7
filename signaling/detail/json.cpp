#include "signaling/detail/json.hpp"

namespace lucid::signaling::detail {
namespace {

// More would cost stack to take apart again.
constexpr int max_depth = 32;

}  // namespace

json parse(std::string_view text) {
  bool deep = false;
  json value = json::parse(
      text,
      [&](int depth, json::parse_event_t, json&) {
        deep = deep || depth > max_depth;
        return !deep;
      },
      false);
  return deep ? json(json::value_t::discarded) : value;
}

std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string text_of(const json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

json part_of(const json& object, const char* key) {
  return object.is_object() && object.contains(key) ? object.at(key) : json{};
}

}  // namespace lucid::signaling::detail
