#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "core/effects.hpp"
#include "core/machine.hpp"
#include "core/queue.hpp"
#include "sim/turn_credentials.hpp"

namespace lucid::sim {

// A TURN server (RFC 8656) for a host of a World: allocations over UDP, TCP and TLS, permissions,
// channels, both address families; and the ways in which servers refuse.
class TurnServer {
 public:
  struct Config {
    std::vector<core::Address> addresses;      // UDP and TCP
    std::vector<core::Address> tls_addresses;  // connections of clients that ask for TLS
    std::vector<core::Ip> relays;              // where relayed addresses lie, one of each family
    TurnCredentials::Config credentials{};
    std::size_t quota = 1000;     // allocations a user; beyond: 486
    std::size_t capacity = 1000;  // allocations in all; beyond: 508
    core::Duration longest{std::chrono::hours{1}};
    std::optional<core::Address> alternate{};  // sends everybody there: 300
  };
  struct Stats {
    std::uint64_t allocated = 0;
    std::uint64_t refused = 0;  // requests answered with an error
    std::uint64_t to_peers = 0;
    std::uint64_t to_clients = 0;
    std::uint64_t without_permission = 0;
    std::uint64_t dropped = 0;
    std::map<stun::ErrorCode, std::uint64_t> errors;
  };
  using Datagram = core::Datagram;
  using Transmit = core::Datagram;
  using Event = std::variant<core::Effect>;

  TurnServer(Config config, core::Context context);

  void handle_datagram(core::Datagram in, core::Time now);
  void handle_timeout(core::Time now);
  std::optional<core::Datagram> poll_transmit();
  std::optional<Event> poll_event();
  std::optional<core::Time> next_timeout() const;
  void bound(core::SocketId id, core::Address local, core::Time now);
  void bind_failed(core::SocketId id, core::PathError error, core::Time now);
  void path_error(core::Path path, core::PathError error, core::Time now);

  // All nonces given out so far become stale.
  void forget_nonce() { credentials_.forget_nonce(); }
  std::size_t allocations() const { return allocations_.size(); }
  const Stats& stats() const { return stats_; }

 private:
  using Authenticated = TurnCredentials::Authenticated;
  struct Relay {
    core::Family family;
    std::optional<core::Address> address;  // once bound
  };
  struct Channel {
    core::Address peer;
    core::Time expires;
  };
  struct Allocation {
    core::Path client;
    Authenticated owner;
    stun::TransactionId transaction;  // of the Allocate request
    core::Time expires;
    core::Duration lifetime;
    bool answered = false;
    std::map<core::SocketId, Relay> relays;
    std::optional<core::Family> missing;  // asked for beside the other, and not to be had
    std::map<core::Ip, core::Time> permissions;
    std::map<std::uint16_t, Channel> channels;
  };
  struct Request {
    const stun::Message& message;
    const core::Path& path;
    core::Time now;
  };

  void request(const Request& in);
  void binding(const Request& in);
  void allocate(const Request& in, const Authenticated& who);
  void refresh(const Request& in, const Authenticated& who, Allocation& allocation);
  void create_permission(const Request& in, Allocation& allocation);
  void channel_bind(const Request& in, Allocation& allocation);
  void send_indication(const stun::Message& message, const core::Path& path);
  void channel_data(core::Datagram in);
  void from_peer(core::Datagram in);

  struct Families {
    std::vector<core::Family> wanted;
    std::optional<core::Family> missing;
  };
  [[nodiscard]] std::expected<Families, stun::ErrorCode> families_for(
      const stun::Message& request) const;
  std::optional<stun::ErrorCode> refuse_allocation(const Request& in,
                                                   const Authenticated& who) const;
  void bind_relay(Allocation& allocation, core::Family family, bool even);
  void answer_allocate(Allocation& allocation, core::Time now);
  bool permits(const Allocation& allocation, const core::Ip& peer) const;
  const core::Address* relay_of(const Allocation& allocation, core::Family family) const;
  void to_peer(const Allocation& allocation, const core::Address& peer, core::Bytes data);
  void reply(const Request& in, stun::Builder out, const Authenticated& who);
  void fail(const Request& in, stun::ErrorCode code, const Authenticated* who = nullptr);
  void remove(const core::Path& client);

  Config config_;
  core::Context context_;
  TurnCredentials credentials_;
  std::map<core::Path, Allocation> allocations_;            // by the client's path
  std::unordered_map<core::Address, core::Path> by_relay_;  // whose relayed address it is
  std::uint32_t ids_ = 0;
  core::Time now_{};
  Stats stats_;
  core::Queue<core::Datagram> out_;
  core::Queue<Event> events_;
};
static_assert(core::Machine<TurnServer>);

}  // namespace lucid::sim
