#include "app/call_command.hpp"

#include <cstdlib>

#include "app/call_line.hpp"
#include "app/commands.hpp"

namespace lucid::app {

namespace {

constexpr const char* call_examples = R"(Examples:
  lucid call --server ws://localhost:8080 --name ann --to lucid --seconds 10
  lucid call --server ws://localhost:8080 --name bob --answer auto --video none
  lucid call --server ws://localhost:8080 --dialect rooms --room blue --name ann
  lucid call --server ws://localhost:8080 --name ann --view terminal
  lucid call --json --name ann        commands on standard input: bundle, quit

Commands, one a line on standard input; with --json each is answered by an event
"done" or "error":
)";
constexpr const char* statuses = R"(
Ends with 0: a call was held, or you left; 1: something failed; 2: wrong usage;
3: no server; 4: no answer; 5: the connection was lost or never made.)";

}  // namespace

void add_call(CLI::App& app, int& status) {
  auto line = std::make_shared<CallLine>();
  CallOptions& options = line->options;
  const char* user = std::getenv("USER");
  options.name = user != nullptr && *user != '\0' ? user : "guest";
  CLI::App* command = app.add_subcommand("call", "The native caller: call and be called");
  command->add_option("--server", options.server,
                      "The signaling server: ws://HOST[:PORT][/PATH]; without one, bundles are "
                      "carried by hand");
  command->add_option("--dialect", options.dialect, "What the server speaks")
      ->check(CLI::IsMember({"chat", "broadcast", "rooms", "socketio"}))
      ->capture_default_str();
  command->add_option("--name", options.name, "Your name")->capture_default_str();
  command->add_option("--to", options.to, "Call this user, and leave when the call is over");
  command->add_option("--room", options.room, "Join this room (rooms, socketio)");
  command->add_option("--answer", line->answer, "What to do when somebody calls")
      ->check(CLI::IsMember({"auto", "ask"}));
  command->add_flag("--envelope", options.enveloped,
                    "Broadcast: begin in the form {\"message_type\":...,\"content\":...}");
  auto* polite = command->add_flag("--polite", line->polite, "Give way when both offer at once");
  command->add_flag("--impolite", line->impolite, "Do not give way")->excludes(polite);
  command->add_option("--seconds", options.seconds, "Hang up and leave after this long a call");
  command->add_option("--stats", options.stats_every, "Tell statistics every so many seconds");
  command->add_flag("--json", options.json, "Tell everything as JSON, one object a line");
  add_media(*command, *line);
  add_connection(*command, *line);
  command->footer(call_examples + std::string{commands::help} + statuses);
  command->callback([line, &status] { status = run_caller(*line); });
}

}  // namespace lucid::app
