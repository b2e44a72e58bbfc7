#include "app/caller.hpp"

#include <algorithm>
#include <sstream>

namespace lucid::app {

namespace client = signaling::client;
using namespace std::chrono_literals;

namespace {

constexpr core::Duration server_within = 15s;

peer::Politeness politeness_of(client::Manners manners) {
  return manners == client::Manners::polite ? peer::Politeness::polite : peer::Politeness::impolite;
}

// Where the dialect is served, when the address names the server alone.
std::string url_of(const CallOptions& options) {
  const std::size_t start = options.server.find("://");
  const bool bare = start != std::string::npos &&
                    options.server.find_first_of("/?", start + 3) == std::string::npos;
  if (options.dialect == "socketio") {
    if (options.server.find('?') != std::string::npos) return options.server;
    return options.server + (bare ? "/socket.io/" : "") + "?EIO=4&transport=websocket";
  }
  return bare ? options.server + "/" + options.dialect : options.server;
}

}  // namespace

Caller::Caller(net::Loop& loop, CallOptions options, Output& output)
    : loop_{loop},
      options_{std::move(options)},
      output_{output},
      feeds_{loop, options_.video, options_.audio},
      name_{options_.name},
      wanted_{options_.to},
      began_{loop.now()},
      deadline_{loop,
                [this] {
                  if (connected_since_ && options_.seconds > 0) return quit(ExitStatus::good);
                  if (!was_ready_ && link_) return quit(ExitStatus::no_server);
                  if (connected_since_) return;
                  // What the other has agreed to is tried until it is lost.
                  const auto agreed = [](const auto& it) {
                    return it.second.call->phases().agreed.has_value();
                  };
                  if (std::ranges::any_of(calls_, agreed)) return;
                  const std::string who = wanted_.empty() ? "nobody has called"
                                                          : wanted_ + " has not come to the server";
                  if (calls_.empty()) tell({}, {{"event", "error"}, {"message", who}});
                  quit(ExitStatus::no_answer);
                }},
      wait_{loop, [this] { with_dialect([](auto& it) { client::wake(it); }); }},
      second_{loop, [this] { refresh(); }},
      glance_{loop, [this] { look(); }} {}

Caller::~Caller() = default;

// What the dialect has to say to us and to the server.
void Caller::pump() {
  if (std::exchange(pumping_, true)) return;
  const auto some = [&](auto& it) {
    if constexpr (std::is_same_v<std::decay_t<decltype(it)>, std::monostate>) {
      return false;
    } else {
      bool any = false;
      while (auto event = it.poll_event()) {
        any = true;
        std::visit([this](auto& one) { this->handle(one); }, *event);
      }
      while (auto text = it.poll_text()) {
        any = true;
        if (link_) link_->send(*text);
      }
      return any;
    }
  };
  while (std::visit(some, dialect_)) {
  }
  pumping_ = false;
}

void Caller::connect() {
  if (options_.server.empty()) return;
  if (options_.dialect == "chat") {
    dialect_.emplace<client::Chat>(options_.name);
  } else if (options_.dialect == "broadcast") {
    const auto form =
        options_.enveloped ? client::Broadcast::Form::enveloped : client::Broadcast::Form::bare;
    dialect_.emplace<client::Broadcast>(form, options_.manners);
  } else if (options_.dialect == "rooms") {
    dialect_.emplace<client::Rooms>(options_.room, options_.name);
  } else {
    dialect_.emplace<client::SocketIo>(options_.room);
  }
  net::WebSocketOptions web{.tls = options_.tls};
  if (options_.dialect == "chat") web.subprotocols = {"json"};
  link_ = std::make_unique<SignalingLink>(
      loop_, url_of(options_), std::move(web),
      SignalingLink::Handlers{
          [this] { with_dialect([](auto& it) { it.opened(); }); },
          [this](const std::string& text) { with_dialect([&](auto& it) { it.hear(text); }); },
          [this](const std::string& why, core::Duration again_in) {
            if (status_) return;
            with_dialect([](auto& it) { it.closed(); });
            const double seconds = static_cast<double>(again_in.count()) / 1e6;
            std::ostringstream words;
            words << "The server cannot be reached (" << why << "). Trying again in " << seconds
                  << " s.";
            output_.event({{"event", "state"},
                           {"machine", "server"},
                           {"state", "disconnected"},
                           {"reason", why},
                           {"words", words.str()}});
          }});
  link_->open();
  deadline_.set(loop_.now() + server_within);
}

bool Caller::answers_unasked() const { return options_.answer_unasked.value_or(is_room()); }

void Caller::handle(client::Ready& it) {
  if (!it.name.empty()) name_ = it.name;
  tell({}, {{"event", "ready"}, {"name", name_}, {"server", options_.server}});
  if (std::exchange(was_ready_, true)) return;
  deadline_.set(std::nullopt);
  const bool limited = options_.seconds > 0 || !options_.to.empty();
  if (limited) {
    deadline_.set(loop_.now() + core::Duration{static_cast<std::int64_t>(options_.seconds * 1e6)} +
                  answer_within);
  }
  if (options_.dialect == "broadcast") call_the_one_wanted();
}

void Caller::handle(client::Peers& it) {
  const bool changed = peers_ != it.peers;
  peers_ = std::move(it.peers);
  if (changed) tell({}, {{"event", "peers"}, {"peers", peers_}});
  if (options_.dialect == "chat") forget_the_gone();
  call_the_one_wanted();
}

// Who has left the list rings no more, and will not answer.
void Caller::forget_the_gone() {
  std::vector<std::string> gone;
  const auto is_gone = [&](const std::string& peer) {
    return std::ranges::find(peers_, peer) == peers_.end();
  };
  for (const auto& [peer, ringing] : ringing_) {
    if (is_gone(peer)) gone.push_back(peer);
  }
  for (const auto& [peer, running] : calls_) {
    if (is_gone(peer) && !running.was_connected) gone.push_back(peer);
  }
  for (const std::string& peer : gone) {
    if (ringing_.erase(peer) > 0) {
      with_dialect([&](auto& dialect) { dialect.decline(peer); });
      state(peer, "remote hung up");
    } else {
      hang_up(peer, "gone", ExitStatus::no_answer);
    }
  }
}

// Whoever is to be called may come later than we do.
void Caller::call_the_one_wanted() {
  if (wanted_.empty() || is_room()) return;
  const bool there = std::ranges::find(peers_, wanted_) != peers_.end();
  if (!there && options_.dialect == "chat") return;
  state(wanted_, "calling");
  with_dialect([peer = std::exchange(wanted_, {})](auto& it) { it.invite(peer); });
}

void Caller::handle(client::Ring& it) {
  if (!calls_.empty() && !is_room()) {
    tell(it.peer, {{"event", "state"}, {"machine", "call"}, {"state", "busy"}});
    return with_dialect([&](auto& dialect) { dialect.decline(it.peer); });
  }
  ringing_.try_emplace(it.peer);
  tell(it.peer, {{"event", "ring"}, {"from", it.peer}});
  if (answers_unasked()) with_dialect([&](auto& dialect) { dialect.accept(it.peer); });
}

void Caller::handle(client::Begin& it) {
  const bool offers = it.part == client::Part::offers;
  Running& running = start(it.peer, politeness_of(it.manners));
  running.called_by_us = offers;
  if (offers) return running.call->offer();
  state(it.peer, "answering");
  const auto ringing = ringing_.extract(it.peer);
  if (ringing.empty()) return;
  for (auto& heard : ringing.mapped().heard) {
    std::visit([this](auto& one) { handle(one); }, heard);
  }
}

void Caller::handle(client::Described& it) {
  const auto running = calls_.find(it.peer);
  if (running != calls_.end() && running->second.call->is_over_for(it.description.sdp)) {
    // It has come back, from a reloaded page say, and calls anew.
    end(it.peer, "remote hung up", ExitStatus::good);
    client::Ring ring{it.peer};
    if (it.description.type == "offer") handle(ring);
  }
  if (calls_.contains(it.peer)) return take(it.peer, it.description);
  if (const auto found = ringing_.find(it.peer); found != ringing_.end()) {
    found->second.heard.emplace_back(std::move(it));
  }
}

void Caller::handle(client::Trickled& it) {
  it.peer = peer_of(it);
  if (calls_.contains(it.peer)) return take(it.peer, it.candidate);
  if (const auto found = ringing_.find(it.peer); found != ringing_.end()) {
    found->second.heard.emplace_back(std::move(it));
  }
}

void Caller::handle(client::HungUp& it) {
  if (ringing_.erase(it.peer) > 0) return state(it.peer, "remote hung up");
  const auto found = calls_.find(it.peer);
  if (found == calls_.end()) return;
  const bool declined = found->second.called_by_us && !found->second.was_connected;
  end(it.peer, declined ? "declined" : "remote hung up",
      declined ? ExitStatus::no_answer : ExitStatus::good);
}

void Caller::handle(client::Chatted& it) {
  tell({}, {{"event", "chat"}, {"from", it.from}, {"text", it.text}, {"over", "server"}});
}

void Caller::handle(client::Refused& it) {
  tell({}, {{"event", "error"}, {"message", it.reason}});
  if (calls_.empty() && !was_ready_) quit(ExitStatus::no_server);
}

ExitStatus Caller::run() {
  auto sinks = glass::open_sinks(options_.glass, loop_.wall_clock());
  if (!sinks) {
    tell({}, {{"event", "error"}, {"message", sinks.error()}});
    return ExitStatus::usage;
  }
  sink_ = std::move(*sinks);
  options_.call.sink = sink_.get();
  if (auto good = Call::check(loop_, options_.call); !good) {
    tell({}, {{"event", "error"}, {"message", good.error()}});
    return ExitStatus::usage;
  }
  if (options_.view == View::window) {
    auto window = capture::Window::open("Lucid");
    if (!window) {
      tell({}, {{"event", "error"}, {"message", window.error().message}});
      return ExitStatus::failed;
    }
    window_ = std::move(*window);
  }
  connect();
  if (!options_.first.empty()) command(options_.first);
  refresh();
  look();
  while (!status_) (void)loop_.run_until([this] { return status_.has_value(); }, 1h);
  // The last words to the server, and to the peers.
  (void)loop_.run_until([this] { return !link_ || link_->queued() == 0; }, 1s);
  if (link_) link_->close();
  (void)loop_.run_until([] { return false; }, 20ms);
  output_.event(summary(*status_));
  return *status_;
}

}  // namespace lucid::app
