#include "signaling/chat.hpp"

#include <algorithm>

#include "core/handle.hpp"
#include "signaling/detail/json.hpp"
#include "signaling/names.hpp"

namespace lucid::signaling {

namespace {

using namespace std::chrono_literals;
using detail::dump;
using detail::json;
using detail::text_of;

const std::string everybody = "chat";  // the one group
// What user lists may cost: n clients that come one after the other would cost n³.
constexpr double list_bytes_a_second = 20e6;
constexpr double list_bytes_at_once = 2e6;
constexpr core::Duration list_turn = 100ms;

// What the server alone says; from a client it would pass for the server's.
bool is_ours(std::string_view type) {
  return type == "id" || type == "userlist" || type == "user-list" || type == "rejectusername";
}

}  // namespace

ChatServer::ChatServer(Limits limits, core::WallClock wall, core::Context context)
    : limits_{limits},
      wall_{wall},
      roster_{{.limits = limits, .group = 0, .unique_names = true}, wall, context} {}

void ChatServer::handle_datagram(Incoming incoming, core::Time now) {
  if (const auto* gone = std::get_if<Left>(&incoming)) users_.erase(gone->client);
  roster_.handle_datagram(std::move(incoming), now);
  settle(now);
}

void ChatServer::handle_timeout(core::Time now) {
  roster_.handle_timeout(now);
  settle(now);
  if (list_due_ && *list_due_ <= now) send_lists(now);
}

std::optional<core::Time> ChatServer::next_timeout() const {
  return core::earliest(list_due_, roster_.next_timeout());
}

void ChatServer::settle(core::Time now) {
  bool changed = false;
  while (auto event = roster_.poll_event()) {
    std::visit(
        core::Overloaded{[&](const Roster::Came& it) { came(it.client); },
                         [&](const Said& it) { said(it, now); },
                         [&](const Roster::Entered& it) {
                           entered(it);
                           changed = true;
                         },
                         [&](const Roster::Gone& it) {
                           if (it.member.client) users_.erase(*it.member.client);
                           changed = true;
                         },
                         [&](const Roster::Told& it) { roster_.say_all(nameless(), it.text); },
                         [](const Roster::Full&) {}},
        *event);
  }
  if (!changed) return;
  list_changed();
  send_lists(now);
}

void ChatServer::came(ClientId client) {
  users_[client] = {next_number_};
  roster_.say(client, dump({{"type", "id"}, {"id", next_number_++}}));
}

void ChatServer::said(const Said& said, core::Time now) {
  json message = detail::parse(said.text);
  if (!message.is_object()) {
    ++roster_.stats.malformed;
    return;
  }
  const std::string type = text_of(message, "type");
  if (type == "username") {
    std::string& asked = users_[said.client].asked = text_of(message, "name");
    const std::string name = clean_name(asked, limits_.name);
    return roster_.enter(said.client, everybody, name.empty() ? "guest" : name, now);
  }
  if (is_ours(type)) {
    ++roster_.stats.malformed;
    return;
  }
  const Roster::Member* user = roster_.member(said.client);
  const std::string name = user == nullptr ? "" : user->name;
  // Calls are answered to the name in them, so it is the sender's.
  const bool false_name = message.contains("name") && message["name"] != name;
  if (false_name || type == "message") message["name"] = name;
  if (type == "message") {
    message["text"] = without_markup(text_of(message, "text"));
    message["date"] = wall_.unix_time(now).count() / 1000;
  }
  // What is only passed on goes as it came, to the letter.
  const std::string text = false_name || type == "message" ? dump(message) : said.text;
  const std::string target = text_of(message, "target");
  if (target.empty()) return tell_all(text);
  const Roster::Member* to = roster_.named(target);
  if (to == nullptr) {
    ++roster_.stats.no_such_target;
    return;
  }
  roster_.tell(to->id, text);
}

void ChatServer::entered(const Roster::Entered& entered) {
  if (!entered.member.client) return;
  const ClientId client = *entered.member.client;
  User& user = users_[client];
  if (entered.member.name != user.asked) {
    roster_.say(
        client,
        dump({{"type", "rejectusername"}, {"id", user.number}, {"name", entered.member.name}}));
  }
  // Its turn is the first: the others have a list to look at.
  if (user.behind) std::erase(behind_, client);
  user.behind = true;
  behind_.push_front(client);
}

// Who has not given a name yet hears what all hear, too.
std::vector<ClientId> ChatServer::nameless() const {
  std::vector<ClientId> clients;
  for (const auto& [client, user] : users_) {
    if (roster_.member(client) == nullptr) clients.push_back(client);
  }
  return clients;
}

void ChatServer::tell_all(const std::string& text) {
  roster_.say_all(roster_.clients(), text);
  roster_.publish_told({}, everybody, text);
}

void ChatServer::list_changed() {
  for (auto& [client, user] : users_) {
    if (!std::exchange(user.behind, true)) behind_.push_back(client);
  }
}

void ChatServer::send_lists(core::Time now) {
  const double passed = static_cast<double>((now - list_at_).count()) / 1e6;
  list_budget_ = std::min(list_bytes_at_once, list_budget_ + passed * list_bytes_a_second);
  list_at_ = now;
  list_due_.reset();
  if (behind_.empty()) return;
  if (list_budget_ <= 0) {
    list_due_ = now + list_turn;
    return;
  }
  json names = json::array();
  for (const auto& [name, id] : roster_.names()) names.push_back(name);
  // MDN's text says one and its program the other; clients listen for either.
  std::vector<std::string> texts;
  for (const char* type : {"userlist", "user-list"})
    texts.push_back(dump({{"type", type}, {"users", names}}));
  const auto cost = static_cast<double>(texts[0].size() + texts[1].size());
  std::vector<ClientId> turn;
  while (!behind_.empty() && list_budget_ > 0) {
    const auto user = users_.find(behind_.front());
    behind_.pop_front();
    if (user == users_.end()) continue;
    user->second.behind = false;
    turn.push_back(user->first);
    list_budget_ -= cost;
  }
  for (std::string& text : texts) roster_.say_all(turn, std::move(text));
  if (!behind_.empty()) list_due_ = now + list_turn;
}

}  // namespace lucid::signaling
