// Two ends of a data channel in memory: sends a file, or made-up bytes, across a lossy link in
// virtual time, and shows how far it is.
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "glass/options.hpp"
#include "sctp/data_channels.hpp"
#include "sim/simulation.hpp"

using namespace lucid;
using namespace std::chrono_literals;
using sctp::DataChannels;
using Failed = DataChannels::Failed;

namespace {

constexpr auto usage = R"(sctp_pair [OPTION...] [FILE]
Sends FILE, or made-up bytes, over a data channel and a simulated link. Exit status 1 if it does not
arrive unchanged.
  --loss PERCENT      of the packets, each way (default 2)
  --delay MS          one way (default 20)
  --size KIB          of what is made up (default 4096)
  --seed N            another run
  --json              one JSON object at the end
)";

// On a terminal one bar that grows; elsewhere a line for each tenth.
void show_progress(std::size_t done, std::size_t all, double seconds) {
  static const bool terminal = isatty(STDOUT_FILENO) == 1;
  static std::size_t shown = 0;
  const std::size_t steps = terminal ? 100 : 10;
  if (const std::size_t step = steps * done / all; step == std::exchange(shown, step)) return;
  const std::size_t full = 40 * done / all;
  std::printf("%s[%s%s] %3zu %%  %6.2f s of virtual time%s", terminal ? "\r" : "",
              std::string(full, '#').c_str(), std::string(40 - full, ' ').c_str(), 100 * done / all,
              seconds, terminal && done < all ? "" : "\n");
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  auto options = glass::Options::parse(argc, argv);
  if (!options || options->help) return glass::usage(options, usage);
  const core::Duration delay{static_cast<std::int64_t>(options->number("--delay", 20) * 1000)};
  const sim::Link link{.delay = delay, .loss = options->number("--loss", 2) / 100};
  std::string sent(static_cast<std::size_t>(options->number("--size", 4096)) * 1024, 'x');
  const sim::Seed seed{static_cast<std::uint64_t>(options->number("--seed", 1))};
  if (!options->rest.empty()) {
    std::ifstream file{options->rest[0], std::ios::binary};
    if (!file) return glass::complain("There is no file " + options->rest[0] + "; see --help"), 2;
    sent.assign(std::istreambuf_iterator<char>{file}, {});
  }
  const auto sink = glass::open_sinks(*options, sim::virtual_wall_clock);
  if (!sink) return glass::complain(sink.error());
  std::uint32_t ends = 0;
  const auto end = [&](core::Context context) {
    return DataChannels{{}, {context.random, context.pool, sink->get(), ++ends}};
  };
  sim::Simulation sim{end, end, link, seed};
  const core::Path path{{}, {core::Ip::v4(0xC0000201), 0}, {core::Ip::v4(0xC0000202), 0}};
  const core::trace::Tracer tracer{sink->get(), {"sctp", 1}};
  const auto watch = [&](core::trace::Direction direction) {
    return [&, direction](sim::Packet& it) {
      return tracer.packet(sim.now(), direction, path, it.bytes), true;
    };
  };
  sim.left_to_right.filter(watch(core::trace::Direction::out));
  sim.right_to_left.filter(watch(core::trace::Direction::in));
  sim.left->set_role(sctp::Role::client, sim.now());
  sim.right->set_role(sctp::Role::server, sim.now());
  const auto channel = sim.left->open({.label = "file"}, sim.now());
  if (!sim.left->connect(sim.now()) || !sim.right->connect(sim.now()) || !channel) return 1;
  std::string received;
  const auto seconds = [&] { return 1e-6 * double((sim.now() - sim::virtual_start).count()); };
  sim.right.on_event = [&](DataChannels::Event& event) {
    const auto* message = std::get_if<DataChannels::Message>(&event);
    if (message == nullptr) return;
    received += core::as_text(message->payload);
    if (!options->json) show_progress(received.size(), sent.size(), seconds());
  };
  const auto over = [&] { return received.size() >= sent.size() || sim.left.saw<Failed>(); };
  for (std::size_t at = 0; at < sent.size() && !over(); at += 16'384) {
    const std::string_view part = std::string_view{sent}.substr(at, 16'384);
    while (!sim.left->send(*channel, sctp::MessageKind::binary, core::as_bytes(part), sim.now())) {
      if (over()) break;
      sim.run_for(10ms);  // the queue is full
    }
  }
  sim.run_until(over, 1h);
  std::printf(options->json ? "{\"equal\":%s,\"bytes\":%zu,\"virtual_seconds\":%.3f}\n"
                            : "unchanged: %s; %zu bytes in %.3f s of virtual time\n",
              received == sent ? "true" : "false", received.size(), seconds());
  return received == sent ? 0 : 1;
}
