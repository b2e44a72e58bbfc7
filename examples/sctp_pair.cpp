// Two ends of a data channel in memory: sends a file, or made-up bytes, across a lossy link in
// virtual time, and shows how far it is.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "sctp/data_channels.hpp"
#include "sim/simulation.hpp"

using namespace lucid;
using namespace std::chrono_literals;
using sctp::DataChannels;

namespace {

constexpr const char* usage =
    "usage: sctp_pair [--loss PERCENT] [--delay MS] [--size KIB] [--json] [FILE]\n"
    "Sends FILE, or KIB of made-up bytes, over a data channel and a simulated link.\n";

struct Options {
  double loss = 0.02;
  core::Duration delay = 20ms;
  std::size_t kib = 4096;
  bool json = false;
  std::string file{};
};

void show_progress(std::size_t done, std::size_t all, double seconds) {
  const std::size_t full = 40 * done / all;
  std::printf("\r[%s%s] %3zu %%  %6.2f s of virtual time", std::string(full, '#').c_str(),
              std::string(40 - full, ' ').c_str(), 100 * done / all, seconds);
  std::fflush(stdout);
}

std::string content(const Options& options) {
  if (options.file.empty()) return std::string(options.kib * 1024, 'x');
  std::ifstream file{options.file, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

int run(const Options& options) {
  const auto end = [](core::Context context) { return DataChannels{{}, context}; };
  sim::Simulation sim{end, end, sim::Link{.delay = options.delay, .loss = options.loss}};
  sim.left->set_role(sctp::Role::client, sim.now());
  sim.right->set_role(sctp::Role::server, sim.now());
  const auto channel = sim.left->open({.label = "file"}, sim.now());
  if (!sim.left->connect(sim.now()) || !sim.right->connect(sim.now()) || !channel) return 1;

  const std::string sent = content(options);
  std::string received;
  const auto seconds = [&] {
    return std::chrono::duration<double>(sim.now() - sim::virtual_start).count();
  };
  sim.right.on_event = [&](DataChannels::Event& event) {
    const auto* message = std::get_if<DataChannels::Message>(&event);
    if (message == nullptr) return;
    received += core::as_text(message->payload);
    if (!options.json) show_progress(received.size(), sent.size(), seconds());
  };
  sim.run_until([&] { return sim.left.saw<DataChannels::Open>(); }, 60s);
  for (std::size_t at = 0; at < sent.size(); at += 16'384) {
    const std::string_view part = std::string_view{sent}.substr(at, 16'384);
    while (!sim.left->send(*channel, sctp::MessageKind::binary, core::as_bytes(part), sim.now())) {
      sim.run_for(10ms);  // the queue is full
    }
  }
  const bool equal =
      sim.run_until([&] { return received.size() >= sent.size(); }, 1h) && received == sent;
  std::printf(options.json ? "{\"equal\": %s, \"bytes\": %zu, \"virtual_seconds\": %.3f}\n"
                           : "\nunchanged: %s; %zu bytes in %.3f s of virtual time\n",
              equal ? "true" : "false", sent.size(), seconds());
  return equal ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    const bool more = i + 1 < argc;
    if (arg == "--json") {
      options.json = true;
    } else if (arg == "--loss" && more) {
      options.loss = std::atof(argv[++i]) / 100;
    } else if (arg == "--delay" && more) {
      options.delay = std::chrono::milliseconds{std::atoi(argv[++i])};
    } else if (arg == "--size" && more) {
      options.kib = static_cast<std::size_t>(std::atoi(argv[++i]));
    } else if (!arg.starts_with("-") && std::ifstream{argv[i]}) {
      options.file = arg;
    } else {
      std::fputs(usage, arg == "--help" ? stdout : stderr);
      return arg == "--help" ? 0 : 2;
    }
  }
  return run(options);
}
