#include "sim/schedule.hpp"

#include <charconv>
#include <optional>

#include "sim/world.hpp"

namespace lucid::sim {

namespace {

using Reason = std::string_view;  // empty: all is well

std::string_view next_word(std::string_view& text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t\r"), text.size());
  const std::size_t end = std::min(text.find_first_of(" \t\r", begin), text.size());
  const std::string_view word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

constexpr double largest = 1e12;  // of anything: in any unit it still fits an integer

// A number, not negative, and what follows it.
std::optional<double> number(std::string_view& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || !(value >= 0 && value <= largest)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

std::optional<double> with_unit(std::string_view text,
                                std::initializer_list<std::pair<std::string_view, double>> units) {
  const auto value = number(text);
  if (!value) return std::nullopt;
  for (const auto& [unit, factor] : units) {
    if (text == unit && *value <= largest / factor) return *value * factor;
  }
  return std::nullopt;
}

std::optional<core::Duration> time_of(std::string_view text) {
  const auto us = with_unit(text, {{"us", 1}, {"ms", 1e3}, {"s", 1e6}});
  if (!us) return std::nullopt;
  return core::Duration{static_cast<std::int64_t>(*us)};
}
std::optional<double> size_of(std::string_view text) {
  return with_unit(text, {{"", 1}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}});
}
std::optional<double> share_of(std::string_view text) {
  const auto value = with_unit(text, {{"", 1}, {"%", 0.01}});
  return value && *value <= 1 ? value : std::nullopt;
}

template <class Field, class Value>
Reason put(Field& field, std::optional<Value> value, Reason otherwise) {
  if (!value) return otherwise;
  field = static_cast<Field>(*value);
  return {};
}

Reason set(Link& link, std::string_view key, std::string_view value) {
  constexpr Reason bad_time = "a time needs a unit: us, ms or s";
  constexpr Reason bad_size = "not a number, with k, M or G behind it if need be";
  constexpr Reason bad_share = "not a share: 0 to 1, or a percentage";
  if (key == "delay") return put(link.delay, time_of(value), bad_time);
  if (key == "jitter") return put(link.jitter, time_of(value), bad_time);
  if (key == "reorder_delay") return put(link.reorder_delay, time_of(value), bad_time);
  if (key == "mark_after") return put(link.queue.mark_after, time_of(value), bad_time);
  if (key == "rate") return put(link.rate, size_of(value), bad_size);
  if (key == "mtu") return put(link.mtu, size_of(value), bad_size);
  if (key == "queue") return put(link.queue.limit, size_of(value), bad_size);
  if (key == "burst") return put(link.burst, size_of(value), bad_size);
  if (key == "loss") return put(link.loss, share_of(value), bad_share);
  if (key == "reorder") return put(link.reorder, share_of(value), bad_share);
  if (key == "duplicate") return put(link.duplicate, share_of(value), bad_share);
  if (key == "discipline") {
    if (value != "codel" && value != "drop_tail") return "not a discipline: codel or drop_tail";
    link.queue.discipline =
        value == "codel" ? Queue::Discipline::codel : Queue::Discipline::drop_tail;
    return {};
  }
  return "not a field of a link";
}

// One line without its comment; the text goes on behind it.
std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line.substr(0, line.find('#'));
}

// One word on each line: as a schedule it would change nothing.
bool is_trace(std::string_view text) {
  bool any = false;
  while (!text.empty()) {
    std::string_view line = next_line(text);
    any = !next_word(line).empty() || any;
    if (!next_word(line).empty()) return false;
  }
  return any;
}

std::expected<Schedule, ScheduleError> parse_trace(std::string_view text) {
  Schedule schedule;
  std::size_t line_number = 0;
  while (!text.empty()) {
    ++line_number;
    std::string_view line = next_line(text);
    const std::string_view word = next_word(line);
    if (word.empty()) continue;
    std::uint32_t ms = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), ms);
    if (error != std::errc{} || end != word.data() + word.size()) {
      return std::unexpected(ScheduleError{line_number, "neither a millisecond nor a change"});
    }
    const core::Duration at = std::chrono::milliseconds{ms};
    if (!schedule.deliveries.empty() && at < schedule.deliveries.back()) {
      return std::unexpected(ScheduleError{line_number, "time runs back"});
    }
    schedule.deliveries.push_back(at);
  }
  if (schedule.deliveries.back() == core::Duration::zero()) {
    return std::unexpected(ScheduleError{line_number, "the trace ends where it begins"});
  }
  return schedule;
}

}  // namespace

std::expected<Schedule, ScheduleError> Schedule::parse(std::string_view text, Link before) {
  if (is_trace(text)) return parse_trace(text);
  Schedule schedule;
  for (std::size_t number_of_line = 1; !text.empty(); ++number_of_line) {
    std::string_view line = next_line(text);
    std::string_view first = next_word(line);
    if (first.empty()) continue;
    const auto seconds = number(first);
    if (!seconds || !first.empty()) {
      return std::unexpected(ScheduleError{number_of_line, "does not begin with seconds"});
    }
    const core::Duration at{static_cast<std::int64_t>(*seconds * 1e6)};
    if (!schedule.steps.empty() && at < schedule.steps.back().at) {
      return std::unexpected(ScheduleError{number_of_line, "time runs back"});
    }
    for (auto word = next_word(line); !word.empty(); word = next_word(line)) {
      const std::size_t equals = std::min(word.find('='), word.size() - 1);
      const Reason reason = set(before, word.substr(0, equals), word.substr(equals + 1));
      if (!reason.empty()) return std::unexpected(ScheduleError{number_of_line, reason});
    }
    schedule.steps.push_back({at, before});
  }
  return schedule;
}

void follow(World& world, Wire& wire, const Schedule& schedule) {
  if (!schedule.deliveries.empty()) wire.deliver_at({schedule.deliveries, world.now()});
  for (const Schedule::Step& step : schedule.steps) {
    world.after(step.at, [&wire, link = step.link] { wire.change(link); });
  }
}

}  // namespace lucid::sim
