#include <algorithm>

#include "app/bundle_text.hpp"
#include "app/caller.hpp"

namespace lucid::app {

namespace {

constexpr const char* by_hand = "the other side";  // of a call without a server

template <class T>
std::expected<void, std::string> plain(const peer::Result<T>& result) {
  if (!result) return std::unexpected(result.error().text());
  return {};
}

}  // namespace

void Caller::command(const std::string& line) {
  if (line.find_first_not_of(" \t\r") == std::string::npos) return;
  // A bundle may be pasted as it is.
  const bool pasted = !link_ && (line.starts_with('{') || line.starts_with("lucid:"));
  auto parsed = commands::parse(pasted ? "bundle " + line : line);
  Done done;
  if (!parsed) {
    done = std::unexpected(parsed.error());
  } else {
    done = std::visit([this](const auto& it) { return run(it); }, *parsed);
  }
  if (done) {
    output_.event({{"event", "done"}, {"command", line}});
  } else {
    tell({}, {{"event", "error"}, {"command", line}, {"message", done.error()}});
  }
  show_status();
}

void Caller::input_ended() {
  // A person has typed Ctrl-D. A program without more commands may still want the call.
  if (output_.form() == Output::Form::screen) quit(ExitStatus::good);
}

Caller::Done Caller::run(const commands::CallPeer& it) {
  if (!link_) return std::unexpected("there is no server; bundle calls without one");
  if (!calls_.empty()) return std::unexpected("there is a call already; hangup ends it");
  if (!link_->is_open()) return std::unexpected("the server cannot be reached just now");
  if (options_.dialect == "chat" && std::ranges::find(peers_, it.name) == peers_.end()) {
    return std::unexpected("there is nobody called " + it.name + " on the server");
  }
  state(it.name, "calling");
  with_dialect([&](auto& dialect) { dialect.invite(it.name); });
  return {};
}

Caller::Done Caller::run(const commands::Answer&) {
  if (ringing_.empty()) return std::unexpected("nobody is calling");
  with_dialect([peer = ringing_.begin()->first](auto& dialect) { dialect.accept(peer); });
  return {};
}

Caller::Done Caller::run(const commands::Decline&) {
  if (ringing_.empty()) return std::unexpected("nobody is calling");
  const auto ringing = ringing_.extract(ringing_.begin());
  with_dialect([&](auto& dialect) { dialect.decline(ringing.key()); });
  return {};
}

Caller::Done Caller::run(const commands::HangUp&) {
  if (calls_.empty()) return std::unexpected("there is no call");
  std::vector<std::string> peers;
  peers.reserve(calls_.size());
  for (const auto& [peer, running] : calls_) peers.push_back(peer);
  for (const std::string& peer : peers) hang_up(peer, "hung up", ExitStatus::good);
  return {};
}

Caller::Done Caller::run(const commands::SayText& it) {
  bool said = false;
  for (auto& [peer, running] : calls_) said |= running.call->say(it.text);
  if (said) {
    output_.line("You: " + it.text);
    return {};
  }
  // Over the server, to all who are there.
  if (link_ && link_->is_open()) {
    with_dialect([&](auto& dialect) { said = dialect.say(it.text); });
  }
  if (!said) return std::unexpected("there is nobody to hear it yet");
  output_.line("You, to all: " + it.text);
  return {};
}

Caller::Done Caller::each_call(auto action) {
  if (calls_.empty()) return std::unexpected("there is no call");
  for (auto& [peer, running] : calls_) {
    if (Done done = action(*running.call); !done) return done;
  }
  return {};
}

Caller::Done Caller::run(const commands::SendFile& it) {
  return each_call([&](Call& call) { return call.send_file(it.path); });
}

Caller::Done Caller::run(const commands::Mute& it) {
  feeds_.mute(it.kind, it.muted);
  return {};
}

Caller::Done Caller::run(const commands::AddTrack& it) {
  if (!feeds_.has(it.kind)) {
    return std::unexpected("there is no source for it: --video and --audio name them");
  }
  return each_call([&](Call& call) { return plain(call.add_track(it.kind)); });
}

Caller::Done Caller::run(const commands::RemoveTrack& it) {
  return each_call([&](Call& call) { return plain(call.remove_track(it.kind)); });
}

Caller::Done Caller::run(const commands::Renegotiate&) {
  return each_call([](Call& call) { return plain(call.renegotiate()); });
}

Caller::Done Caller::run(const commands::RestartIce&) {
  return each_call([](Call& call) {
    call.restart_ice();
    return Done{};
  });
}

// All candidates at once, and as few as will do: somebody has to copy them.
void Caller::carry_by_hand() {
  options_.call.trickle = Trickle::no;
  options_.call.bundle_policy = peer::BundlePolicy::max_bundle;
}

Caller::Done Caller::run(const commands::Bundle& it) {
  if (link_) return std::unexpected("there is a server; bundles are for calls without one");
  if (it.text.empty()) {
    if (!calls_.empty()) return std::unexpected("there is a call already; hangup ends it");
    carry_by_hand();
    Running& running = start(by_hand, peer::Politeness::impolite);
    running.called_by_us = true;
    running.call->offer();
    return {};
  }
  const auto bundle = parse_bundle(it.text);
  if (!bundle) return std::unexpected(bundle.error());
  const bool offer = bundle->description.type == peer::SdpType::offer;
  if (calls_.empty()) {
    if (!offer) return std::unexpected("this is an answer, but nothing was offered");
    carry_by_hand();
    start(by_hand, peer::Politeness::polite);
  }
  Call& call = *calls_.begin()->second.call;
  if (auto taken = call.take(bundle->description); !taken) {
    return std::unexpected(taken.error().text());
  }
  for (const peer::IceCandidate& candidate : bundle->candidates) {
    if (auto added = call.take(candidate); !added) return std::unexpected(added.error().text());
  }
  return {};
}

Caller::Done Caller::run(const commands::ShowStats&) {
  if (calls_.empty()) return std::unexpected("there is no call");
  for (auto& [peer, running] : calls_) {
    json event = stats_event(peer, running);
    const auto report = running.call->connection().get_stats(loop_.now());
    event["report"] = json::parse(report.json(), nullptr, false);
    output_.event(event);
  }
  return {};
}

Caller::Done Caller::run(const commands::Help&) {
  output_.line("Commands:");
  std::string_view rest = commands::help;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    output_.line(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

Caller::Done Caller::run(const commands::Quit&) {
  quit(ExitStatus::good);
  return {};
}

}  // namespace lucid::app
