// Two agents in memory find a way to each other: every candidate, pair and check, and why the pair
// was chosen. The reports are the agents' own; any program can have them by --log=ice.
#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>

#include "examples/nat_lab.hpp"
#include "glass/options.hpp"

using namespace lucid;
using namespace std::chrono_literals;

constexpr auto usage = R"(ice_pair [--left BOX] [--right BOX] [--loss PERCENT] [--seed N] [--json]
Connects two agents in virtual time and prints all they do. Each is behind a BOX: open (the default),
full-cone, address-restricted, port-restricted, symmetric or udp-blocked. Exit status 1 when they
find no way. With --json only the pairs, one object a line.
)";

namespace {

const examples::Kind* kind_named(const std::string& name) {
  const auto it = std::ranges::find(examples::kinds, name, &examples::Kind::name);
  return it == examples::kinds.end() ? nullptr : it;
}

void print_pairs(const char* side, const ice::Agent& agent) {
  std::printf("\n%s is %s, %s; its pairs:\n", side, to_string(agent.role()).data(),
              to_string(agent.connection_state()).data());
  for (const ice::PairStats& pair : agent.pairs()) {
    std::printf("  %-11s %s/%s %s%s\n", to_string(pair.state).data(),
                to_string(pair.local.type).data(), to_string(pair.remote.type).data(),
                pair.path.text().c_str(), pair.selected ? "  <- selected" : "");
  }
}

void print_json(const char* side, const ice::Agent& agent) {
  for (const ice::PairStats& pair : agent.pairs()) {
    std::printf(
        "{\"side\":\"%s\",\"state\":\"%s\",\"local\":\"%s\",\"remote\":\"%s\","
        "\"path\":\"%s\",\"selected\":%s}\n",
        side, to_string(pair.state).data(), to_string(pair.local.type).data(),
        to_string(pair.remote.type).data(), pair.path.text().c_str(),
        pair.selected ? "true" : "false");
  }
}

}  // namespace

int main(int argc, char** argv) {
  auto options = glass::Options::parse(argc, argv);
  if (!options || options->help) return glass::usage(options, usage);
  examples::Home left;
  examples::Home right;
  for (const auto& [name, home] : {std::pair{"--left", &left}, std::pair{"--right", &right}}) {
    const auto box = options->value(name);
    const examples::Kind* kind = kind_named(box.value_or("open"));
    if (kind == nullptr) return glass::complain("There is no box called " + *box + "; see --help");
    *home = kind->home;
  }
  const double loss = options->number("--loss", 0) / 100;
  const sim::Seed seed{static_cast<std::uint64_t>(options->number("--seed", 1))};
  if (!options->rest.empty()) return glass::complain("What is " + options->rest[0] + "?");
  left.link.loss = right.link.loss = loss;
  if (!options->json && !std::exchange(options->log, true)) options->modules = {"ice"};
  const auto sink = glass::open_sinks(*options, sim::virtual_wall_clock);
  if (!sink) return glass::complain(sink.error());
  examples::NatLab lab{left, right, {}, seed, sink->get()};
  lab.connect();
  const bool connected = lab.run_until_selected(60s);
  lab.world.run_for(1s);
  const auto print = options->json ? print_json : print_pairs;
  print("left", lab.left().machine);
  print("right", lab.right().machine);
  return connected ? 0 : 1;
}
