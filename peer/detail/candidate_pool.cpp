#include <algorithm>

#include "peer/detail/connection.hpp"

// Transports that gather before anyone knows what they will carry (RFC 9429 3.5.4, 4.1.1). The
// first negotiation takes what it needs, with the candidates found so far; its answer discards the
// rest.
namespace lucid::peer::detail {

// All of one generation have the same credentials, which the first offer names.
void Connection::fill_pool(core::Time now) {
  transports.remove_pooled(now);
  pump(now);
  if (configuration.ice_candidate_pool_size == 0) return;
  const ice::Credentials credentials = new_credentials(context.random);
  for (unsigned i = 0; i < configuration.ice_candidate_pool_size; ++i) {
    TransportEntry& entry = add_transport({}, ice::Role::controlled, credentials, now);
    entry.pooled = true;
    entry.mids.clear();
    entry.transport.ice().gather(now);
  }
  pump(now);
}

std::optional<ice::Credentials> Connection::pooled_credentials() const {
  const auto it = std::ranges::find_if(transports.entries(), &TransportEntry::pooled);
  if (it == transports.entries().end()) return std::nullopt;
  return (*it)->transport.ice().local_credentials();
}

// Null when the pool has none with these credentials.
TransportEntry* Connection::take_from_pool(const std::string& mid, ice::Role role,
                                           const ice::Credentials& credentials, core::Time now) {
  const auto it = std::ranges::find_if(transports.entries(), [&](const auto& entry) {
    return entry->pooled && entry->transport.ice().local_credentials() == credentials;
  });
  if (it == transports.entries().end()) return nullptr;
  TransportEntry& entry = **it;
  entry.pooled = false;
  entry.mids = {mid};
  entry.transport.ice().set_role(role, now);
  // What it has found is told now, in the order it was found, and then how far it is.
  for (Transport::Event& event : std::exchange(entry.held, {})) on(entry, std::move(event), now);
  on(entry, Transport::IceChanged{}, now);
  return &entry;
}

}  // namespace lucid::peer::detail
