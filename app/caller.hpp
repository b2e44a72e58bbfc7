#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "app/call.hpp"
#include "app/call_options.hpp"
#include "app/commands.hpp"
#include "app/console.hpp"
#include "app/exit_status.hpp"
#include "app/output.hpp"
#include "app/signaling_link.hpp"
#include "signaling/client/broadcast.hpp"
#include "signaling/client/chat.hpp"
#include "signaling/client/rooms.hpp"
#include "signaling/client/socket_io.hpp"

namespace lucid::app {

// `lucid call`: a user of a signaling server who calls and is called.
class Caller {
 public:
  Caller(net::Loop& loop, CallOptions options, Output& output);
  ~Caller();
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  ExitStatus run();  // until it is over
  void command(const std::string& line);
  void interrupt() { quit(ExitStatus::good); }
  void input_ended();
  void show_status();
  void use(const Console& console) { console_ = &console; }

 private:
  static constexpr core::Duration answer_within{60'000'000};
  using Dialect =
      std::variant<std::monostate, signaling::client::Chat, signaling::client::Broadcast,
                   signaling::client::Rooms, signaling::client::SocketIo>;
  using Done = std::expected<void, std::string>;  // the error is a sentence
  struct Ringing {
    std::vector<std::variant<signaling::client::Described, signaling::client::Trickled>> heard;
  };
  struct Running {
    std::unique_ptr<Call> call;
    bool called_by_us = false;
    bool was_connected = false;
    Meter meter;
    Rates rates;
  };

  // caller.cpp: the server and its words
  void connect();
  void with_dialect(auto action) {
    std::visit(
        [&](auto& it) {
          if constexpr (signaling::client::Client<std::decay_t<decltype(it)>>) action(it);
        },
        dialect_);
    pump();
  }
  void pump();
  void handle(signaling::client::Ready& it);
  void handle(signaling::client::Peers& it);
  void handle(signaling::client::Ring& it);
  void handle(signaling::client::Begin& it);
  void handle(signaling::client::Described& it);
  void handle(signaling::client::Trickled& it);
  void handle(signaling::client::HungUp& it);
  void handle(signaling::client::Chatted& it);
  void handle(signaling::client::Refused& it);
  void handle(signaling::client::Wait& it) { wait_.set(loop_.now() + it.time); }
  void call_the_one_wanted();
  void forget_the_gone();
  bool answers_unasked() const;
  bool is_room() const { return options_.dialect == "rooms" || options_.dialect == "socketio"; }

  // caller_calls.cpp: calls
  Running& start(const std::string& peer, peer::Politeness politeness);
  Call::Handlers handlers_for(const std::string& peer);
  void changed(const std::string& peer, peer::ConnectionState state);
  void hang_up(const std::string& peer, const char* state, ExitStatus status);
  void end(const std::string& peer, const char* state, ExitStatus status);
  std::string peer_of(const signaling::client::Trickled& it) const;
  void take(const std::string& peer, const signaling::client::Description& description);
  void take(const std::string& peer, const std::optional<signaling::client::Candidate>& candidate);
  void tell_bundle(const std::string& peer);
  void quit(ExitStatus status);
  void tell(const std::string& peer, json event);
  void state(const std::string& peer, const char* state);
  json stats_event(const std::string& peer, Running& running);
  json summary(ExitStatus status) const;

  // caller_commands.cpp: what is typed
  Done run(const commands::CallPeer& it);
  Done run(const commands::Answer& it);
  Done run(const commands::Decline& it);
  Done run(const commands::HangUp& it);
  Done run(const commands::SayText& it);
  Done run(const commands::SendFile& it);
  Done run(const commands::Mute& it);
  Done run(const commands::AddTrack& it);
  Done run(const commands::RemoveTrack& it);
  Done run(const commands::Renegotiate& it);
  Done run(const commands::RestartIce& it);
  void carry_by_hand();
  Done run(const commands::Bundle& it);
  Done run(const commands::ShowStats& it);
  Done run(const commands::Help& it);
  Done run(const commands::Quit& it);
  Done each_call(auto action);

  // caller_view.cpp: what is shown
  void refresh();
  void look();

  net::Loop& loop_;
  CallOptions options_;
  Output& output_;
  const Console* console_ = nullptr;
  std::unique_ptr<core::trace::Sink> sink_;
  Feeds feeds_;
  std::unique_ptr<capture::Window> window_;
  Dialect dialect_;
  bool pumping_ = false;
  std::unique_ptr<SignalingLink> link_;
  bool was_ready_ = false;
  std::string name_;
  std::vector<std::string> peers_;
  std::string wanted_;  // to be called once it is there
  std::map<std::string, Ringing> ringing_;
  std::map<std::string, Running> calls_;
  int calls_made_ = 0;
  Totals totals_;  // of calls that are over
  json phases_ = json::object();
  std::optional<core::Time> connected_since_;
  core::Time began_;
  std::optional<ExitStatus> status_;
  std::vector<std::string> picture_;
  core::Time next_stats_{};
  net::Timer deadline_;  // of --seconds, and of who does not answer
  net::Timer wait_;      // that the dialect has asked for
  net::Timer second_;
  net::Timer glance_;
};

}  // namespace lucid::app
