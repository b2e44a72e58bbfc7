#pragma once
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "core/address.hpp"
#include "core/random.hpp"
#include "core/time.hpp"

namespace lucid::sim {

// How a NAT behaves, in the words of RFC 4787. It translates IPv4; IPv6 keeps its addresses and
// meets the filter alone (RFC 6092).
struct Nat {
  enum class Dependence : std::uint8_t { none, address, address_and_port };

  Dependence mapping = Dependence::none;    // RFC 4787 4.1: what else decides the external port
  Dependence filtering = Dependence::none;  // RFC 4787 5: who may send to it
  bool preserve_ports = true;               // RFC 4787 4.2.1: keep the inside port where it is free
  bool hairpinning = true;                  // RFC 4787 6
  core::Duration udp_expiry{std::chrono::minutes{2}};    // RFC 4787 4.3: not before two minutes
  core::Duration tcp_expiry{std::chrono::minutes{124}};  // RFC 5382 5
  bool refreshed_from_outside = false;  // RFC 4787 4.3: packets coming in keep a mapping too

  // The names of RFC 3489 5, which people still use.
  static Nat full_cone() { return {}; }
  static Nat address_restricted() { return {.filtering = Dependence::address}; }
  static Nat port_restricted() { return {.filtering = Dependence::address_and_port}; }
  static Nat symmetric() {
    return {.mapping = Dependence::address_and_port,
            .filtering = Dependence::address_and_port,
            .preserve_ports = false};
  }
};

// The table inside of a NAT: which external address stands for which inside one, and for whom.
class NatTable {
 public:
  NatTable(Nat behaviour, std::uint64_t seed) : behaviour_{behaviour}, random_{seed} {}

  // A packet goes out: its external source, from `external`. The mapping is made or kept alive, and
  // `remote` may send back.
  core::Address outbound(core::Transport transport, const core::Address& inside,
                         const core::Address& remote, const core::Ip& external, core::Time now);
  // A packet comes in: the inside address it is for, or nothing when there is no mapping or
  // `remote` may not use it.
  std::optional<core::Address> inbound(core::Transport transport, const core::Address& remote,
                                       const core::Address& external, core::Time now);
  // An ICMP error about a packet that went out over this mapping: no filter applies (RFC 5508 4.2).
  std::optional<core::Address> inside_of(core::Transport transport, const core::Address& external,
                                         core::Time now) const;

  std::size_t mappings() const { return by_outside_.size(); }
  // As after a power cut: all mappings are gone.
  void forget();

 private:
  struct InsideKey {
    core::Path path;  // the remote is blank as far as the mapping does not depend on it
    friend bool operator==(const InsideKey&, const InsideKey&) = default;
  };
  struct OutsideKey {
    core::Transport transport;
    core::Address external;
    friend bool operator==(const OutsideKey&, const OutsideKey&) = default;
  };
  struct Hash {
    std::size_t operator()(const InsideKey& key) const noexcept;
    std::size_t operator()(const OutsideKey& key) const noexcept;
  };
  struct Mapping {
    core::Address inside;
    core::Address external;
    core::Time expires;
    std::unordered_map<core::Address, core::Time> allowed;  // until when; empty without filtering
  };

  Mapping& mapping_for(core::Transport transport, const core::Address& inside,
                       const core::Address& remote, const core::Ip& external, core::Time now);
  core::Duration expiry(core::Transport transport) const;
  core::Address blank(core::Address remote, Nat::Dependence dependence) const;
  core::Address pick_external(core::Transport transport, const core::Address& inside,
                              const core::Ip& external);
  void sweep(core::Time now);

  Nat behaviour_;
  core::SeededRandom random_;
  std::unordered_map<InsideKey, Mapping*, Hash> by_inside_;
  std::unordered_map<OutsideKey, Mapping, Hash> by_outside_;
  std::size_t made_ = 0;
};

}  // namespace lucid::sim
