#pragma once
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "signaling/server.hpp"

namespace lucid::signaling {

using nlohmann::json;

// Servers of one dialect, on a bus in memory or each for itself, and their clients.
template <class Server>
class Servers {
 public:
  explicit Servers(int count = 1, Limits limits = {}) {
    for (int i = 0; i < count; ++i) {
      machines_.push_back(std::make_unique<Server>(
          limits, core::WallClock{core::WallClock::Microseconds{1'700'000'000'000'000}},
          core::Context{random_, pool_}));
      up_.push_back(false);
    }
  }

  core::Time now{std::chrono::seconds{1}};

  Server& at(int server) { return *machines_[static_cast<std::size_t>(server)]; }
  // Clients 1 to 99 are at server 0, 100 to 199 at server 1, and so on.
  void join(int client) { feed(client / 100, Joined{ClientId(client)}); }
  void leave(int client) { feed(client / 100, Left{ClientId(client)}); }
  void say(int client, const json& message) { say_text(client, message.dump()); }
  void say_text(int client, std::string text) {
    feed(client / 100, Said{ClientId(client), std::move(text)});
  }
  // What the client has heard since it was last asked.
  std::vector<json> hear(int client) { return std::exchange(heard_[client], {}); }
  std::vector<std::string> hear_types(int client) {
    std::vector<std::string> types;
    for (const json& message : hear(client)) types.push_back(message.value("type", ""));
    return types;
  }
  void forget() { heard_.clear(); }

  void connect_bus() {
    for (std::size_t i = 0; i < machines_.size(); ++i) connect(static_cast<int>(i));
  }
  void connect(int server) {
    up_[static_cast<std::size_t>(server)] = true;
    feed(server, BusUp{});
  }
  void disconnect(int server) {
    up_[static_cast<std::size_t>(server)] = false;
    feed(server, BusDown{});
  }
  void crash(int server) { up_[static_cast<std::size_t>(server)] = false; }  // it knows of nothing
  void pass(core::Duration time) {
    const core::Time end = now + time;
    while (true) {
      std::optional<core::Time> next;
      for (const auto& one : machines_) next = core::earliest(next, one->next_timeout());
      if (!next || *next > end) break;
      now = std::max(now, *next);
      for (std::size_t i = 0; i < machines_.size(); ++i) {
        machines_[i]->handle_timeout(now);
        drain(i);
      }
      deliver();
    }
    now = end;
  }

 private:
  void feed(int server, Incoming incoming) {
    at(server).handle_datagram(std::move(incoming), now);
    drain(static_cast<std::size_t>(server));
    deliver();
  }
  void drain(std::size_t server) {
    while (auto out = machines_[server]->poll_transmit()) {
      if (const auto* words = std::get_if<Say>(&*out)) {
        hears(words->client, words->text);
      } else if (const auto* all = std::get_if<SayAll>(&*out)) {
        for (const ClientId client : all->clients) hears(client, all->text);
      } else if (const auto* dismissed = std::get_if<Dismiss>(&*out)) {
        heard_[static_cast<int>(dismissed->client)].push_back({{"dismissed", dismissed->reason}});
      } else if (up_[server]) {
        bus_.push_back(std::get<Publish>(*out).text);
      }
    }
  }
  void hears(ClientId client, const std::string& text) {
    const json message = json::parse(text, nullptr, false);
    heard_[static_cast<int>(client)].push_back(message.is_discarded() ? json(text) : message);
  }
  void deliver() {
    while (!bus_.empty()) {
      const std::string text = std::move(bus_.front());
      bus_.pop_front();
      for (std::size_t i = 0; i < machines_.size(); ++i) {
        if (!up_[i]) continue;
        machines_[i]->handle_datagram(BusSaid{text}, now);
        drain(i);
      }
    }
  }

  core::SeededRandom random_{1};
  core::Pool pool_;
  std::vector<std::unique_ptr<Server>> machines_;
  std::vector<bool> up_;
  std::deque<std::string> bus_;
  std::map<int, std::vector<json>> heard_;
};

}  // namespace lucid::signaling
