#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

// JSON from strangers, and to them. Reading and writing are compiled in one place: the library's
// parser is a large template.
namespace lucid::signaling::detail {

using nlohmann::json;

// A discarded value where the text is no JSON, or is nested beyond what signaling needs.
json parse(std::string_view text);

// Invalid UTF-8 is replaced rather than thrown over.
std::string dump(const json& value);

// The text member of an object; empty where there is none.
std::string text_of(const json& object, const char* key);
// Any member of an object; null where there is none.
json part_of(const json& object, const char* key);

}  // namespace lucid::signaling::detail
