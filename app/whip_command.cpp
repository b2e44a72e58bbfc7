#include "app/whip_command.hpp"

#include <cstdio>
#include <fstream>
#include <sstream>

#include "app/exit_status.hpp"
#include "app/interrupt.hpp"
#include "app/watch.hpp"
#include "app/whip_client.hpp"
#include "capture/sink.hpp"

namespace lucid::app {

namespace {

struct WhipLine {
  WhipOptions options;
  std::string snapshot, authority;
  double seconds = 0;
  bool json = false;
  glass::Options glass;
};

void say(const WhipLine& line, const json& event, const std::string& words) {
  std::printf("%s\n", line.json ? dump(event).c_str() : words.c_str());
  std::fflush(stdout);
}

// The authority of a server whose certificate is its own.
bool trust(WhipLine& line) {
  if (line.authority.empty()) return true;
  std::ifstream in{line.authority};
  std::ostringstream text;
  text << in.rdbuf();
  auto context = net::TlsContext::client(text.str());
  if (!context) {
    std::fprintf(stderr, "lucid: --ca: %s is no certificate in PEM\n", line.authority.c_str());
    return false;
  }
  line.options.tls = *std::move(context);
  return true;
}

ExitStatus run(WhipLine& line) {
  if (!trust(line)) return ExitStatus::usage;
  net::Loop loop;
  const auto sink = glass::open_sinks(line.glass, loop.wall_clock());
  if (!sink) {
    std::fprintf(stderr, "lucid: %s\n", sink.error().c_str());
    return ExitStatus::usage;
  }
  line.options.sink = sink->get();
  ExitStatus status = ExitStatus::good;
  bool was_connected = false, ended = false;
  std::optional<net::Timer> limit;
  WhipClient client{
      loop,
      line.options,
      {[&](const std::string& state) {
         say(line, {{"event", "state"}, {"state", state}}, state);
         if (state != "connected" || std::exchange(was_connected, true) || line.seconds <= 0)
           return;
         limit.emplace(loop, [&] { loop.stop(); });
         limit->set(loop.now() + core::Duration{static_cast<std::int64_t>(line.seconds * 1e6)});
       },
       [&](const std::string& why) {
         say(line, {{"event", "error"}, {"message", why}}, "lucid: " + why);
         status = was_connected ? ExitStatus::lost : ExitStatus::no_server;
         loop.stop();
       },
       [&] { ended = true; }}};
  run_until_interrupted(loop);
  const Totals totals = client.totals();
  if (!line.snapshot.empty()) {
    if (const auto picture = client.picture()) {
      if (auto written = capture::write_png(line.snapshot, *picture); !written)
        std::fprintf(stderr, "lucid: %s\n", written.error().message.c_str());
    }
  }
  client.end();
  (void)loop.run_until([&] { return ended; }, std::chrono::seconds{4});
  json summary = totals.to_json();
  summary["event"] = "summary";
  say(line, summary,
      line.options.publishes ? std::to_string(totals.frames_sent) + " frames sent, " +
                                   std::to_string(totals.packets_sent) + " packets"
                             : std::to_string(totals.frames_decoded) + " frames decoded, " +
                                   std::to_string(totals.packets_received) + " packets, " +
                                   std::to_string(totals.packets_lost) + " lost");
  return status;
}

void add(CLI::App& app, int& status, bool publishes) {
  auto line = std::make_shared<WhipLine>();
  line->options.publishes = publishes;
  CLI::App* command = publishes
                          ? app.add_subcommand("whip", "Publishes a picture and sound by WHIP")
                          : app.add_subcommand("whep", "Watches what somebody publishes, by WHEP");
  command->add_option("url", line->options.url, "The endpoint, such as http://HOST/whip/ROOM")
      ->required();
  command->add_option("--token", line->options.token, "What the server asks for (Bearer)");
  command->add_option("--ca", line->authority, "Trust this certificate (PEM)");
  command->add_option("--seconds", line->seconds, "End after so long, once connected");
  command->add_flag("--json", line->json, "One JSON object a line");
  if (publishes) {
    command->add_option("--video", line->options.video, "test, file:PATH, camera, screen, none")
        ->capture_default_str();
    command->add_option("--audio", line->options.audio, "tone, file:PATH, mic, none")
        ->capture_default_str();
    command->footer("Example: lucid whip http://localhost:8080/whip/main --seconds 60");
  } else {
    command->add_option("--record", line->options.record, "Write what comes into this file");
    command->add_option("--snapshot", line->snapshot, "Write the last picture (PNG)");
    command->footer("Example: lucid whep http://localhost:8080/whep/main --snapshot main.png");
  }
  add_watching(*command, line->glass);
  command->callback([line, &status] { status = static_cast<int>(run(*line)); });
}

}  // namespace

void add_whip(CLI::App& app, int& status) {
  add(app, status, true);
  add(app, status, false);
}

}  // namespace lucid::app
