#include "app/loop_command.hpp"

#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdio>

#include "app/call_status.hpp"
#include "app/exit_status.hpp"
#include "app/half_blocks.hpp"
#include "app/loop.hpp"
#include "app/output.hpp"
#include "app/watch.hpp"
#include "capture/sink.hpp"
#include "net/system.hpp"
#include "sim/clock_seam.hpp"

namespace lucid::app {

namespace {

constexpr const char* loop_examples = R"(Examples:
  lucid loop                                   over sockets of this machine
  lucid loop --sim loss=5,delay=40ms,rate=1mbit --seconds 10
  lucid loop --sim loss=10,burst=3 --seed 7 --log=ice
  lucid loop --codec AV1 --snapshot av1.png

The simulated call runs in virtual time, as fast as this machine can encode; the same
seed gives the same call. Leaves with 0; 1: something failed; 2: wrong usage; 5: the two
did not connect.)";

struct LoopLine {
  LoopOptions options;
  std::string sim;
  std::string snapshot = "lucid-loop.png";
  std::uint64_t seed = 1;
  bool simulated = false;
  bool json = false;
  glass::Options glass;
};

std::string milliseconds(core::Duration duration) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", static_cast<double>(duration.count()) / 1000);
  return text;
}

json to_json(const LoopSide& side) {
  json out = side.totals.to_json();
  out["connect"] = side.phases.to_json();
  if (side.pair && side.pair->round_trip) out["currentRoundTripTime"] = *side.pair->round_trip;
  return out;
}

void row(const char* name, const std::string& left, const std::string& right) {
  std::printf("%-22s%14s%14s\n", name, left.c_str(), right.c_str());
}

void print_table(const LoopResult& it) {
  const auto phase = [](const LoopSide& side, const char* name) {
    const json phases = side.phases.to_json();
    if (!phases.contains(name)) return std::string{"-"};
    char text[32];
    std::snprintf(text, sizeof text, "%.1f ms", phases[name].get<double>());
    return std::string{text};
  };
  const auto number = [&](const char* name, auto member) {
    row(name, std::to_string(it.left.totals.*member), std::to_string(it.right.totals.*member));
  };
  const double seconds = static_cast<double>(it.lasted.count()) / 1e6;
  const auto rate = [&](std::uint64_t bytes) {
    return bit_rate(static_cast<double>(bytes) * 8 / seconds);
  };
  std::printf("\n");
  row("", "left", "right");
  row("offer and answer", phase(it.left, "signaling"), phase(it.right, "signaling"));
  row("ICE", phase(it.left, "ice"), phase(it.right, "ice"));
  row("DTLS", phase(it.left, "dtls"), phase(it.right, "dtls"));
  row("first picture", phase(it.left, "media"), phase(it.right, "media"));
  number("pictures sent", &Totals::frames_sent);
  number("pictures seen", &Totals::frames_decoded);
  number("freezes", &Totals::freeze_count);
  number("packets sent", &Totals::packets_sent);
  number("packets received", &Totals::packets_received);
  number("packets lost", &Totals::packets_lost);
  row("sent", rate(it.left.totals.bytes_sent), rate(it.right.totals.bytes_sent));
  const auto round_trip = [](const LoopSide& side) {
    if (!side.pair || !side.pair->round_trip) return std::string{"-"};
    char text[32];
    std::snprintf(text, sizeof text, "%.1f ms", *side.pair->round_trip * 1000);
    return std::string{text};
  };
  row("round trip", round_trip(it.left), round_trip(it.right));
}

// Shows the picture in a terminal, and writes it down.
int show(const LoopLine& line, const core::VideoFrame& picture) {
  if (!line.json && is_terminal(STDOUT_FILENO)) {
    std::printf("\n");
    const ScreenSize size = screen_size();
    for (const std::string& text :
         half_blocks(picture, std::min<std::size_t>(size.columns, 72), 20)) {
      std::printf("%s\n", text.c_str());
    }
  }
  if (line.snapshot.empty()) return 0;
  if (auto written = capture::write_png(line.snapshot, picture); !written) {
    return complain(written.error().message, ExitStatus::failed);
  }
  if (!line.json) std::printf("\nWhat the right side saw last is in %s.\n", line.snapshot.c_str());
  return 0;
}

