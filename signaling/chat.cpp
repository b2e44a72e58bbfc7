#include "signaling/chat.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/handle.hpp"

namespace lucid::signaling {

namespace {

using nlohmann::json;

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

// Invalid UTF-8 is replaced rather than thrown over.
std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::string without_markup(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t open = text.find('<');
    out += text.substr(0, open);
    if (open == std::string_view::npos) break;
    const std::size_t close = text.find('>', open);
    // A bracket that is never closed is dropped; so is one that is never opened.
    text.remove_prefix(close == std::string_view::npos ? open + 1 : close + 1);
  }
  std::erase(out, '>');
  return out;
}

ChatServer::ChatServer(Limits limits, core::WallClock wall, core::Context)
    : limits_{limits}, wall_{wall} {}

void ChatServer::handle_datagram(Incoming incoming, core::Time now) {
  std::visit(core::Overloaded{[&](const Joined& it) { joined(it.client, now); },
                              [&](const Said& it) { said(it, now); },
                              [&](const Left& it) { left(it.client); }},
             incoming);
}

void ChatServer::joined(ClientId client, core::Time now) {
  if (users_.size() >= limits_.clients) return dismiss(client, "the server is full");
  const auto [user, is_new] =
      users_.try_emplace(client, User{next_number_, {}, Allowance{limits_.messages_a_second, now}});
  if (!is_new) return;
  out_.push_back(Say{client, dump({{"type", "id"}, {"id", next_number_++}})});
}

void ChatServer::said(const Said& said, core::Time now) {
  const auto found = users_.find(said.client);
  if (found == users_.end()) return;
  User& user = found->second;
  if (said.text.size() > limits_.message) return dismiss(said.client, "the message is too long");
  if (!user.allowance.take(now)) return dismiss(said.client, "too many messages");
  json message = json::parse(said.text, nullptr, false);
  if (!message.is_object()) {
    ++stats_.malformed;
    return;
  }
  ++stats_.messages;
  const std::string type = text_of(message, "type");
  if (type == "username") return rename(said.client, user, text_of(message, "name"));
  if (type == "message") {
    message["name"] = user.name;
    message["text"] = without_markup(text_of(message, "text"));
    message["date"] = wall_.unix_time(now).count() / 1000;
  }
  const std::string target = text_of(message, "target");
  // What is only passed on goes as it came, to the letter.
  const std::string text = type == "message" ? dump(message) : said.text;
  if (target.empty()) return tell_all(text);
  const auto to = names_.find(target);
  if (to == names_.end()) {
    ++stats_.no_such_target;
    return;
  }
  out_.push_back(Say{to->second, text});
}

void ChatServer::rename(ClientId client, User& user, const std::string& wanted) {
  std::string clean = without_markup(wanted);
  std::erase_if(clean, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  clean.resize(std::min(clean.size(), limits_.name));
  if (clean.empty()) clean = "guest";
  if (!user.name.empty()) names_.erase(user.name);
  user.name = free_name(clean);
  names_.emplace(user.name, client);
  if (user.name != wanted) {
    out_.push_back(
        Say{client, dump({{"type", "rejectusername"}, {"id", user.number}, {"name", user.name}})});
  }
  tell_users();
}

std::string ChatServer::free_name(const std::string& wanted) const {
  std::string name = wanted;
  for (int number = 1; names_.contains(name); ++number) name = wanted + std::to_string(number);
  return name;
}

void ChatServer::left(ClientId client) {
  const auto found = users_.find(client);
  if (found == users_.end()) return;
  const bool named = !found->second.name.empty();
  names_.erase(found->second.name);
  users_.erase(found);
  if (named) tell_users();
}

void ChatServer::tell_users() {
  json names = json::array();
  for (const auto& [name, client] : names_) names.push_back(name);
  // MDN's text says one and its program the other; clients listen for either.
  for (const char* type : {"userlist", "user-list"})
    tell_all(dump({{"type", type}, {"users", names}}));
}

void ChatServer::tell_all(const std::string& text) {
  for (const auto& [client, user] : users_) {
    if (!user.name.empty()) out_.push_back(Say{client, text});
  }
}

void ChatServer::dismiss(ClientId client, std::string reason) {
  ++stats_.dismissed;
  out_.push_back(Dismiss{client, std::move(reason)});
  left(client);
}

std::optional<Outgoing> ChatServer::poll_transmit() {
  if (out_.empty()) return std::nullopt;
  Outgoing outgoing = std::move(out_.front());
  out_.pop_front();
  return outgoing;
}

}  // namespace lucid::signaling
