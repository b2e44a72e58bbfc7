#include "glass/detail/fields.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "core/handle.hpp"
#include "core/text.hpp"

namespace lucid::glass {

namespace {

namespace trace = core::trace;

template <class Number>
void append_number(std::string& out, Number number) {
  std::array<char, 32> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end);
}

void append_decimals(std::string& out, std::int64_t value, std::int64_t unit, std::size_t width) {
  if (value < 0) {
    out += '-';
    value = -value;
  }
  append_number(out, value / unit);
  std::string decimals = std::to_string(value % unit);
  out += '.';
  out.append(width - decimals.size(), '0');
  out += decimals;
}

}  // namespace

void append_seconds(std::string& out, core::Duration since_start) {
  append_decimals(out, since_start.count(), 1'000'000, 6);
}

void append_text(std::string& out, const trace::Value& value) {
  std::visit(core::Overloaded{
                 [&](std::int64_t number) { append_number(out, number); },
                 [&](std::uint64_t number) { append_number(out, number); },
                 [&](double number) { append_number(out, number); },
                 [&](bool yes) { out += yes ? "yes" : "no"; },
                 [&](std::string_view text) { out += text; },
                 [&](core::Duration duration) {
                   append_decimals(out, duration.count(), 1000, 3);
                   out += "ms";
                 },
                 [&](const core::Address& address) { out += address.text(); },
                 [&](const core::Path& path) { out += path.text(); },
                 [&](core::Bytes bytes) { out += core::to_hex(bytes); },
             },
             value);
}

void append_json(std::string& out, const trace::Value& value) {
  std::visit(core::Overloaded{
                 [&](std::int64_t number) { append_number(out, number); },
                 [&](std::uint64_t number) { append_number(out, number); },
                 [&](double number) {
                   if (std::isfinite(number)) {
                     append_number(out, number);
                   } else {
                     out += "null";
                   }
                 },
                 [&](bool yes) { out += yes ? "true" : "false"; },
                 [&](std::string_view text) { core::append_json(out, text); },
                 [&](core::Duration duration) { append_decimals(out, duration.count(), 1000, 3); },
                 [&](const core::Address& address) { core::append_json(out, address.text()); },
                 [&](const core::Path& path) { core::append_json(out, path.text()); },
                 [&](core::Bytes bytes) { core::append_json(out, core::to_hex(bytes)); },
             },
             value);
}

const trace::Object& object_of(const trace::Report& report) {
  return std::visit([](const auto& one) -> const trace::Object& { return one.object; }, report);
}
core::Time time_of(const trace::Report& report) {
  return std::visit([](const auto& one) { return one.time; }, report);
}

}  // namespace lucid::glass
