#include "ice/relays.hpp"

#include <utility>

#include "core/handle.hpp"

namespace lucid::ice {
namespace {

// Addresses times servers; more relays than these help nobody.
constexpr std::size_t relay_limit = 16;

bool is_binding(core::Bytes bytes) {
  const auto message = stun::Message::parse(bytes);
  return message && message->method() == stun::Method::binding;
}

}  // namespace

void Relays::start(core::Time now) {
  std::erase_if(relays_,
                [](const Relay& relay) { return relay.state() == TurnClient::State::failed; });
  servers_.start();
  for (const Place& place : places_) {
    for (const ServerAddresses::Entry& entry : servers_.entries()) ask(place, entry, now);
  }
  run(now);
}

void Relays::restart() {
  for (Relay& relay : relays_) relay.outdated = true;
  servers_.restart();
}

void Relays::drop_outdated(std::span<const core::Address> in_use, core::Time now) {
  const auto used = [&](const core::Address& relayed) {
    return std::ranges::find(in_use, relayed) != in_use.end();
  };
  close_if(
      [&](const Relay& relay) {
        return relay.outdated && !std::ranges::any_of(relay.client->relayed(), used);
      },
      now);
}

// With a last word to the server.
template <class Predicate>
void Relays::close_if(Predicate predicate, core::Time now) {
  std::erase_if(relays_, [&](Relay& relay) {
    if (!predicate(relay)) return false;
    relay.client->close(now);
    collect(relay, now);
    return true;
  });
}

void Relays::add_place(const core::Address& local, std::uint16_t preference, core::Time now) {
  if (std::ranges::find(places_, local, &Place::local) != places_.end()) return;
  const Place& place = places_.emplace_back(local, preference);
  for (const ServerAddresses::Entry& entry : servers_.entries()) ask(place, entry, now);
  run(now);
}

void Relays::remove_place(const core::Ip& ip, core::Time now) {
  std::erase_if(places_, [&](const Place& place) { return place.local.ip == ip; });
  for (const Relay& relay : relays_) {
    if (relay.place.local.ip != ip) continue;
    gone_.insert(gone_.end(), relay.client->relayed().begin(), relay.client->relayed().end());
  }
  close_if([&](const Relay& relay) { return relay.place.local.ip == ip; }, now);
}

void Relays::close(core::Time now) {
  close_if([](const Relay&) { return true; }, now);
  places_.clear();
}

void Relays::ask(const Place& place, const ServerAddresses::Entry& entry, core::Time now) {
  const bool datagrams = entry.server.transport == core::Transport::udp;
  if (datagrams != (place.local.port != 0)) return;
  // After a restart: whatever address of the server was the one, it still is.
  const bool asked = std::ranges::any_of(relays_, [&](const Relay& relay) {
    return !relay.outdated && relay.place.local == place.local && relay.server == entry.server;
  });
  if (asked) return;
  const std::uint32_t race = next_race_++;
  core::Time start = now;
  for (const core::Address& address : entry.addresses) {
    if (!ServerAddresses::reachable(place.local.ip, address.ip)) continue;
    // RFC 8656 5: one five-tuple, one allocation. Two URLs may well mean one server.
    const auto same = [&](const Relay& relay) {
      return relay.place.local == place.local && relay.client->config().address == address &&
             relay.client->config().server.transport == entry.server.transport;
    };
    const bool known = std::ranges::any_of(
        relays_, [&](const Relay& relay) { return same(relay) && !relay.outdated; });
    if (known || relays_.size() >= relay_limit) continue;
    // An outdated relay has this five-tuple: a socket of its own, then.
    const bool taken = std::ranges::any_of(relays_, same);
    TurnClient::Config config{
        .server = entry.server,
        .address = address,
        .local = {place.local.ip, taken ? std::uint16_t{0} : place.local.port},
        .v6 = shared_.config.v6,
        .first_id = shared_.next_id};
    shared_.next_id += TurnClient::ids;
    relays_.push_back({entry.server, place,
                       std::make_unique<TurnClient>(std::move(config), shared_.context), race,
                       start});
    start += ServerAddresses::attempt_delay;
  }
}

// RFC 8445 14.2: requests to servers keep the pace of checks.
void Relays::run(core::Time now) {
  for (Relay& relay : relays_) {
    if (relay.state() != TurnClient::State::idle || relay.start > now) continue;
    if (!shared_.pacer.ready(now)) break;
    shared_.pacer.sent(now);
    relay.client->start(now);
    collect(relay, now);
  }
  std::erase_if(relays_,
                [](const Relay& relay) { return relay.state() == TurnClient::State::closed; });
}

// The other addresses of the server are not needed any more.
void Relays::won(Relay& relay, core::Time now) {
  for (Relay& other : relays_) {
    if (other.race != relay.race || !other.undecided()) continue;
    other.client->close(now);
    collect(other, now);
  }
}

// Another address of a server that has failed: the next one begins at once.
bool Relays::others_may_win(const Relay& relay, core::Time now) {
  bool others = false;
  for (Relay& other : relays_) {
    if (other.race != relay.race || !other.undecided()) continue;
    others = true;
    if (other.state() != TurnClient::State::idle) continue;
    other.start = now;
    break;
  }
  return others;
}

// What a client has to say.
void Relays::collect(Relay& relay, core::Time now) {
  const Server& server = relay.server;
  while (auto out = relay.client->poll_transmit()) shared_.transmits.push_back(*std::move(out));
  while (auto event = relay.client->poll_event()) {
    std::visit(
        core::Overloaded{
            [&](TurnClient::Allocated& each) {
              won(relay, now);
              found_.push_back(
                  {server, relay.place.local, relay.place.preference, std::move(each)});
            },
            [&](TurnClient::Received& each) { received_.push_back(std::move(each.datagram)); },
            [&](TurnClient::PeerUnreachable& each) { errors_.push_back(each); },
            [&](TurnClient::Failed& each) {
              gone_.insert(gone_.end(), relay.client->relayed().begin(),
                           relay.client->relayed().end());
              shared_.tracer.event(now, "relay_lost", {{"server", server.host}});
              if (others_may_win(relay, now)) return;
              shared_.emit(Agent::ServerFailed{server.url, relay.place.local, each.failure.code,
                                               std::move(each.text)});
            },
            [&](core::Effect& each) { shared_.emit(std::move(each)); },
        },
        *event);
  }
}

bool Relays::handle_datagram(core::Datagram& in, core::Time now) {
  const auto relay = std::ranges::find_if(
      relays_, [&](const Relay& each) { return each.client->path() == in.path; });
  if (relay == relays_.end() || is_binding(in.bytes)) return false;
  relay->client->handle_datagram(std::move(in), now);
  collect(*relay, now);
  return true;
}

template <class Command>
void Relays::tell_all(core::Time now, Command command) {
  for (Relay& relay : relays_) {
    command(*relay.client);
    collect(relay, now);
  }
}

void Relays::handle_timeout(core::Time now) {
  tell_all(now, [&](TurnClient& client) { client.handle_timeout(now); });
  run(now);
}

std::optional<core::Time> Relays::next_timeout() const {
  std::optional<core::Time> next;
  for (const Relay& relay : relays_) {
    const bool waits = relay.state() == TurnClient::State::idle;
    next = core::earliest(
        next, waits ? std::max(relay.start, shared_.pacer.next()) : relay.client->next_timeout());
  }
  return next;
}

void Relays::resolved(core::ResolveId id, std::span<const core::Ip> addresses, core::Time now) {
  const ServerAddresses::Entry* entry = servers_.resolved(id, addresses);
  if (entry == nullptr) return;
  for (const Place& place : places_) ask(place, *entry, now);
  run(now);
}

void Relays::bound(core::SocketId id, const core::Address& local, core::Time now) {
  tell_all(now, [&](TurnClient& client) { client.bound(id, local, now); });
}

void Relays::bind_failed(core::SocketId id, core::PathError error, core::Time now) {
  tell_all(now, [&](TurnClient& client) { client.bind_failed(id, error, now); });
}

void Relays::opened(core::StreamId id, const core::Path& path, core::Time now) {
  tell_all(now, [&](TurnClient& client) { client.opened(id, path, now); });
}

void Relays::closed(core::StreamId id, core::PathError error, core::Time now) {
  tell_all(now, [&](TurnClient& client) { client.closed(id, error, now); });
}

void Relays::path_error(const core::Path& path, core::PathError error, core::Time now) {
  tell_all(now, [&](TurnClient& client) { client.path_error(path, error, now); });
}

bool Relays::owns(const core::Address& local) const {
  return std::ranges::any_of(relays_, [&](const Relay& relay) {
    return relay.state() == TurnClient::State::allocated &&
           std::ranges::find(relay.client->relayed(), local) != relay.client->relayed().end();
  });
}

bool Relays::send(core::Datagram& out, Carries what, core::Time now) {
  for (Relay& relay : relays_) {
    const auto& relayed = relay.client->relayed();
    if (std::ranges::find(relayed, out.path.local) == relayed.end()) continue;
    // RFC 8656 12: data is worth a channel; checks go to many.
    if (what == Carries::data) relay.client->bind_channel(out.path.remote, now);
    relay.client->send(std::move(out), now);
    collect(relay, now);
    return true;
  }
  return false;
}

bool Relays::busy() const {
  return servers_.busy() || std::ranges::any_of(relays_, &Relay::undecided);
}

}  // namespace lucid::ice
