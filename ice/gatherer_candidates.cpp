// What has been found, made into candidates (RFC 8445 5.1.1, 5.1.2).
#include <algorithm>

#include "ice/gatherer.hpp"

namespace lucid::ice {
namespace {

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
  local.metered = metered(base.address.ip);
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

// RFC 8445 5.1.1.2
void Gatherer::add_reflexive(const core::Address& base_address, const core::Address& mapped,
                             const Server& server, core::Time now) {
  const auto base = std::ranges::find_if(bases_, [&](const Base& each) {
    return each.transport == core::Transport::udp && each.address == base_address;
  });
  if (base == bases_.end() || shared_.config.transport_policy == TransportPolicy::relay) return;
  Local local;
  local.base = base->address;
  local.metered = metered(base->address.ip);
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
  local.metered = metered(found.base.ip);
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
