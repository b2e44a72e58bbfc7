#include "capture/detail/specification.hpp"

#include <algorithm>
#include <charconv>

namespace lucid::capture::detail {

namespace {

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

Specification Specification::parse(std::string_view text) {
  Specification out;
  const std::size_t colon = text.find_first_of(":?");
  out.kind = text.substr(0, colon);
  if (colon == std::string_view::npos) return out;
  const bool has_argument = text[colon] == ':';
  text.remove_prefix(has_argument ? colon + 1 : colon);
  // Graphs and paths may hold question marks; they take no options.
  const bool takes_options = out.kind != "file" && out.kind != "lavfi";
  const std::size_t question = takes_options ? text.find('?') : std::string_view::npos;
  if (has_argument) out.argument = text.substr(0, question);
  if (question == std::string_view::npos) return out;
  text.remove_prefix(question + 1);
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    const std::size_t equals = pair.find('=');
    out.options.emplace(pair.substr(0, equals),
                        equals == std::string_view::npos ? "" : pair.substr(equals + 1));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
  }
  return out;
}

std::optional<Specification::Size> Specification::size(Size otherwise) const {
  const auto found = options.find("size");
  if (found == options.end()) return otherwise;
  const std::string_view text = found->second;
  const std::size_t x = text.find('x');
  if (x == std::string_view::npos) return std::nullopt;
  const auto width = number<std::uint16_t>(text.substr(0, x));
  const auto height = number<std::uint16_t>(text.substr(x + 1));
  if (!width || !height || *width < 16 || *height < 16 || *width > 8192 || *height > 4352) {
    return std::nullopt;
  }
  return Size{*width, *height};
}

std::optional<double> Specification::framerate(double otherwise) const {
  const auto found = options.find("fps");
  if (found == options.end()) return otherwise;
  const auto value = number<double>(found->second);
  if (!value || !(*value >= 1) || *value > 240) return std::nullopt;
  return value;
}

bool Specification::only(std::initializer_list<std::string_view> known) const {
  return std::ranges::all_of(options, [&](const auto& option) {
    return std::ranges::find(known, option.first) != known.end();
  });
}

}  // namespace lucid::capture::detail
