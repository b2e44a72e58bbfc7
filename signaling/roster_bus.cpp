#include <algorithm>

#include "signaling/detail/json.hpp"
#include "signaling/detail/roster.hpp"

// What the rosters of several servers say to each other. Each message is an object with the server
// it is from (n) and what it is (t):
//
//   enter   m: member     asks for a seat; whoever hears it, its sender included, decides alike
//   leave   i: id
//   told    i: id or g: group, x: text
//   members l: members    all of this server
//   alive   d: digest of its members; silence means that the server is gone
//   ask                   wants everybody's members
//   bye                   the server is gone
namespace lucid::signaling {

namespace {

using namespace std::chrono_literals;
using detail::json;

constexpr core::Duration alive_every = 3s;
constexpr core::Duration presence = 10s;  // of a server that is not heard of
// While the bus is down nobody can be heard. Calls go on meanwhile, so do those in the lists.
constexpr core::Duration outage = 300s;
constexpr std::size_t most_unsent = 1000;

json to_json(const Roster::Member& it) {
  return {{"i", it.id}, {"w", it.name}, {"g", it.group}, {"s", it.since}};
}

std::optional<Roster::Member> member_of(const json& it, const std::string& node) {
  if (!it.is_object()) return std::nullopt;
  Roster::Member member{.id = detail::text_of(it, "i"),
                        .name = detail::text_of(it, "w"),
                        .group = detail::text_of(it, "g"),
                        .node = node,
                        .since = 0,
                        .client = {}};
  const auto since = it.find("s");
  if (member.id.empty() || since == it.end() || !since->is_number_integer()) return std::nullopt;
  member.since = since->get<std::int64_t>();
  return member;
}

}  // namespace

struct Roster::Message {
  std::string node;
  json body;
};

void Roster::publish(const std::string& text) {
  ++stats.bus_out;
  out_.push_back(Publish{text});
}

void Roster::publish_entry(const Member& member) {
  publish(detail::dump({{"n", node_}, {"t", "enter"}, {"m", to_json(member)}}));
}

void Roster::publish_leave(const std::string& id) {
  publish(detail::dump({{"n", node_}, {"t", "leave"}, {"i", id}}));
}

void Roster::publish_told(const std::string& id, const std::string& group,
                          const std::string& text) {
  if (!had_bus_) return;
  json body{{"n", node_}, {"t", "told"}, {"x", text}};
  if (id.empty()) {
    body["g"] = group;
  } else {
    body["i"] = id;
  }
  if (bus_ && unheard_.empty()) return publish(detail::dump(body));
  if (unsent_.size() < most_unsent) {
    unsent_.push_back(detail::dump(body));
  } else {
    ++stats.bus_dropped;
  }
}

void Roster::publish_members() {
  json list = json::array();
  for (const auto& [id, member] : members_) {
    if (member.client) list.push_back(to_json(member));
  }
  publish(detail::dump({{"n", node_}, {"t", "members"}, {"l", list}}));
}

// FNV-1a over a server's members: whoever has missed something asks.
std::uint64_t Roster::digest(const std::string& node) const {
  std::uint64_t hash = 0xcbf29ce484222325;
  const auto add = [&](const std::string& text) {
    for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  };
  for (const auto& [id, member] : members_) {
    if (member.node != node) continue;
    add(id);
    add(member.name);
    add(member.group);
  }
  return hash;
}

void Roster::publish_alive(core::Time now) {
  publish(detail::dump({{"n", node_}, {"t", "alive"}, {"d", std::to_string(digest(node_))}}));
  next_alive_ = now + alive_every;
}

void Roster::bus_up(core::Time now) {
  if (std::exchange(bus_, true)) return;
  had_bus_ = true;
  // What was not said goes out once those are back who were there: first among them is not all.
  unheard_.clear();
  for (auto& [name, node] : nodes_) {
    node.heard = now;
    unheard_.insert(name);
  }
  publish(detail::dump({{"n", node_}, {"t", "ask"}}));
  publish_members();
  publish_alive(now);
  catch_up({});
}

void Roster::catch_up(const std::string& heard) {
  unheard_.erase(heard);
  if (!bus_ || !unheard_.empty()) return;
  for (const std::string& text : std::exchange(unsent_, {})) publish(text);
}

void Roster::bus_down(core::Time now) {
  if (!std::exchange(bus_, false)) return;
  down_since_ = now;
  apply_entering();
}

// Entries that the bus will not bring back any more.
void Roster::apply_entering() {
  give_ups_.clear();
  std::vector<Member> entering;
  for (auto& [id, client] : clients_) {
    if (client.entering) entering.push_back(client.entering->member);
  }
  for (Member& member : entering) apply(std::move(member));
}

void Roster::farewell() {
  if (bus_) publish(detail::dump({{"n", node_}, {"t", "bye"}}));
}

void Roster::bus_said(const std::string& text, core::Time now) {
  Message message{{}, detail::parse(text)};
  if (message.body.is_object()) message.node = detail::text_of(message.body, "n");
  if (message.node.empty()) {
    ++stats.bus_dropped;
    return;
  }
  ++stats.bus_in;
  const std::string type = detail::text_of(message.body, "t");
  if (type == "enter") return hear_entry(message);
  if (message.node == node_) return;
  if (type == "bye") return forget_node(message.node);
  const auto [node, is_new] = nodes_.try_emplace(message.node, now);
  node->second.heard = now;
  catch_up(message.node);
  if (type == "ask") publish_members();
  if (type == "members") hear_members(message, now);
  if (type == "leave" && !is_of_another(detail::text_of(message.body, "i"), message.node))
    remove(detail::text_of(message.body, "i"));
  if (type == "told") hear_told(message);
  const bool behind =
      type == "alive" && detail::text_of(message.body, "d") != std::to_string(digest(message.node));
  if (behind) publish(detail::dump({{"n", node_}, {"t", "ask"}}));
}

// A server speaks for its own members alone.
bool Roster::is_of_another(const std::string& id, const std::string& node) const {
  const Member* known = member(id);
  return known != nullptr && known->node != node;
}

void Roster::hear_entry(const Message& message) {
  auto member = member_of(message.body.value("m", json{}), message.node);
  if (!member || is_of_another(member->id, message.node)) {
    ++stats.bus_dropped;
    return;
  }
  if (message.node != node_) return apply(std::move(*member));
  for (auto& [id, client] : clients_) {
    if (!client.entering || client.entering->member.id != member->id) continue;
    return apply(Member{client.entering->member});
  }
}

void Roster::hear_told(const Message& message) {
  const std::string text = detail::text_of(message.body, "x");
  const std::string id = detail::text_of(message.body, "i");
  if (!id.empty()) {
    const Member* to = member(id);
    if (to != nullptr && to->client) say(*to->client, text);
    return;
  }
  const std::string group = detail::text_of(message.body, "g");
  std::vector<ClientId> here;
  for (const Member* one : this->group(group)) {
    if (one->client) here.push_back(*one->client);
  }
  say_all(std::move(here), text);
  events_.push_back(Told{group, text});
}

void Roster::hear_members(const Message& message, core::Time now) {
  std::map<std::string, Member> theirs;
  for (const json& it : message.body.value("l", json::array())) {
    auto member = member_of(it, message.node);
    if (member && !is_of_another(member->id, message.node))
      theirs.emplace(member->id, std::move(*member));
  }
  std::vector<std::string> gone;
  for (const auto& [id, member] : members_) {
    if (member.node == message.node && !theirs.contains(id)) gone.push_back(id);
  }
  for (const std::string& id : gone) remove(id);
  for (auto& [id, member] : theirs) {
    const auto known = members_.find(id);
    if (known != members_.end() && known->second.name == member.name) continue;
    settle_name(member, now);
    // They are in already: the group's limit does not put them out.
    const bool renamed = known != members_.end();
    if (renamed) drop_name(known->second);
    const std::string wanted = member.name;
    if (config_.unique_names) member.name = free_name(member);
    insert(member);
    events_.push_back(Entered{member, wanted, renamed});
  }
}

// Two servers have given the same name while they did not hear each other: who came later gets
// another one.
void Roster::settle_name(const Member& theirs, core::Time now) {
  const Member* ours = config_.unique_names ? named(theirs.name) : nullptr;
  if (ours == nullptr || !ours->client || ours->id == theirs.id) return;
  if (std::pair{ours->since, ours->id} < std::pair{theirs.since, theirs.id}) return;
  const Member loser = *ours;
  names_[loser.name] = theirs.id;
  enter(*loser.client, loser.group, loser.name, now);
}

void Roster::forget_node(const std::string& node) {
  nodes_.erase(node);
  std::vector<std::string> gone;
  for (const auto& [id, member] : members_) {
    if (member.node == node) gone.push_back(id);
  }
  for (const std::string& id : gone) remove(id);
  catch_up(node);
}

void Roster::handle_timeout(core::Time now) {
  if (bus_ && next_alive_ <= now) publish_alive(now);
  // Entries that the bus has not brought back until now.
  while (!give_ups_.empty() && give_ups_.front().first <= now) {
    const auto found = clients_.find(give_ups_.front().second);
    give_ups_.pop_front();
    if (found == clients_.end() || !found->second.entering) continue;
    const Entry& entry = *found->second.entering;
    if (entry.give_up <= now) apply(Member{entry.member});
  }
  std::vector<std::string> silent;
  for (const auto& [name, node] : nodes_) {
    if (expiry(node) <= now) silent.push_back(name);
  }
  for (const std::string& name : silent) forget_node(name);
}

core::Time Roster::expiry(const Node& node) const {
  return bus_ ? node.heard + presence : std::max(node.heard, down_since_) + outage;
}

std::optional<core::Time> Roster::next_timeout() const {
  std::optional<core::Time> next;
  if (bus_) next = next_alive_;
  if (!give_ups_.empty()) next = core::earliest(next, give_ups_.front().first);
  for (const auto& [name, node] : nodes_) next = core::earliest(next, expiry(node));
  return next;
}

}  // namespace lucid::signaling
