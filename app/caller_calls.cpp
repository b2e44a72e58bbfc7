#include <algorithm>
#include <cmath>

#include <unistd.h>

#include "app/bundle_text.hpp"
#include "app/call_status.hpp"
#include "app/call_words.hpp"
#include "app/caller.hpp"
#include "app/qr_code.hpp"
#include "app/signaled.hpp"

namespace lucid::app {

namespace client = signaling::client;
using namespace std::chrono_literals;

namespace {

// The second call's recording does not overwrite the first one's: call.webm, call-2.webm.
std::string numbered(const std::string& path, int number) {
  if (path.empty() || number == 1) return path;
  const std::size_t slash = path.find_last_of('/');
  const std::size_t dot = path.find_last_of('.');
  const bool has_end = dot != std::string::npos && (slash == std::string::npos || dot > slash);
  const std::size_t at = has_end ? dot : path.size();
  return path.substr(0, at) + "-" + std::to_string(number) + path.substr(at);
}

}  // namespace

void Caller::tell(const std::string& peer, json event) {
  if (!peer.empty()) event["peer"] = peer;
  if (std::string words = words_of(event); !words.empty()) event["words"] = std::move(words);
  output_.event(event);
}

void Caller::state(const std::string& peer, const char* state) {
  tell(peer, {{"event", "state"}, {"machine", "call"}, {"state", state}});
}

Caller::Running& Caller::start(const std::string& peer, peer::Politeness politeness) {
  if (const auto old = calls_.extract(peer); !old.empty()) {
    // Who calls again has lost the last call.
    old.mapped().call->close();
    totals_.add(old.mapped().call->totals());
    loop_.post([call = std::move(old.mapped().call)] {});
  }
  ++calls_made_;
  CallConfig config = options_.call;
  config.record = numbered(config.record, calls_made_);
  config.snapshot = numbered(config.snapshot, calls_made_);
  Running& running = calls_[peer];
  running.call = std::make_unique<Call>(loop_, std::move(config), politeness, feeds_, window_.get(),
                                        handlers_for(peer));
  return running;
}

Call::Handlers Caller::handlers_for(const std::string& peer) {
  return {[this, peer](const peer::SessionDescription& description) {
            const auto said = to_client(description);
            if (!link_) return tell_bundle(peer);
            with_dialect([&](auto& it) { it.describe(peer, said); });
          },
          [this, peer](const std::optional<peer::IceCandidate>& candidate) {
            const auto said = to_client(candidate);
            with_dialect([&](auto& it) { it.trickle(peer, said); });
          },
          [this, peer](json event) { tell(peer, std::move(event)); },
          [this, peer](peer::ConnectionState state) { changed(peer, state); },
          [this, peer] { loop_.post([this, peer] { hang_up(peer, "lost", ExitStatus::lost); }); }};
}

void Caller::changed(const std::string& peer, peer::ConnectionState state) {
  const auto found = calls_.find(peer);
  if (found == calls_.end()) return;
  Running& running = found->second;
  if (state == peer::ConnectionState::connected && !std::exchange(running.was_connected, true)) {
    if (!connected_since_) {
      connected_since_ = loop_.now();
      deadline_.set(std::nullopt);
      if (options_.seconds > 0) {
        deadline_.set(loop_.now() +
                      core::Duration{static_cast<std::int64_t>(options_.seconds * 1e6)});
      }
    }
    if (!options_.send.empty()) {
      loop_.post([this] {
        if (auto sent = run(commands::SendFile{options_.send}); !sent) {
          tell({}, {{"event", "error"}, {"message", sent.error()}});
        }
      });
    }
  }
  // Without a server there is nobody to ask for another way.
  const bool over = state == peer::ConnectionState::failed;
  if (over && !link_) {
    const bool held = running.was_connected;
    loop_.post([this, peer, held] {
      end(peer, held ? "gone" : "lost", held ? ExitStatus::good : ExitStatus::lost);
    });
  }
  // Who is not on the list any more will not come back.
  const bool broken =
      state == peer::ConnectionState::disconnected || state == peer::ConnectionState::failed;
  if (broken && options_.dialect == "chat" && link_ && link_->is_open() &&
      std::ranges::find(peers_, peer) == peers_.end()) {
    loop_.post([this, peer] { hang_up(peer, "gone", ExitStatus::good); });
  }
}

void Caller::hang_up(const std::string& peer, const char* state, ExitStatus status) {
  with_dialect([&](auto& it) { it.hang_up(peer); });
  end(peer, state, status);
}

// The call is over, for us; whoever had to be told has been.
void Caller::end(const std::string& peer, const char* state_now, ExitStatus status) {
  auto ended = calls_.extract(peer);
  if (ended.empty()) return;
  Call& call = *ended.mapped().call;
  call.close();
  totals_.add(call.totals());
  if (call.phases().connected) phases_ = call.phases().to_json();
  // It may be asking for its end itself: let it come back first.
  loop_.post([call = std::move(ended.mapped().call)] {});
  state(peer, state_now);
  const bool once = options_.once || !options_.to.empty() || options_.seconds > 0;
  if (calls_.empty() && once && !status_) quit(status);
}

std::string Caller::peer_of(const client::Trickled& it) const {
  if (!it.peer.empty()) return it.peer;
  for (const auto& [peer, running] : calls_) {
    if (is_from(it, running.call->connection())) return peer;
  }
  if (!ringing_.empty()) return ringing_.begin()->first;
  return calls_.empty() ? std::string{} : calls_.begin()->first;
}

void Caller::take(const std::string& peer, const client::Description& description) {
  const auto known = to_peer(description);
  if (!known) return;
  auto taken = calls_.at(peer).call->take(*known);
  if (taken) return;
  tell(peer, {{"event", "error"}, {"message", taken.error().text()}});
  // Without a first agreement there is no call.
  if (!calls_.at(peer).call->phases().agreed) {
    loop_.post([this, peer] { hang_up(peer, "lost", ExitStatus::lost); });
  }
}

void Caller::take(const std::string& peer, const std::optional<client::Candidate>& candidate) {
  json told{{"event", "ice_candidate"}, {"direction", "remote"}};
  const auto taken = to_peer(candidate);
  told["candidate"] = taken ? to_json(*taken) : json{};
  tell(peer, std::move(told));
  if (auto added = calls_.at(peer).call->take(taken); !added) {
    tell(peer, {{"event", "error"}, {"message", added.error().text()}});
  }
}

// Without a server: for a person to carry over.
void Caller::tell_bundle(const std::string& peer) {
  Call& call = *calls_.at(peer).call;
  const Bundle bundle{*call.connection().local_description(), call.local_candidates()};
  tell({}, {{"event", "bundle"},
            {"bundle", to_json(bundle)},
            {"line", to_line(bundle)},
            {"words", "Give this line to the other side: " + to_line(bundle)}});
  // For a camera, where there is room for it.
  const std::string code = is_terminal(STDOUT_FILENO) ? qr_code(to_line(bundle)).value_or("") : "";
  const auto rows = static_cast<std::size_t>(std::ranges::count(code, '\n'));
  const ScreenSize screen = screen_size();
  if (rows > 0 && rows < screen.rows && 2 * rows <= screen.columns) output_.drawing(code);
}

void Caller::quit(ExitStatus status) {
  if (status_) return;
  status_ = status;
  std::vector<std::string> peers;
  peers.reserve(calls_.size());
  for (const auto& [peer, running] : calls_) peers.push_back(peer);
  for (const std::string& peer : peers) hang_up(peer, "hung up", status);
}

json Caller::stats_event(const std::string& peer, Running& running) {
  const auto report = running.call->connection().get_stats(loop_.now());
  const Totals totals = running.call->totals();
  json event = totals.to_json();
  event["event"] = "stats";
  event["peer"] = peer;
  event["bitsPerSecondIn"] = std::round(running.rates.bits_in);
  event["bitsPerSecondOut"] = std::round(running.rates.bits_out);
  event["framesPerSecond"] = std::round(running.rates.frames_in * 10) / 10;
  if (const auto pair = pair_in_use(report)) {
    event["pair"] = {{"local", pair->local},
                     {"localType", pair->local_type},
                     {"remote", pair->remote},
                     {"remoteType", pair->remote_type},
                     {"protocol", pair->protocol}};
    if (pair->round_trip) event["currentRoundTripTime"] = *pair->round_trip;
  }
  event["words"] = peer + ": receiving " + bit_rate(running.rates.bits_in) + ", sending " +
                   bit_rate(running.rates.bits_out) + ", " + std::to_string(totals.frames_decoded) +
                   " pictures seen, " + std::to_string(totals.packets_lost) + " packets lost.";
  return event;
}

json Caller::summary(ExitStatus status) const {
  json out = totals_.to_json();
  out["event"] = "summary";
  out["status"] = static_cast<int>(status);
  out["calls"] = calls_made_;
  out["seconds"] = std::round(static_cast<double>((loop_.now() - began_).count()) / 10'000) / 100;
  out["connect"] = phases_;
  std::string words = "Sent " + std::to_string(totals_.frames_sent) + " pictures, saw " +
                      std::to_string(totals_.frames_decoded) + "; " +
                      std::to_string(totals_.packets_received) + " packets came, " +
                      std::to_string(totals_.packets_lost) + " were lost; " +
                      std::to_string(totals_.freeze_count) + " freezes.";
  if (phases_.contains("connected")) {
    words +=
        " Connected in " + std::to_string(std::lround(phases_["connected"].get<double>())) + " ms.";
  }
  out["words"] = words;
  return out;
}

}  // namespace lucid::app
