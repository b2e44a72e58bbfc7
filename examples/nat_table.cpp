// Which NATs let two agents reach each other, and over what: every pairing, in virtual time.
#include <cstdio>
#include <string>

#include "examples/nat_lab.hpp"
#include "glass/options.hpp"

using namespace lucid;
using namespace std::chrono_literals;

constexpr auto usage = R"(nat_table [--loss PERCENT] [--json]
Connects two agents through every pairing of boxes, first with a STUN server to help, then with a
TURN server too, and prints over which types of candidate and after how many milliseconds they are
connected; "-" where they never are. With --json one object a cell.
)";

namespace {

ice::Config config_with(bool turn) {
  ice::Config config{.servers = {examples::stun_server()}, .tcp = false};
  if (turn) {
    for (const auto transport : {core::Transport::udp, core::Transport::tcp}) {
      config.servers.push_back(examples::turn_server(transport));
    }
  }
  return config;
}

std::string result_of(const examples::Home& left, const examples::Home& right, bool turn,
                      core::trace::Sink* sink) {
  examples::NatLab lab{left, right, config_with(turn), sim::default_seed(), sink};
  const core::Time start = lab.world.now();
  lab.connect();
  if (!lab.run_until_selected(40s)) return "-";
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(lab.world.now() - start);
  lab.world.run_for(5s);  // a better pair may yet come
  const auto* selected = lab.left().last<ice::Agent::Selected>();
  return std::string{to_string(selected->local.type)} + "/" +
         std::string{to_string(selected->remote.type)} + " " + std::to_string(took.count());
}

void print_table(bool turn, double loss, bool json, core::trace::Sink* sink) {
  if (!json) std::printf("%-20s", turn ? "STUN and TURN" : "STUN alone");
  for (const examples::Kind& right : examples::kinds) {
    if (!json) std::printf("%-20s", right.name.data());
  }
  if (!json) std::printf("\n");
  for (examples::Kind left : examples::kinds) {
    if (!json) std::printf("%-20s", left.name.data());
    for (examples::Kind right : examples::kinds) {
      left.home.link.loss = right.home.link.loss = loss;
      const std::string result = result_of(left.home, right.home, turn, sink);
      json ? std::printf(
                 "{\"servers\":\"%s\",\"left\":\"%s\",\"right\":\"%s\",\"result\":\"%s\"}\n",
                 turn ? "stun+turn" : "stun", left.name.data(), right.name.data(), result.c_str())
           : std::printf("%-20s", result.c_str());
      std::fflush(stdout);
    }
    if (!json) std::printf("\n");
  }
}

}  // namespace

int main(int argc, char** argv) {
  auto options = glass::Options::parse(argc, argv);
  if (!options || options->help) return glass::usage(options, usage);
  const double loss = options->number("--loss", 0) / 100;
  if (!options->rest.empty()) return glass::complain("What is " + options->rest[0] + "?");
  const auto sink = glass::open_sinks(*options, sim::virtual_wall_clock);
  if (!sink) return glass::complain(sink.error());
  print_table(false, loss, options->json, sink->get());
  if (!options->json) std::printf("\n");
  print_table(true, loss, options->json, sink->get());
  return 0;
}
