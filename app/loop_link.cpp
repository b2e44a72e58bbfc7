#include <charconv>
#include <cmath>

#include "app/loop.hpp"

namespace lucid::app {

namespace {

struct Quantity {
  double value = 0;
  std::string_view unit;
};

std::optional<Quantity> quantity_of(std::string_view text) {
  Quantity out;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out.value);
  if (error != std::errc{} || !std::isfinite(out.value) || out.value < 0) return std::nullopt;
  out.unit = text.substr(static_cast<std::size_t>(end - text.data()));
  return out;
}

std::optional<double> share_of(const Quantity& it) {
  if ((it.unit != "" && it.unit != "%") || it.value > 100) return std::nullopt;
  return it.value / 100;
}

std::optional<core::Duration> time_of(const Quantity& it) {
  double seconds = it.value;
  if (it.unit == "ms" || it.unit.empty()) {
    seconds /= 1000;
  } else if (it.unit == "us") {
    seconds /= 1e6;
  } else if (it.unit != "s") {
    return std::nullopt;
  }
  if (seconds > 60) return std::nullopt;
  return core::Duration{std::llround(seconds * 1e6)};
}

std::optional<std::uint64_t> rate_of(const Quantity& it) {
  double factor = 1;
  if (it.unit == "kbit") {
    factor = 1e3;
  } else if (it.unit == "mbit") {
    factor = 1e6;
  } else if (it.unit == "gbit") {
    factor = 1e9;
  } else if (it.unit != "" && it.unit != "bit") {
    return std::nullopt;
  }
  const double rate = it.value * factor;
  if (rate < 1000 || rate > 1e11) return std::nullopt;
  return static_cast<std::uint64_t>(rate);
}

// Puts what was read where it belongs; false when it could not be read.
template <class T, class U>
bool put(T& into, const std::optional<U>& value) {
  if (value) into = static_cast<T>(*value);
  return value.has_value();
}

bool set(sim::Link& link, std::string_view name, const Quantity& it) {
  if (name == "loss") return put(link.loss, share_of(it));
  if (name == "reorder") return put(link.reorder, share_of(it));
  if (name == "duplicate") return put(link.duplicate, share_of(it));
  if (name == "delay") return put(link.delay, time_of(it));
  if (name == "jitter") return put(link.jitter, time_of(it));
  if (name == "rate") return put(link.rate, rate_of(it));
  if (name == "burst" && it.value >= 1) return put(link.burst, std::optional{it.value});
  if (name == "mtu" && it.value >= 576) return put(link.mtu, std::optional{it.value});
  return false;
}

}  // namespace

std::expected<sim::Link, std::string> parse_link(std::string_view text) {
  sim::Link link;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    const std::size_t equals = std::min(part.find('='), part.size());
    const auto quantity = quantity_of(part.substr(std::min(equals + 1, part.size())));
    if (!quantity || !set(link, part.substr(0, equals), *quantity)) {
      return std::unexpected("'" + std::string{part} +
                             "' is not understood; try loss=5,delay=40ms,rate=1mbit "
                             "(also jitter, burst, reorder, duplicate, mtu)");
    }
  }
  return link;
}

}  // namespace lucid::app
