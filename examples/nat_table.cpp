// Which NATs let two agents reach each other, and over what: every pairing, in virtual time.
#include <cstdio>
#include <string>

#include "examples/nat_lab.hpp"
#include "glass/options.hpp"

using namespace lucid;
using namespace std::chrono_literals;

constexpr auto usage = R"(nat_table [--loss PERCENT]
Connects two agents through every pairing of boxes, with a STUN server to help, and prints over which
types of candidate and after how many milliseconds they are connected; "-" where they never are.
)";

namespace {

std::string result_of(const examples::Home& left, const examples::Home& right) {
  ice::Config config;
  config.tcp = false;
  examples::NatLab lab{left, right, config};
  const core::Time start = lab.world.now();
  lab.connect();
  if (!lab.run_until_selected(40s)) return "-";
  const auto* selected = lab.left().last<ice::Agent::Selected>();
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(lab.world.now() - start);
  return std::string{to_string(selected->local.type)} + "/" +
         std::string{to_string(selected->remote.type)} + " " + std::to_string(took.count());
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = glass::Options::parse(argc, argv);
  if (!options || options->help) return glass::usage(options, usage);
  double loss = 0;
  if (options->rest.size() == 2 && options->rest[0] == "--loss") {
    loss = std::strtod(options->rest[1].c_str(), nullptr) / 100;
  } else if (!options->rest.empty()) {
    return glass::complain("nat_table takes --loss PERCENT and nothing else");
  }
  if (!options->json) std::printf("%-20s", "");
  for (const examples::Kind& right : examples::kinds) {
    if (!options->json) std::printf("%-20s", right.name.data());
  }
  if (!options->json) std::printf("\n");
  for (examples::Kind left : examples::kinds) {
    if (!options->json) std::printf("%-20s", left.name.data());
    for (examples::Kind right : examples::kinds) {
      left.home.link.loss = right.home.link.loss = loss;
      const std::string result = result_of(left.home, right.home);
      options->json ? std::printf("{\"left\":\"%s\",\"right\":\"%s\",\"result\":\"%s\"}\n",
                                  left.name.data(), right.name.data(), result.c_str())
                    : std::printf("%-20s", result.c_str());
      std::fflush(stdout);
    }
    if (!options->json) std::printf("\n");
  }
  return 0;
}
