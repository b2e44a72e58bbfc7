#pragma once
#include <optional>
#include <string>
#include <variant>

#include "core/machine.hpp"
#include "signaling/detail/roster.hpp"

namespace lucid::signaling {

// The "rooms" dialect of README.md: a few in a room, each of whom knows who is there, and to whom
// of them it is polite.
class RoomsServer {
 public:
  using Datagram = Incoming;
  using Transmit = Outgoing;
  using Event = std::monostate;
  static constexpr std::size_t most_in_room = 6;  // each sends to each

  RoomsServer(Limits limits, core::WallClock wall, core::Context context);

  void handle_datagram(Incoming incoming, core::Time now);
  void handle_timeout(core::Time now);
  std::optional<Outgoing> poll_transmit() { return roster_.poll_transmit(); }
  std::optional<Event> poll_event() { return std::nullopt; }
  std::optional<core::Time> next_timeout() const { return roster_.next_timeout(); }
  void farewell() { roster_.farewell(); }

  const Roster& roster() const { return roster_; }
  const ServerStats& stats() const { return roster_.stats; }

 private:
  void settle(core::Time now);
  void said(const Said& said, core::Time now);
  void join(ClientId client, const std::string& room, const std::string& name, core::Time now);
  void entered(const Roster::Entered& entered);
  void gone(const Roster::Member& member);
  void tell_peers(const std::string& room, const std::string& but);
  void complain(ClientId client, const char* error, const char* message);

  Limits limits_;
  Roster roster_;
};
static_assert(core::Machine<RoomsServer>);

}  // namespace lucid::signaling
