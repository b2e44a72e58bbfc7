#include "ice/gatherer.hpp"

#include <algorithm>
#include <tuple>

namespace lucid::ice {
namespace {

// Wires before radio, what costs money last.
int rank(core::NetworkType type) {
  switch (type) {
    case core::NetworkType::ethernet:
    case core::NetworkType::unknown:
      return 0;
    case core::NetworkType::wifi:
      return 1;
    case core::NetworkType::cellular:
      return 2;
    case core::NetworkType::vpn:
      return 3;
    case core::NetworkType::loopback:
      return 4;
  }
  return 4;
}

// RFC 8445 5.1.1.1 on which addresses are no candidates.
bool worth_offering(const core::Interface& interface, const Config& config) {
  const core::Ip& ip = interface.ip;
  if (ip.is_any() || ip.is_multicast() || ip.is_v4_mapped() || ip.is_link_local()) return false;
  if (ip.family() == core::Family::v6 && !config.v6) return false;
  return config.loopback || !ip.is_loopback();
}

}  // namespace

void Gatherer::gather(core::Time now) {
  wanted_ = true;
  // RFC 8445 2.5: a lite agent has host candidates alone.
  const bool full = shared_.config.mode == Mode::full;
  if (full && shared_.config.transport_policy == TransportPolicy::all) queries_.start(now);
  if (full) relays_.start(now);
  if (interfaces_) open_bases(now);
}

void Gatherer::set_servers(std::vector<Server> servers, TransportPolicy policy, core::Time now) {
  next_sources_ = {std::move(servers), policy};
  if (!wanted_) restart(now);
}

// W3C setConfiguration: what is configured anew holds from the next gathering on. The generation
// before goes on with what it has.
void Gatherer::restart(core::Time now) {
  if (!next_sources_) return;
  Sources next = *std::exchange(next_sources_, std::nullopt);
  shared_.config.transport_policy = next.policy;
  if (shared_.config.servers != next.servers) {
    shared_.config.servers = std::move(next.servers);
    queries_.restart();
    relays_.restart();
    for (Local& local : locals_) local.outdated = local.candidate.type != CandidateType::host;
  }
  if (!wanted_) return;
  for (const Base& base : bases_) take_up(base, now);
  gather(now);
}

void Gatherer::interfaces(std::span<const core::Interface> list, core::Time now) {
  interfaces_.emplace(list.begin(), list.end());
  std::erase_if(bases_, [&](const Base& base) {
    const bool stays = std::ranges::any_of(
        list, [&](const core::Interface& interface) { return interface.ip == base.address.ip; });
    if (stays) return false;
    gone_.push_back(base.address);
    queries_.remove_base(base.address);
    relays_.remove_place(base.address.ip, now);
    close(base);
    return true;
  });
  if (wanted_) open_bases(now);
}

void Gatherer::open_bases(core::Time now) {
  // RFC 8421 4: v6 and v4 in turn, interface by interface.
  std::ranges::sort(*interfaces_, {}, [](const core::Interface& interface) {
    return std::tuple{rank(interface.type), interface.index,
                      interface.ip.family() == core::Family::v4, interface.ip};
  });
  for (const core::Interface& interface : *interfaces_) {
    if (!worth_offering(interface, shared_.config)) continue;
    const std::uint16_t preference = next_preference();
    if (shared_.config.udp && !is_open(interface.ip, core::Transport::udp)) {
      open(interface.ip, core::Transport::udp, std::nullopt);
    }
    relays_.add_place({interface.ip, 0}, preference, now);
    if (!shared_.config.tcp || shared_.config.transport_policy == TransportPolicy::relay ||
        is_open(interface.ip, core::Transport::tcp)) {
      continue;
    }
    // RFC 6544 5.1: a lite agent opens no connections.
    if (shared_.config.mode == Mode::full) {
      open(interface.ip, core::Transport::tcp, TcpType::active);
      take_up(bases_.back(), now);
    }
    open(interface.ip, core::Transport::tcp, TcpType::passive);
  }
}

bool Gatherer::is_open(const core::Ip& ip, core::Transport transport) const {
  return std::ranges::any_of(bases_, [&](const Base& base) {
    return base.transport == transport && base.address.ip == ip;
  });
}

void Gatherer::open(const core::Ip& ip, core::Transport transport,
                    std::optional<TcpType> tcp_type) {
  const std::uint16_t preference = next_preference();
  Base& base = bases_.emplace_back();
  base.transport = transport;
  base.tcp_type = tcp_type;
  base.id = shared_.next_id++;
  base.address = {ip, 0};
  base.preference = preference;
  if (tcp_type == TcpType::active) {
    base.state = Base::State::ready;
  } else if (tcp_type) {
    shared_.emit(
        core::Effect{core::Listen{core::StreamId{base.id}, core::Framing::rfc4571, base.address}});
  } else {
    shared_.emit(core::Effect{core::BindUdp{core::SocketId{base.id}, base.address}});
  }
}

std::uint16_t Gatherer::next_preference() const {
  return static_cast<std::uint16_t>(0xFFF7 - 8 * std::min<std::size_t>(bases_.size(), 8000));
}

bool Gatherer::metered(const core::Ip& ip) const {
  return interfaces_ && std::ranges::any_of(*interfaces_, [&](const core::Interface& each) {
           return each.ip == ip && each.type == core::NetworkType::cellular;
         });
}

void Gatherer::close(const Base& base) {
  if (base.state == Base::State::failed) return;
  if (base.transport == core::Transport::udp) {
    shared_.emit(core::Effect{core::CloseUdp{core::SocketId{base.id}}});
  } else if (base.tcp_type == TcpType::passive) {
    shared_.emit(core::Effect{core::CloseStream{core::StreamId{base.id}}});
  }
}

void Gatherer::close(core::Time now) {
  relays_.close(now);
  for (const Base& base : bases_) close(base);
  for (const auto& [ip, name] : names_) shared_.emit(core::Effect{core::WithdrawName{name}});
  bases_.clear();
  names_.clear();
  wanted_ = false;
}

Gatherer::Base* Gatherer::find(core::Transport transport, std::uint32_t id) {
  const auto it = std::ranges::find_if(bases_, [&](const Base& base) {
    return base.transport == transport && base.id == id && base.state == Base::State::opening;
  });
  return it == bases_.end() ? nullptr : &*it;
}

void Gatherer::bound(core::SocketId id, const core::Address& local, core::Time now) {
  Base* base = find(core::Transport::udp, static_cast<std::uint32_t>(id));
  if (base == nullptr) return relays_.bound(id, local, now);
  base->state = Base::State::ready;
  base->address = local;
  take_up(*base, now);
  relays_.add_place(local, base->preference, now);
}

void Gatherer::bind_failed(core::SocketId id, core::PathError error, core::Time now) {
  Base* base = find(core::Transport::udp, static_cast<std::uint32_t>(id));
  if (base == nullptr) return relays_.bind_failed(id, error, now);
  base->state = Base::State::failed;
  shared_.tracer.event(now, "bind_failed",
                       {{"address", base->address}, {"reason", to_string(error)}});
}

void Gatherer::listening(core::StreamId id, const core::Address& local, core::Time now) {
  Base* base = find(core::Transport::tcp, static_cast<std::uint32_t>(id));
  if (base == nullptr) return;
  base->state = Base::State::ready;
  base->address = local;
  take_up(*base, now);
}

void Gatherer::opened(core::StreamId id, const core::Path& path, core::Time now) {
  relays_.opened(id, path, now);
}

bool Gatherer::closed(core::StreamId id, core::PathError error, core::Time now) {
  relays_.closed(id, error, now);
  Base* base = find(core::Transport::tcp, static_cast<std::uint32_t>(id));
  if (base == nullptr) return false;
  base->state = Base::State::failed;
  shared_.tracer.event(now, "listen_failed",
                       {{"address", base->address}, {"reason", to_string(error)}});
  return true;
}

GatheringState Gatherer::state() const {
  if (!wanted_) return GatheringState::idle;
  const bool busy =
      !interfaces_ ||
      std::ranges::any_of(bases_,
                          [](const Base& base) { return base.state == Base::State::opening; }) ||
      queries_.busy() || relays_.busy();
  return busy ? GatheringState::gathering : GatheringState::complete;
}

bool Gatherer::usable(const Local& local) const {
  const bool hidden = shared_.config.transport_policy == TransportPolicy::relay &&
                      local.candidate.type != CandidateType::relayed;
  if (local.outdated || hidden) return false;
  return std::ranges::any_of(bases_,
                             [&](const Base& base) { return base.address == local.base; }) ||
         relays_.owns(local.base);
}

void Gatherer::resolved(core::ResolveId id, std::span<const core::Ip> addresses, core::Time now) {
  queries_.resolved(id, addresses, now);
  relays_.resolved(id, addresses, now);
}

bool Gatherer::handle_response(const core::Path& path, const stun::Message& response,
                               core::Time now) {
  if (!queries_.handle_response(path, response, now)) return false;
  for (const ServerQueries::Answer& answer : queries_.take_answers()) {
    add_reflexive(answer.base, answer.mapped, answer.server, now);
  }
  return true;
}

void Gatherer::path_error(const core::Path& path, core::PathError error, core::Time now) {
  queries_.path_error(path, error, now);
  relays_.path_error(path, error, now);
}

void Gatherer::handle_timeout(core::Time now) {
  queries_.handle_timeout(now);
  relays_.handle_timeout(now);
}

void Gatherer::settle(core::Time now) {
  for (const Relays::Found& found : relays_.take_found()) {
    for (const core::Address& relayed : found.allocation.relayed) add_relayed(found, relayed, now);
    // RFC 8445 5.1.1.2: a TURN server tells the server-reflexive address too.
    if (found.allocation.mapped) {
      add_reflexive(found.base, *found.allocation.mapped, found.server, now);
    }
  }
  const auto gone = relays_.take_gone();
  gone_.insert(gone_.end(), gone.begin(), gone.end());
}

}  // namespace lucid::ice
