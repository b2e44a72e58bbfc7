#include "ice/gatherer.hpp"

#include <algorithm>
#include <tuple>

namespace lucid::ice {
namespace {

constexpr std::uint16_t discard_port = 9;  // RFC 6544 4.5: active candidates have no port to reach

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

// RFC 6544 4.2: direction before anything else; to open connections is likelier to work than to
// accept them.
std::uint16_t local_preference(std::uint16_t preference, std::optional<TcpType> tcp_type) {
  if (!tcp_type) return preference;
  const unsigned direction = *tcp_type == TcpType::active ? 6 : 4;
  return static_cast<std::uint16_t>(direction << 13 | preference >> 3);
}

// A random UUID (RFC 9562 5.4) under ".local".
std::string make_name(core::Random& random) {
  std::array<std::uint8_t, 16> bytes{};
  random.fill(bytes);
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
  std::string name = core::to_hex(bytes);
  for (const std::size_t at : {20U, 16U, 12U, 8U}) name.insert(at, "-");
  return name + ".local";
}

}  // namespace

void Gatherer::gather(core::Time now) {
  wanted_ = true;
  if (shared_.config.transport_policy == TransportPolicy::all) queries_.start(now);
  // RFC 8445 2.5: a lite agent has host candidates alone.
  if (shared_.config.mode == Mode::full) relays_.start(now);
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
    open(interface.ip, core::Transport::tcp, TcpType::active);
    take_up(bases_.back(), now);
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

// W3C RTCIceTransportPolicy: under "relay" a host's own addresses are neither told nor used.
void Gatherer::take_up(const Base& base, core::Time now) {
  if (base.state != Base::State::ready) return;
  if (shared_.config.transport_policy == TransportPolicy::relay) return;
  const bool known = std::ranges::any_of(locals_, [&](const Local& local) {
    return local.candidate.type == CandidateType::host && local.base == base.address &&
           local.candidate.transport == base.transport;
  });
  if (!known) add_host(base, now);
  if (base.transport == core::Transport::udp) queries_.add_base(base.address, now);
}

void Gatherer::add_host(const Base& base, core::Time now) {
  Local local;
  local.base = base.address;
  local.local_preference = local_preference(base.preference, base.tcp_type);
  Candidate& candidate = local.candidate;
  candidate.type = CandidateType::host;
  candidate.transport = base.transport;
  candidate.tcp_type = base.tcp_type;
  candidate.address = base.address;
  if (base.tcp_type == TcpType::active) candidate.address.port = discard_port;
  candidate.priority = candidate_priority(type_preference(candidate.type, candidate.transport),
                                          local.local_preference);
  candidate.foundation = foundation(candidate, base.address.ip, {});
  if (shared_.config.host_names == HostNames::mdns) candidate.name = name_of(base.address.ip);
  add(std::move(local), now);
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

// RFC 8445 5.1.1.2
void Gatherer::add_reflexive(const core::Address& base_address, const core::Address& mapped,
                             const Server& server, core::Time now) {
  const auto base = std::ranges::find_if(bases_, [&](const Base& each) {
    return each.transport == core::Transport::udp && each.address == base_address;
  });
  if (base == bases_.end() || shared_.config.transport_policy == TransportPolicy::relay) return;
  Local local;
  local.base = base->address;
  local.local_preference = local_preference(base->preference, std::nullopt);
  Candidate& candidate = local.candidate;
  candidate.type = CandidateType::server_reflexive;
  candidate.address = mapped;
  candidate.priority = candidate_priority(type_preference(candidate.type, candidate.transport),
                                          local.local_preference);
  candidate.foundation = foundation(candidate, base->address.ip, server.host);
  // RFC 8839 5.1: where the host's own address is not to be told, it is not told here either.
  candidate.related = shared_.config.host_names == HostNames::mdns
                          ? core::Address{core::Ip::any(base->address.family()), 0}
                          : base->address;
  candidate.url = server.url;
  add(std::move(local), now);
}

// RFC 8445 5.1.1.2: its base is itself.
void Gatherer::add_relayed(const Relays::Found& found, const core::Address& relayed,
                           core::Time now) {
  Local local;
  local.base = relayed;
  // The fewer detours the better: UDP to the server, then TCP, then TLS. RFC 8421 4: v6 first.
  const core::Transport transport = found.server.transport;
  const unsigned rank = transport == core::Transport::udp   ? 6
                        : transport == core::Transport::tcp ? 4
                                                            : 2;
  const unsigned v6 = relayed.family() == core::Family::v6 ? 1 : 0;
  local.local_preference = static_cast<std::uint16_t>((rank + v6) << 13 | found.preference >> 3);
  Candidate& candidate = local.candidate;
  candidate.type = CandidateType::relayed;
  candidate.address = relayed;
  candidate.relay_transport = transport;
  candidate.priority = candidate_priority(type_preference(candidate.type, candidate.transport),
                                          local.local_preference);
  candidate.foundation = foundation(candidate, relayed.ip, found.server.host);
  // RFC 8839 5.1: the mapped address; which the relay policy is there to hide.
  const bool told = shared_.config.transport_policy == TransportPolicy::all &&
                    found.allocation.mapped.has_value();
  candidate.related =
      told ? *found.allocation.mapped : core::Address{core::Ip::any(relayed.family()), 0};
  candidate.url = found.server.url;
  add(std::move(local), now);
}

void Gatherer::add(Local local, core::Time now) {
  // RFC 8445 5.1.3: the same address from the same base is redundant, unless it is signalled only
  // under a name.
  const bool known = std::ranges::any_of(locals_, [&](const Local& other) {
    return other.candidate.name.empty() && !other.outdated &&
           other.candidate.address == local.candidate.address && other.base == local.base &&
           other.candidate.transport == local.candidate.transport;
  });
  if (known) return;
  shared_.tracer.event(now, "candidate_found",
                       {{"type", to_string(local.candidate.type)},
                        {"transport", to_string(local.candidate.transport)},
                        {"address", local.candidate.address},
                        {"priority", std::uint64_t{local.candidate.priority}}});
  locals_.push_back(std::move(local));
}

// RFC 8445 5.1.1.3: the same for candidates of one type, base address, server and transport.
std::string Gatherer::foundation(const Candidate& candidate, const core::Ip& base,
                                 const std::string& server) {
  const bool relayed = candidate.type == CandidateType::relayed;
  std::string key{to_string(candidate.type)};
  key.append(" ").append(base.text()).append(" ");
  key.append(to_string(relayed ? candidate.relay_transport : candidate.transport));
  key.append(" ").append(server);
  auto it = std::ranges::find(foundations_, key);
  if (it == foundations_.end()) it = foundations_.insert(it, key);
  return std::to_string(it - foundations_.begin() + 1);
}

std::string Gatherer::name_of(const core::Ip& ip) {
  const auto it = std::ranges::find(names_, ip, [](const auto& named) { return named.first; });
  if (it != names_.end()) return it->second;
  const std::string& name = names_.emplace_back(ip, make_name(shared_.context.random)).second;
  shared_.emit(core::Effect{core::PublishName{name, ip}});
  return name;
}

}  // namespace lucid::ice
