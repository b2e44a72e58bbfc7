#include "ice/server_addresses.hpp"

#include <algorithm>
#include <utility>

namespace lucid::ice {

void ServerAddresses::start() {
  if (std::exchange(started_, true)) return;
  for (const Server& server : shared_.config.servers) {
    if (server.kind != kind_) continue;
    if (kind_ == Server::Kind::stun && server.transport != core::Transport::udp) continue;
    Entry& entry = entries_.emplace_back();
    entry.server = server;
    if (const auto ip = core::Ip::parse(server.host)) {
      entry.addresses.push_back({*ip, server.port});
    } else {
      entry.resolving = core::ResolveId{shared_.next_id++};
      shared_.emit(core::Effect{core::Resolve{*entry.resolving, server.host}});
    }
  }
}

void ServerAddresses::restart() {
  entries_.clear();
  started_ = false;
}

const ServerAddresses::Entry* ServerAddresses::resolved(core::ResolveId id,
                                                        std::span<const core::Ip> addresses) {
  const auto entry = std::ranges::find(entries_, id, &Entry::resolving);
  if (entry == entries_.end()) return nullptr;
  entry->resolving.reset();
  for (const core::Family family : {core::Family::v4, core::Family::v6}) {
    std::size_t taken = 0;
    for (const core::Ip& ip : addresses) {
      if (ip.family() != family || taken++ >= most_addresses) continue;
      entry->addresses.push_back({ip, entry->server.port});
    }
  }
  if (entry->addresses.empty()) {
    shared_.emit(Agent::ServerFailed{
        entry->server.url,
        {},
        unreachable_code,
        "the name " + entry->server.host + " has no address; check the URL, and the DNS"});
  }
  return &*entry;
}

bool ServerAddresses::busy() const {
  return std::ranges::any_of(entries_,
                             [](const Entry& entry) { return entry.resolving.has_value(); });
}

}  // namespace lucid::ice
