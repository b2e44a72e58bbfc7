#include "signaling/detail/roster.hpp"

#include <algorithm>

#include "core/handle.hpp"

namespace lucid::signaling {

namespace {

using namespace std::chrono_literals;

constexpr core::Duration entry_wait = 2s;  // for an entry to come back from the bus
constexpr std::size_t most_waiting = 64;   // messages of a client that is entering

}  // namespace

Roster::Roster(Config config, core::WallClock wall, core::Context context)
    : config_{config}, wall_{wall} {
  constexpr std::string_view digits = "0123456789abcdef";
  for (int i = 0; i < 8; ++i) node_ += digits[context.random.below(digits.size())];
}

// ---- clients

void Roster::handle_datagram(Incoming incoming, core::Time now) {
  std::visit(
      core::Overloaded{[&](const Joined& it) { joined(it.client, now); },
                       [&](Said& it) { said(std::move(it), now); },
                       [&](const Left& it) { left(it.client); }, [&](const BusUp&) { bus_up(now); },
                       [&](const BusDown&) { bus_down(now); },
                       [&](const BusSaid& it) { bus_said(it.text, now); }},
      incoming);
}

void Roster::joined(ClientId client, core::Time now) {
  if (clients_.size() >= config_.limits.clients) {
    ++stats.dismissed;
    out_.push_back(Dismiss{client, "the server is full"});
    return;
  }
  const bool is_new = clients_
                          .try_emplace(client, Client{{config_.limits.messages_a_second, now},
                                                      {config_.limits.bytes_a_second, now}})
                          .second;
  if (is_new) events_.push_back(Came{client});
}

void Roster::said(Said said, core::Time now) {
  const auto found = clients_.find(said.client);
  if (found == clients_.end()) return;
  Client& client = found->second;
  if (said.text.size() > config_.limits.message)
    return dismiss(said.client, "the message is too long");
  if (!client.messages.take(now)) return dismiss(said.client, "too many messages");
  if (!client.bytes.take(now, static_cast<double>(said.text.size())))
    return dismiss(said.client, "too many bytes");
  ++stats.messages;
  events_.push_back(std::move(said));
}

void Roster::left(ClientId client) {
  if (!clients_.contains(client)) return;
  leave(client);
  clients_.erase(client);
}

void Roster::dismiss(ClientId client, std::string reason) {
  ++stats.dismissed;
  left(client);
  out_.push_back(Dismiss{client, std::move(reason)});
}

void Roster::say(ClientId client, std::string text) {
  out_.push_back(Say{client, std::move(text)});
}

void Roster::say_all(std::vector<ClientId> clients, std::string text) {
  if (!clients.empty()) out_.push_back(SayAll{std::move(clients), std::move(text)});
}

// ---- groups

void Roster::enter(ClientId id, const std::string& group, const std::string& name, core::Time now) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;
  Client& client = found->second;
  const Member* before = member(id);
  if (before != nullptr && before->group != group) {
    leave(id);
    before = nullptr;
  }
  Member wanted{.id = before != nullptr ? before->id : node_ + "-" + std::to_string(next_++),
                .name = name,
                .group = group,
                .node = node_,
                .since = before != nullptr ? before->since : wall_.unix_time(now).count() / 1000,
                .client = id};
  if (!bus_) return apply(std::move(wanted));
  publish_entry(wanted);
  client.entering = Entry{std::move(wanted), now + entry_wait};
  give_ups_.emplace_back(now + entry_wait, id);
}

// The same at every server, given the same members.
void Roster::apply(Member member) {
  const auto found = members_.find(member.id);
  const bool renamed = found != members_.end();
  if (!renamed && config_.group > 0) {
    const auto group = groups_.find(member.group);
    if (group != groups_.end() && group->second.size() >= config_.group) {
      if (member.client) {
        events_.push_back(Full{*member.client, member.group});
        resume(*member.client);
      }
      return;
    }
  }
  const std::string wanted = member.name;
  if (renamed) drop_name(found->second);
  if (config_.unique_names) member.name = free_name(member);
  insert(member);
  const std::optional<ClientId> client = member.client;
  if (client) {
    if (const auto here = clients_.find(*client); here != clients_.end())
      here->second.id = member.id;
  }
  events_.push_back(Entered{std::move(member), wanted, renamed});
  if (client) resume(*client);
}

