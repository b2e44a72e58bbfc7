#pragma once
#include <utility>
#include <variant>

#include "core/handle.hpp"
#include "core/machine.hpp"

namespace lucid::net {

// For those who pump a machine themselves and prefer handlers: takes out all its events and calls
// the handler of each, on the caller's thread. Returns how many there were.
template <core::Machine M, class... Each>
std::size_t dispatch(M& machine, Each&&... each) {
  core::Overloaded handlers{std::forward<Each>(each)...};
  std::size_t count = 0;
  for (; auto event = machine.poll_event(); ++count) std::visit(handlers, *std::move(event));
  return count;
}

// The same for a Driver's handler: driver{loop, machine, on_events<Agent>(...)}.
template <core::Machine M, class... Each>
auto on_events(Each&&... each) {
  return
      [handlers = core::Overloaded{std::forward<Each>(each)...}](
          typename M::Event event, core::Time) mutable { std::visit(handlers, std::move(event)); };
}

}  // namespace lucid::net
