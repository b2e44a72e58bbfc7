#pragma once
#include <deque>
#include <map>
#include <optional>
#include <variant>

#include "core/machine.hpp"
#include "signaling/rate.hpp"
#include "signaling/server.hpp"

namespace lucid::signaling {

// The "broadcast" dialect: what one client says, all others hear, to the letter.
class BroadcastServer {
 public:
  using Datagram = Incoming;
  using Transmit = Outgoing;
  using Event = std::monostate;

  BroadcastServer(Limits limits, core::Context) : limits_{limits} {}

  void handle_datagram(Incoming incoming, core::Time now);
  void handle_timeout(core::Time) {}
  std::optional<Outgoing> poll_transmit();
  std::optional<Event> poll_event() { return std::nullopt; }
  std::optional<core::Time> next_timeout() const { return std::nullopt; }

  std::size_t clients() const { return clients_.size(); }

 private:
  void said(const Said& said, core::Time now);
  void dismiss(ClientId client, std::string reason);

  Limits limits_;
  std::map<ClientId, Allowance> clients_;
  std::deque<Outgoing> out_;
};
static_assert(core::Machine<BroadcastServer>);

}  // namespace lucid::signaling
