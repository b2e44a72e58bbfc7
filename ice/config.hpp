#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/address.hpp"
#include "core/time.hpp"
#include "ice/candidate.hpp"

namespace lucid::ice {

enum class Role : std::uint8_t { controlling, controlled };
std::string_view to_string(Role role);

// RFC 8445 2.5: a lite agent has host candidates alone and only answers.
enum class Mode : std::uint8_t { full, lite };

// W3C RTCIceTransportPolicy
enum class TransportPolicy : std::uint8_t { all, relay };

// How host candidates are signalled: as they are, or under made-up ".local" names
// (draft-ietf-mmusic-mdns-ice-candidates).
enum class HostNames : std::uint8_t { addresses, mdns };

// A STUN or TURN server (RFC 7064, 7065). `host` is a domain name or an address.
struct Server {
  enum class Kind : std::uint8_t { stun, turn };
  Kind kind = Kind::stun;
  std::string host;
  std::uint16_t port = 3478;
  core::Transport transport = core::Transport::udp;
  std::string username;  // TURN
  std::string password;
  std::string url;  // as the user wrote it, for candidates and errors

  friend bool operator==(const Server&, const Server&) = default;
};

struct Config {
  Role role = Role::controlled;
  Mode mode = Mode::full;
  std::vector<Server> servers;
  TransportPolicy transport_policy = TransportPolicy::all;
  HostNames host_names = HostNames::addresses;
  bool udp = true;
  bool tcp = true;  // active and passive TCP candidates (RFC 6544)
  bool v6 = true;
  bool loopback = false;  // offer loopback addresses too
  // draft-thatcher-ice-renomination: for owners who know that the other side takes it too.
  bool renomination = false;
  // RFC 8445 14.2. Several agents of one connection share the budget by a larger value each.
  core::Duration pacing = std::chrono::milliseconds{5};
  // Of several agents of one connection, all must have the same (RFC 8445 16.1). Random when
  // absent.
  std::optional<std::uint64_t> tie_breaker;
  // Of the first generation: an offer names them before its agent is made. Random when absent.
  std::optional<Credentials> credentials;
};

}  // namespace lucid::ice
