#pragma once
#include <optional>
#include <variant>
#include <vector>

#include "core/effects.hpp"
#include "core/machine.hpp"
#include "core/queue.hpp"
#include "stun/builder.hpp"
#include "stun/message.hpp"

namespace lucid::sim {

// A STUN server (RFC 8489) for a host of a World: tells clients their address, over UDP and TCP.
// With a second address it also serves RFC 5780, by which a client finds out how its NAT behaves.
class StunServer {
 public:
  struct Config {
    core::Address address;
    std::optional<core::Address> other;  // RFC 5780 6: different in address and in port
    bool tcp = true;
  };
  struct Stats {
    std::uint64_t answered = 0;
    std::uint64_t refused = 0;  // with an error response
    std::uint64_t dropped = 0;  // not a request, or not STUN
  };
  using Datagram = core::Datagram;
  using Transmit = core::Datagram;
  using Event = std::variant<core::Effect>;

  StunServer(Config config, core::Context context);

  void handle_datagram(core::Datagram in, core::Time now);
  void handle_timeout(core::Time) {}
  std::optional<core::Datagram> poll_transmit();
  std::optional<Event> poll_event();
  std::optional<core::Time> next_timeout() const { return std::nullopt; }
  const Stats& stats() const { return stats_; }

 private:
  core::Path origin(const core::Path& path, const stun::Message& request) const;

  Config config_;
  core::Pool& pool_;
  std::uint32_t ids_ = 0;
  Stats stats_;
  core::Queue<core::Datagram> out_;
  core::Queue<Event> events_;
};
static_assert(core::Machine<StunServer>);

}  // namespace lucid::sim
