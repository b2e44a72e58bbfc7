#include "sim/nat.hpp"

namespace lucid::sim {

namespace {

constexpr std::size_t sweep_every = 1024;
constexpr std::uint16_t lowest_port = 1024;

// TLS is TCP to everyone on the way.
core::Transport on_the_wire(core::Transport transport) {
  return transport == core::Transport::udp ? transport : core::Transport::tcp;
}

}  // namespace

std::size_t NatTable::Hash::operator()(const InsideKey& key) const noexcept {
  return std::hash<core::Path>{}(key.path);
}
std::size_t NatTable::Hash::operator()(const OutsideKey& key) const noexcept {
  return std::hash<core::Address>{}(key.external) * 2 + (key.transport == core::Transport::udp);
}

core::Duration NatTable::expiry(core::Transport transport) const {
  return transport == core::Transport::udp ? behaviour_.udp_expiry : behaviour_.tcp_expiry;
}

core::Address NatTable::blank(core::Address remote, Nat::Dependence dependence) const {
  switch (dependence) {
    case Nat::Dependence::none:
      return {};
    case Nat::Dependence::address:
      return {remote.ip, 0};
    case Nat::Dependence::address_and_port:
      return remote;
  }
  return remote;
}

core::Address NatTable::outbound(core::Transport transport, const core::Address& inside,
                                 const core::Address& remote, const core::Ip& external,
                                 core::Time now) {
  transport = on_the_wire(transport);
  Mapping& mapping = mapping_for(transport, inside, remote, external, now);
  mapping.expires = now + expiry(transport);
  if (behaviour_.filtering != Nat::Dependence::none) {
    mapping.allowed[blank(remote, behaviour_.filtering)] = mapping.expires;
  }
  return mapping.external;
}

NatTable::Mapping& NatTable::mapping_for(core::Transport transport, const core::Address& inside,
                                         const core::Address& remote, const core::Ip& external,
                                         core::Time now) {
  // An address that is not translated stands for itself, whoever it talks to.
  const auto dependence = external == inside.ip ? Nat::Dependence::none : behaviour_.mapping;
  const InsideKey key{{transport, inside, blank(remote, dependence)}};
  if (const auto known = by_inside_.find(key); known != by_inside_.end()) {
    if (known->second->expires > now) return *known->second;
    by_outside_.erase({transport, known->second->external});
    by_inside_.erase(known);
  }
  if (++made_ % sweep_every == 0) sweep(now);
  const OutsideKey outside{transport, pick_external(transport, inside, external)};
  Mapping& mapping =
      by_outside_.emplace(outside, Mapping{inside, outside.external, now, {}}).first->second;
  by_inside_.emplace(key, &mapping);
  return mapping;
}

std::optional<core::Address> NatTable::inbound(core::Transport transport,
                                               const core::Address& remote,
                                               const core::Address& external, core::Time now) {
  transport = on_the_wire(transport);
  const auto found = by_outside_.find({transport, external});
  if (found == by_outside_.end() || found->second.expires <= now) return std::nullopt;
  Mapping& mapping = found->second;
  if (behaviour_.filtering != Nat::Dependence::none) {
    const auto allowed = mapping.allowed.find(blank(remote, behaviour_.filtering));
    if (allowed == mapping.allowed.end() || allowed->second <= now) return std::nullopt;
    if (behaviour_.refreshed_from_outside) allowed->second = now + expiry(transport);
  }
  if (behaviour_.refreshed_from_outside) mapping.expires = now + expiry(transport);
  return mapping.inside;
}

std::optional<core::Address> NatTable::inside_of(core::Transport transport,
                                                 const core::Address& external,
                                                 core::Time now) const {
  const auto found = by_outside_.find({on_the_wire(transport), external});
  if (found == by_outside_.end() || found->second.expires <= now) return std::nullopt;
  return found->second.inside;
}

core::Address NatTable::pick_external(core::Transport transport, const core::Address& inside,
                                      const core::Ip& external) {
  core::Address pick{external, inside.port};
  if (external == inside.ip) return pick;
  if (!behaviour_.preserve_ports || by_outside_.contains({transport, pick})) {
    do {
      pick.port = static_cast<std::uint16_t>(lowest_port + random_.below(65536 - lowest_port));
    } while (by_outside_.contains({transport, pick}));
  }
  return pick;
}

void NatTable::sweep(core::Time now) {
  std::erase_if(by_inside_, [&](const auto& entry) { return entry.second->expires <= now; });
  std::erase_if(by_outside_, [&](const auto& entry) { return entry.second.expires <= now; });
}

void NatTable::forget() {
  by_inside_.clear();
  by_outside_.clear();
}

}  // namespace lucid::sim
