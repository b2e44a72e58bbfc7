#pragma once
#include <cstddef>
#include <expected>
#include <string_view>
#include <vector>

#include "sim/link.hpp"

namespace lucid::sim {

class Wire;
class World;

struct ScheduleError {
  std::size_t line;
  std::string_view reason;
};

// How a link changes over time. As text, one change a line: seconds from the start, then what is
// different from the line before; '#' begins a comment.
//
//   0     rate=2M delay=40ms queue=64k
//   12.5  rate=300k loss=2%
//   20    loss=100%          # an outage
//   20.4  loss=0 discipline=codel mark_after=5ms
//
// Keys are the fields of Link and Queue; times take us, ms, s; rates and sizes take k and M.
//
// A text of whole numbers alone is a trace in Mahimahi's format: each line is the millisecond at
// which the link can deliver one packet of 1,500 bytes; after the last it begins anew.
struct Schedule {
  struct Step {
    core::Duration at;
    Link link;
  };
  std::vector<Step> steps;
  std::vector<core::Duration> deliveries;  // of a trace, which has no steps

  [[nodiscard]] static std::expected<Schedule, ScheduleError> parse(std::string_view text,
                                                                    Link before = {});
};

// Lets the wire follow the schedule from now on.
void follow(World& world, Wire& wire, const Schedule& schedule);

}  // namespace lucid::sim