void Roster::insert(const Member& member) {
  // Another server may put a member of its own into another group without a farewell.
  if (const auto known = members_.find(member.id); known != members_.end())
    drop_from_group(known->second);
  groups_[member.group].emplace(member.since, member.id);
  if (config_.unique_names) names_[member.name] = member.id;
  members_[member.id] = member;
}

void Roster::drop_from_group(const Member& member) {
  const auto group = groups_.find(member.group);
  group->second.erase({member.since, member.id});
  if (group->second.empty()) groups_.erase(group);
}

// Its name may have gone to another one already.
void Roster::drop_name(const Member& member) {
  const auto name = names_.find(member.name);
  if (name != names_.end() && name->second == member.id) names_.erase(name);
}

void Roster::resume(ClientId client) {
  const auto found = clients_.find(client);
  if (found == clients_.end()) return;
  found->second.entering.reset();
  for (std::string& text : std::exchange(found->second.waiting, {})) {
    events_.push_back(Said{client, std::move(text)});
  }
}

std::string Roster::free_name(const Member& member) const {
  std::string name = member.name;
  for (int number = 1;; ++number) {
    const auto taken = names_.find(name);
    if (taken == names_.end() || taken->second == member.id) return name;
    name = member.name + std::to_string(number);
  }
}

void Roster::leave(ClientId id) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;
  Client& client = found->second;
  if (client.entering) {
    if (bus_) publish_leave(client.entering->member.id);
    client.entering.reset();
  }
  client.waiting.clear();
  if (client.id.empty()) return;
  if (bus_) publish_leave(client.id);
  remove(std::exchange(client.id, {}));
}

void Roster::remove(const std::string& id) {
  const auto found = members_.find(id);
  if (found == members_.end()) return;
  const Member member = std::move(found->second);
  members_.erase(found);
  drop_name(member);
  drop_from_group(member);
  events_.push_back(Gone{member});
}

void Roster::tell(const std::string& to, std::string text) {
  const auto found = members_.find(to);
  if (found == members_.end()) {
    ++stats.no_such_target;
  } else if (found->second.client) {
    say(*found->second.client, std::move(text));
  } else {
    publish_told(to, {}, text);
  }
}

void Roster::tell_group(const std::string& group, std::string text, const std::string& but) {
  const auto found = groups_.find(group);
  if (found == groups_.end()) return;
  std::vector<ClientId> here;
  bool elsewhere = false;
  for (const auto& [since, id] : found->second) {
    if (id == but) continue;
    const auto& client = members_.at(id).client;
    if (client) here.push_back(*client);
    elsewhere = elsewhere || !client;
  }
  if (elsewhere) publish_told({}, group, text);
  say_all(std::move(here), std::move(text));
}

// ---- looking

const Roster::Member* Roster::member(ClientId client) const {
  const auto found = clients_.find(client);
  return found == clients_.end() || found->second.id.empty() ? nullptr : member(found->second.id);
}

const Roster::Member* Roster::member(const std::string& id) const {
  const auto found = members_.find(id);
  return found == members_.end() ? nullptr : &found->second;
}

const Roster::Member* Roster::named(const std::string& name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? nullptr : member(found->second);
}

std::vector<const Roster::Member*> Roster::group(const std::string& name) const {
  std::vector<const Member*> all;
  if (const auto found = groups_.find(name); found != groups_.end()) {
    for (const auto& [since, id] : found->second) all.push_back(&members_.at(id));
  }
  return all;
}

std::vector<ClientId> Roster::clients() const {
  std::vector<ClientId> all;
  all.reserve(clients_.size());
  for (const auto& [id, client] : clients_) all.push_back(id);
  return all;
}

std::optional<Outgoing> Roster::poll_transmit() {
  if (out_.empty()) return std::nullopt;
  Outgoing outgoing = std::move(out_.front());
  out_.pop_front();
  return outgoing;
}

std::optional<Roster::Event> Roster::poll_event() {
  while (!events_.empty()) {
    Event event = std::move(events_.front());
    events_.pop_front();
    const auto* said = std::get_if<Said>(&event);
    if (said == nullptr) return event;
    const auto client = clients_.find(said->client);
    if (client == clients_.end()) continue;
    if (!client->second.entering) return event;
    if (client->second.waiting.size() >= most_waiting) {
      dismiss(said->client, "too many messages");
    } else {
      client->second.waiting.push_back(said->text);
    }
  }
  return std::nullopt;
}

}  // namespace lucid::signaling
