#pragma once
#include <optional>
#include <variant>

#include "core/machine.hpp"
#include "signaling/detail/roster.hpp"

namespace lucid::signaling {

// The "broadcast" dialect: what one client says, all others hear, to the letter.
class BroadcastServer {
 public:
  using Datagram = Incoming;
  using Transmit = Outgoing;
  using Event = std::monostate;

  BroadcastServer(Limits limits, core::WallClock wall, core::Context context)
      : roster_{{.limits = limits, .group = 0, .unique_names = false}, wall, context} {}

  void handle_datagram(Incoming incoming, core::Time now);
  void handle_timeout(core::Time now);
  std::optional<Outgoing> poll_transmit() { return roster_.poll_transmit(); }
  std::optional<Event> poll_event() { return std::nullopt; }
  std::optional<core::Time> next_timeout() const { return roster_.next_timeout(); }
  void farewell() { roster_.farewell(); }

  const Roster& roster() const { return roster_; }
  const ServerStats& stats() const { return roster_.stats; }

 private:
  void settle();

  Roster roster_;
};
static_assert(core::Machine<BroadcastServer>);

}  // namespace lucid::signaling
