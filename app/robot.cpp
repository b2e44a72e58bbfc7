#include "app/robot.hpp"

#include <algorithm>
#include <cstdio>

#include "app/signaled.hpp"

namespace lucid::app {

namespace {

namespace client = signaling::client;

}  // namespace

Robot::Robot(net::Loop& loop, std::shared_ptr<Feeds> feeds, SessionConfig config, Dialect dialect,
             SayText say)
    : loop_{loop},
      feeds_{std::move(feeds)},
      config_{config},
      dialect_{std::move(dialect)},
      say_{std::move(say)},
      wait_{loop, [this] {
              std::visit([](auto& it) { client::wake(it); }, dialect_);
              settle();
            }} {}

void Robot::open() {
  std::visit([](auto& it) { it.opened(); }, dialect_);
  settle();
}

void Robot::hear(const std::string& text) {
  std::visit([&](auto& it) { it.hear(text); }, dialect_);
  settle();
}

void Robot::settle() {
  const auto next_text = [this] {
    return std::visit([](auto& it) { return it.poll_text(); }, dialect_);
  };
  while (auto event = std::visit([](auto& it) { return it.poll_event(); }, dialect_))
    std::visit([this](const auto& it) { handle(it); }, *event);
  while (auto text = next_text()) say_(*std::move(text));
}

void Robot::handle(const client::Ring& it) {
  if (calls_.size() >= most_calls)
    return std::visit([&](auto& dialect) { dialect.decline(it.peer); }, dialect_);
  calls_[it.peer];  // from now on it is remembered what it says
  std::visit([&](auto& dialect) { dialect.accept(it.peer); }, dialect_);
}

void Robot::handle(const client::Begin& it) {
  Call& call = calls_[it.peer];
  if (call.session) return;
  call.session = open_session(it.peer);
  latest_ = it.peer;
  if (it.part == client::Part::offers) {
    if (const auto offer = call.session->offer()) {
      std::visit([&](auto& dialect) { dialect.describe(it.peer, to_client(*offer)); }, dialect_);
      call.session->pump();
    }
  }
  const auto heard = std::exchange(call.heard, {});
  for (const auto& one : heard) {
    std::visit([this](const auto& message) { handle(message); }, one);
  }
}

std::shared_ptr<Session> Robot::open_session(const std::string& peer) {
  SessionConfig config = config_;
  config.id = next_id_++;
  return std::make_shared<Session>(
      loop_, feeds_, config,
      SessionHandlers{[this, peer](const peer::IceCandidate& it) {
                        const auto candidate = to_client(std::optional{it});
                        std::visit([&](auto& dialect) { dialect.trickle(peer, candidate); },
                                   dialect_);
                        settle();
                      },
                      [this, peer](peer::ConnectionState state) {
                        if (state == peer::ConnectionState::failed)
                          loop_.post([this, peer, alive = alive_] {
                            if (*alive) hang_up(peer);
                          });
                      }});
}

void Robot::handle(const client::Described& it) {
  const auto found = calls_.find(it.peer);
  // An offer of somebody who was in a call before rings no more in some dialects.
  if (found == calls_.end() && it.description.type == "offer") {
    handle(client::Ring{it.peer});
    if (calls_.contains(it.peer)) calls_.at(it.peer).heard.emplace_back(it);
    return;
  }
  const auto description = to_peer(it.description);
  if (found == calls_.end() || !description) return;
  if (!found->second.session) return found->second.heard.emplace_back(it), void();
  const auto session = found->second.session;
  const auto answer = session->take(*description);
  if (!answer) {
    std::fprintf(stderr, "lucid: the call of %s: %s\n", it.peer.c_str(),
                 answer.error().text().c_str());
    return hang_up(it.peer);
  }
  if (*answer) {
    std::visit([&](auto& dialect) { dialect.describe(it.peer, to_client(**answer)); }, dialect_);
  }
  session->pump();
}

Session* Robot::session_of(const client::Trickled& it) {
  if (const auto found = calls_.find(it.peer); found != calls_.end())
    return found->second.session.get();
  for (const auto& [peer, call] : calls_) {
    if (call.session && is_from(it, call.session->connection())) return call.session.get();
  }
  const auto latest = calls_.find(latest_);
  return latest == calls_.end() ? nullptr : latest->second.session.get();
}

void Robot::handle(const client::Trickled& it) {
  if (const auto found = calls_.find(it.peer); found != calls_.end() && !found->second.session)
    return found->second.heard.emplace_back(it), void();
  Session* session = session_of(it);
  if (session == nullptr || (it.candidate && it.candidate->candidate.empty())) return;
  (void)session->add_candidate(to_peer(it.candidate));
}

void Robot::handle(const client::Chatted& it) {
  if (it.from.empty()) return;
  std::string answer = "You said: " + it.text;
  if (const auto call = calls_.find(it.from);
      (it.text == "echo" || it.text == "stop") && call != calls_.end() && call->second.session) {
    call->second.session->echo_media(it.text == "echo");
    answer = it.text == "echo" ? "You see and hear yourself. Say “stop” to see me again."
                               : "This is me again.";
  }
  std::visit([&](auto& dialect) { (void)dialect.say(answer); }, dialect_);
}

// Who has left the list has left the call, with or without a word.
void Robot::handle(const client::Peers& it) {
  if (!std::holds_alternative<client::Chat>(dialect_)) return;
  std::vector<std::string> gone;
  for (const auto& [peer, call] : calls_) {
    if (std::ranges::find(it.peers, peer) == it.peers.end()) gone.push_back(peer);
  }
  for (const std::string& peer : gone) {
    std::visit([&](auto& dialect) { dialect.hang_up(peer); }, dialect_);
    end(peer);
  }
}

void Robot::hang_up(const std::string& peer) {
  if (!calls_.contains(peer)) return;
  end(peer);
  // To leave a room would be to leave all who come next.
  if (!std::holds_alternative<client::Rooms>(dialect_))
    std::visit([&](auto& dialect) { dialect.hang_up(peer); }, dialect_);
  settle();
}

void Robot::hang_up_all() {
  while (!calls_.empty()) end(calls_.begin()->first);
}

void Robot::end(const std::string& peer) {
  const auto found = calls_.find(peer);
  if (found == calls_.end()) return;
  // It may be asking for its end itself: let it come back first.
  if (found->second.session)
    loop_.post([session = std::move(found->second.session)] { session->close(); });
  calls_.erase(found);
}

}  // namespace lucid::app
