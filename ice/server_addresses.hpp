#pragma once
#include <optional>
#include <span>
#include <vector>

#include "ice/shared.hpp"

namespace lucid::ice {

// Where the configured servers of one kind are: their names are looked up once, and again after
// restart().
class ServerAddresses {
 public:
  struct Entry {
    Server server;
    std::optional<core::ResolveId> resolving;
    std::vector<core::Address> addresses;  // in the order of the DNS
  };
  // A name may have several addresses. While one has not answered, the next is asked as well
  // (RFC 8305 5, which says 250 ms; TURN takes two round trips, or five), and the first to answer
  // is the one.
  static constexpr core::Duration attempt_delay = std::chrono::milliseconds{500};
  static constexpr std::size_t most_addresses = 3;  // of each family

  ServerAddresses(Shared& shared, Server::Kind kind) : shared_{shared}, kind_{kind} {}

  void start();
  // The servers are other ones now.
  void restart();
  // The server that was waited for; null when it was not one of these.
  const Entry* resolved(core::ResolveId id, std::span<const core::Ip> addresses);
  bool busy() const;
  const std::vector<Entry>& entries() const { return entries_; }

  // Whether packets from this base may reach it at all.
  static bool reachable(const core::Ip& base, const core::Ip& server) {
    return base.family() == server.family() && base.is_loopback() == server.is_loopback();
  }

 private:
  Shared& shared_;
  Server::Kind kind_;
  bool started_ = false;
  std::vector<Entry> entries_;
};

// W3C webrtc-pc 4.8.1.3: the code for a server that cannot be reached.
constexpr std::uint16_t unreachable_code = 701;

}  // namespace lucid::ice
