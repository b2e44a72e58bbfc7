#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace lucid::signaling::detail {

using nlohmann::json;

// Nesting beyond this is nobody's signaling, and would cost stack to take apart again.
constexpr int max_depth = 32;

// A discarded value where the text is no JSON.
inline json parse(std::string_view text) {
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

// The text member of an object; empty where there is none.
inline std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

// Invalid UTF-8 is replaced rather than thrown over.
inline std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace lucid::signaling::detail
