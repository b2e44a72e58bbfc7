#include "peer/detail/transport_set.hpp"

#include <algorithm>

#include "core/handle.hpp"

namespace lucid::peer::detail {
namespace {

// An id of the edge: which transport, then which of its own.
constexpr unsigned inner_bits = 20;
constexpr std::uint32_t inner_mask = (1U << inner_bits) - 1;

// What of an agent's id does not fit is the same in all of them, and stays with the entry.
template <class Id>
Id outer(TransportEntry& entry, Id inner) {
  const auto id = static_cast<std::uint32_t>(inner);
  entry.id_bits = id & ~inner_mask;
  return Id{entry.id << inner_bits | (id & inner_mask)};
}
template <class Id>
Id inner(const TransportEntry& entry, Id outer) {
  return Id{entry.id_bits | (static_cast<std::uint32_t>(outer) & inner_mask)};
}

}  // namespace

bool TransportEntry::serves(std::string_view mid) const {
  return std::ranges::find(mids, mid) != mids.end();
}

LocalTransport TransportEntry::describe() const {
  return {mids, transport.ice().local_credentials(), candidates, gathered, role};
}

TransportEntry& TransportSet::add(std::string mid, Transport::Config config, core::Context context,
                                  core::Time now) {
  // Ids of the edge have room for so many transports at once; those that are gone give theirs back.
  while (owner_of(next_id_ << inner_bits) != nullptr) ++next_id_;
  const std::uint32_t id = next_id_++ & (~0U >> inner_bits);
  auto entry = std::make_unique<TransportEntry>(id, std::move(mid), std::move(config), context);
  if (interfaces_) entry->transport.ice().interfaces(*interfaces_, now);
  return *entries_.emplace_back(std::move(entry));
}

TransportEntry* TransportSet::serving(std::string_view mid) {
  const auto it = std::ranges::find_if(entries_, [&](const auto& e) { return e->serves(mid); });
  return it == entries_.end() ? nullptr : it->get();
}

const TransportEntry* TransportSet::serving(std::string_view mid) const {
  return const_cast<TransportSet*>(this)->serving(mid);
}

template <class Predicate>
void TransportSet::remove_if(Predicate predicate, core::Time now) {
  for (const auto& entry : entries_) {
    if (!predicate(*entry)) continue;
    if (entry->media) {
      entry->media->close(now);
      while (auto packet = entry->media->poll_rtcp()) {
        entry->transport.send_rtcp(std::move(*packet), now);
      }
    }
    entry->transport.close(now);
    entry->transport.settle(now);
    while (auto datagram = entry->transport.poll_transmit()) {
      last_words_.push_back(std::move(*datagram));
    }
    while (auto event = entry->transport.poll_event()) {
      if (auto* effect = std::get_if<core::Effect>(&*event)) {
        effects_.push_back(outward(*entry, std::move(*effect)));
      }
    }
    std::erase_if(by_address_, [&](const auto& each) { return each.second == entry->id; });
  }
  std::erase_if(entries_, [&](const auto& entry) { return predicate(*entry); });
}

void TransportSet::remove_unused(core::Time now) {
  remove_if([](const TransportEntry& entry) { return entry.mids.empty(); }, now);
}

void TransportSet::remove_provisional(core::Time now) {
  remove_if([](const TransportEntry& entry) { return entry.provisional; }, now);
}

void TransportSet::remove_pooled(core::Time now) {
  remove_if([](const TransportEntry& entry) { return entry.pooled; }, now);
}

void TransportSet::close(core::Time now) {
  remove_if([](const TransportEntry&) { return true; }, now);
}

std::vector<LocalTransport> TransportSet::describe() const {
  std::vector<LocalTransport> result;
  for (const auto& entry : entries_) {
    if (!entry->pooled) result.push_back(entry->describe());
  }
  return result;
}

std::vector<TransportState> TransportSet::states() const {
  std::vector<TransportState> result;
  for (const auto& entry : entries_) {
    if (entry->pooled) continue;
    const Transport& transport = entry->transport;
    // Complete once its last candidate has been told, which may still be on its way out.
    const bool untold =
        transport.ice().gathering_state() == ice::GatheringState::complete && !entry->gathered;
    result.push_back({untold ? ice::GatheringState::gathering : transport.ice().gathering_state(),
                      transport.ice().connection_state(), transport.dtls_state()});
  }
  return result;
}

void TransportSet::handle_datagram(core::Datagram datagram, core::Time now) {
  TransportEntry* entry = at(datagram.path.local);
  if (entry == nullptr) {
    ++dropped_;
    return;
  }
  entry->transport.handle_datagram(std::move(datagram), now);
}

void TransportSet::handle_timeout(core::Time now) {
  for (const auto& entry : entries_) {
    entry->transport.handle_timeout(now);
    if (entry->media) entry->media->handle_timeout(now);
  }
}

std::optional<core::Datagram> TransportSet::poll_transmit() {
  if (!last_words_.empty()) {
    core::Datagram datagram = std::move(last_words_.front());
    last_words_.erase(last_words_.begin());
    return datagram;
  }
  for (const auto& entry : entries_) {
    if (auto datagram = entry->transport.poll_transmit()) return datagram;
  }
  return std::nullopt;
}

std::optional<core::Time> TransportSet::next_timeout() const {
  std::optional<core::Time> next;
  for (const auto& entry : entries_) {
    next = core::earliest(next, entry->transport.next_timeout());
    if (entry->media) next = core::earliest(next, entry->media->next_timeout());
  }
  return next;
}

core::Effect TransportSet::outward(TransportEntry& entry, core::Effect effect) const {
  std::visit(
      [&](auto& each) {
        if constexpr (requires { each.id; }) each.id = outer(entry, each.id);
      },
      effect);
  return effect;
}

TransportEntry* TransportSet::owner_of(std::uint32_t outer_id) {
  const std::uint32_t id = outer_id >> inner_bits;
  const auto it = std::ranges::find_if(entries_, [id](const auto& e) { return e->id == id; });
  return it == entries_.end() ? nullptr : it->get();
}

TransportEntry* TransportSet::at(const core::Address& local) {
  if (entries_.size() == 1) return entries_.front().get();
  const auto found = by_address_.find(local);
  if (found == by_address_.end()) return nullptr;
  const auto it =
      std::ranges::find_if(entries_, [&](const auto& e) { return e->id == found->second; });
  return it == entries_.end() ? nullptr : it->get();
}

void TransportSet::interfaces(std::span<const core::Interface> list, core::Time now) {
  interfaces_.emplace(list.begin(), list.end());
  for (const auto& entry : entries_) entry->transport.ice().interfaces(list, now);
}

void TransportSet::bound(core::SocketId id, const core::Address& local, core::Time now) {
  TransportEntry* entry = owner_of(static_cast<std::uint32_t>(id));
  if (entry == nullptr) return;
  by_address_[local] = entry->id;
  entry->transport.ice().bound(inner(*entry, id), local, now);
}

void TransportSet::bind_failed(core::SocketId id, core::PathError error, core::Time now) {
  TransportEntry* entry = owner_of(static_cast<std::uint32_t>(id));
  if (entry != nullptr) entry->transport.ice().bind_failed(inner(*entry, id), error, now);
}

void TransportSet::opened(core::StreamId id, const core::Path& path, core::Time now) {
  TransportEntry* entry = owner_of(static_cast<std::uint32_t>(id));
  if (entry == nullptr) return;
  by_address_[path.local] = entry->id;
  entry->transport.ice().opened(inner(*entry, id), path, now);
}

void TransportSet::listening(core::StreamId id, const core::Address& local, core::Time now) {
  TransportEntry* entry = owner_of(static_cast<std::uint32_t>(id));
  if (entry == nullptr) return;
  by_address_[local] = entry->id;
  entry->transport.ice().listening(inner(*entry, id), local, now);
}

void TransportSet::closed(core::StreamId id, core::PathError error, core::Time now) {
  TransportEntry* entry = owner_of(static_cast<std::uint32_t>(id));
  if (entry != nullptr) entry->transport.ice().closed(inner(*entry, id), error, now);
}

void TransportSet::resolved(core::ResolveId id, std::span<const core::Ip> addresses,
                            core::Time now) {
  TransportEntry* entry = owner_of(static_cast<std::uint32_t>(id));
  if (entry != nullptr) entry->transport.ice().resolved(inner(*entry, id), addresses, now);
}

void TransportSet::path_error(const core::Path& path, core::PathError error, core::Time now) {
  if (TransportEntry* entry = at(path.local)) entry->transport.ice().path_error(path, error, now);
}

}  // namespace lucid::peer::detail
