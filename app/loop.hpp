#pragma once
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "app/totals.hpp"
#include "core/trace.hpp"
#include "sim/link.hpp"
#include "sim/seed.hpp"

// Two connections in one process that call each other: `lucid loop`.
namespace lucid::app {

struct LoopOptions {
  double seconds = 5;
  std::optional<sim::Link> link;  // the simulated network; without one: sockets of this machine
  sim::Seed seed = sim::default_seed();
  std::string video = "test";
  std::string audio = "tone";
  std::string codec;
  core::trace::Sink* sink = nullptr;
};

struct LoopSide {
  Totals totals;
  Phases phases;
  std::optional<PairInUse> pair;
};
struct LoopResult {
  LoopSide left, right;
  core::Duration lasted{};                  // of the call's own time
  std::optional<core::VideoFrame> picture;  // the last one that the right side saw
};

// Is told each state as it is reached: since when, whose, of what, and which.
using LoopWatch = std::function<void(core::Duration since, std::string_view side,
                                     std::string_view machine, std::string_view state)>;

// The errors are sentences.
using LoopOutcome = std::expected<LoopResult, std::string>;
LoopOutcome loop_over_sockets(const LoopOptions& options, const LoopWatch& watch);
LoopOutcome loop_in_simulation(const LoopOptions& options, const LoopWatch& watch);

// "loss=5,delay=40ms,rate=1mbit": what one link each way does to packets; loss, reorder and
// duplicate in percent, times in ms or s, rates in kbit, mbit or bit.
[[nodiscard]] std::expected<sim::Link, std::string> parse_link(std::string_view text);

}  // namespace lucid::app
