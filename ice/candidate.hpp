#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/address.hpp"

namespace lucid::ice {

// RFC 8445 5.1.1
enum class CandidateType : std::uint8_t { host, server_reflexive, peer_reflexive, relayed };
std::string_view to_string(CandidateType type);  // "host", "srflx", "prflx", "relay"
std::optional<CandidateType> candidate_type(std::string_view name);

// RFC 6544 4.5: who opens the connection.
enum class TcpType : std::uint8_t { active, passive, simultaneous_open };
std::string_view to_string(TcpType type);  // "active", "passive", "so"
std::optional<TcpType> tcp_type(std::string_view name);

// A candidate as it is signalled (RFC 8445 5.3, RFC 8839 5.1). A remote candidate may have a `name`
// in place of its address: one that browsers make up (".local"), or a domain name.
struct Candidate {
  CandidateType type = CandidateType::host;
  core::Transport transport = core::Transport::udp;  // or tcp
  core::Address address;
  std::string name;  // when set, `address` holds the port alone
  std::uint32_t priority = 0;
  std::string foundation;
  std::uint16_t component = 1;
  std::optional<core::Address> related;  // base or mapped address, for diagnosis (RFC 8839 5.1)
  std::optional<TcpType> tcp_type;
  std::string ufrag;  // which generation it belongs to; empty: the current one
  std::string url;    // of the server that a local candidate came from
  core::Transport relay_transport = core::Transport::udp;  // relayed: how its server is reached

  friend bool operator==(const Candidate&, const Candidate&) = default;
};

constexpr std::uint16_t discard_port = 9;  // RFC 6544 4.5: active candidates have no port to reach

// RFC 8445 5.1.2.1
constexpr std::uint32_t candidate_priority(std::uint8_t type_preference,
                                           std::uint16_t local_preference,
                                           std::uint16_t component = 1) {
  return std::uint32_t{type_preference} << 24 | std::uint32_t{local_preference} << 8 |
         (256U - component);
}

// RFC 8445 5.1.2.2: type preferences, lower for TCP (RFC 6544 4.2 leaves that to us).
std::uint8_t type_preference(CandidateType type, core::Transport transport);

// RFC 8445 6.1.2.3: G is the controlling agent's candidate's priority, D the controlled one's.
constexpr std::uint64_t pair_priority(std::uint32_t controlling, std::uint32_t controlled) {
  const std::uint64_t low = controlling < controlled ? controlling : controlled;
  const std::uint64_t high = controlling < controlled ? controlled : controlling;
  return (low << 32) + 2 * high + (controlling > controlled ? 1U : 0U);
}

// RFC 8445 5.3: user name fragment and password of one generation of an agent.
struct Credentials {
  std::string ufrag;
  std::string password;

  friend bool operator==(const Credentials&, const Credentials&) = default;
};

}  // namespace lucid::ice