int loop(LoopLine line) {
  const auto sink = glass::open_sinks(
      line.glass, line.simulated ? sim::virtual_wall_clock : net::system_wall_clock());
  if (!sink) return complain(sink.error(), ExitStatus::usage);
  line.options.sink = sink->get();
  line.options.seed = sim::Seed{line.seed};
  if (line.simulated) {
    const auto link = parse_link(line.sim);
    if (!link) return complain("--sim: " + link.error(), ExitStatus::usage);
    line.options.link = *link;
  }
  const LoopWatch watch = [&](core::Duration since, std::string_view side, std::string_view machine,
                              std::string_view state) {
    if (line.json) {
      std::printf("%s\n", dump({{"event", "state"},
                                {"milliseconds", static_cast<double>(since.count()) / 1000},
                                {"peer", side},
                                {"machine", machine},
                                {"state", state}})
                              .c_str());
    } else {
      std::printf("%10s ms  %-6s %-11s %s\n", milliseconds(since).c_str(),
                  std::string{side}.c_str(), std::string{machine}.c_str(),
                  std::string{state}.c_str());
    }
    std::fflush(stdout);
  };
  const auto began = std::chrono::steady_clock::now();
  const auto result = line.simulated ? loop_in_simulation(line.options, watch)
                                     : loop_over_sockets(line.options, watch);
  if (!result) return complain(result.error(), ExitStatus::lost);
  const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began);
  if (line.json) {
    std::printf("%s\n", dump({{"event", "summary"},
                              {"left", to_json(result->left)},
                              {"right", to_json(result->right)},
                              {"seconds", static_cast<double>(result->lasted.count()) / 1e6},
                              {"took", std::round(took.count() * 100) / 100}})
                            .c_str());
  } else {
    print_table(*result);
    if (line.simulated) {
      std::printf("\n%.1f s of virtual time in %.1f s, from seed %llu.\n",
                  static_cast<double>(result->lasted.count()) / 1e6, took.count(),
                  static_cast<unsigned long long>(line.seed));
    }
  }
  return result->picture ? show(line, *result->picture) : 0;
}

}  // namespace

void add_loop(CLI::App& app, int& status) {
  auto line = std::make_shared<LoopLine>();
  CLI::App* command = app.add_subcommand("loop", "Two connections in this process call each other");
  CLI::Option* simulated = command->add_option(
      "--sim", line->sim,
      "Over a simulated network, in virtual time: loss=5,delay=40ms,rate=1mbit, also jitter, "
      "burst, reorder, duplicate, mtu; loss in percent, delay one way");
  simulated->expected(0, 1)->type_name("LINK");
  command->add_option("--seed", line->seed, "Where the simulation's chance comes from")
      ->needs(simulated)
      ->capture_default_str();
  command->add_option("--seconds", line->options.seconds, "How long the call lasts")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  command->add_option("--video", line->options.video, "What both show (not with --sim)")
      ->excludes(simulated)
      ->capture_default_str();
  command->add_option("--audio", line->options.audio, "What both let hear (not with --sim)")
      ->excludes(simulated)
      ->capture_default_str();
  command->add_option("--codec", line->options.codec, "The video codec to prefer");
  command
      ->add_option("--snapshot", line->snapshot, "Where to write the last picture; empty: nowhere")
      ->capture_default_str();
  command->add_flag("--json", line->json, "Tell everything as JSON, one object a line");
  add_watching(*command, line->glass);
  command->footer(loop_examples);
  command->callback([line, simulated, &status] {
    line->simulated = simulated->count() > 0;
    status = loop(*line);
  });
}

}  // namespace lucid::app
