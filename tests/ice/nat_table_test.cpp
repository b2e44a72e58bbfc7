// Every pairing of boxes, and what theory says of it. `nat_table` (examples/) prints the same.
#include <gtest/gtest.h>

#include <algorithm>

#include "examples/nat_lab.hpp"

namespace lucid::ice {
namespace {

using namespace std::chrono_literals;
using examples::Kind;

bool blocked(const Kind& kind) { return kind.name == "udp-blocked"; }

// RFC 5128 3.3.1 on hole punching: a symmetric NAT's new port is unknown to a port-restricted
// filter, and to another symmetric one.
bool theory_says(const Kind& a, const Kind& b) {
  if (blocked(a) || blocked(b)) return false;
  const auto strict = [](const Kind& kind) {
    return kind.name == "port-restricted" || kind.name == "symmetric";
  };
  const bool symmetric = a.name == "symmetric" || b.name == "symmetric";
  return !(symmetric && strict(a) && strict(b));
}

class NatTable : public testing::TestWithParam<double> {};

TEST_P(NatTable, MatchesTheoryInEveryCellWithStunAlone) {
  Config config;
  config.tcp = false;
  for (Kind left : examples::kinds) {
    for (Kind right : examples::kinds) {
      left.home.link.loss = right.home.link.loss = GetParam();
      examples::NatLab lab{left.home, right.home, config};
      lab.connect();
      EXPECT_EQ(lab.run_until_selected(40s), theory_says(left, right))
          << left.name << " - " << right.name;
    }
  }
}

bool relayed(const Agent::Selected& selected) {
  return selected.local.type == CandidateType::relayed ||
         selected.remote.type == CandidateType::relayed;
}

bool was_direct(const examples::NatLab::AgentActor& side) {
  return std::ranges::any_of(side.events, [](const auto& recorded) {
    const auto* selected = std::get_if<Agent::Selected>(&recorded.event);
    return selected != nullptr && !relayed(*selected);
  });
}

void meet_with_turn(Kind left, Kind right, double loss) {
  SCOPED_TRACE(testing::Message() << left.name << " - " << right.name);
  Config config;
  config.tcp = false;
  config.servers = {examples::stun_server(), examples::turn_server(),
                    examples::turn_server(core::Transport::tcp)};
  left.home.link.loss = right.home.link.loss = loss;
  examples::NatLab lab{left.home, right.home, config};
  lab.connect();
  ASSERT_TRUE(lab.run_until_selected(40s));
  lab.world.run_for(10s);  // what is better may come later
  const bool direct = theory_says(left, right);
  EXPECT_EQ(was_direct(lab.left()), direct);
  EXPECT_EQ(was_direct(lab.right()), direct);
  // At 20 % on each of four links every other check is lost, and a direct path may rest.
  if (loss > 0.1) return;
  EXPECT_EQ(relayed(*lab.left().last<Agent::Selected>()), !direct);
  EXPECT_EQ(relayed(*lab.right().last<Agent::Selected>()), !direct);
}

// With a relay everybody connects; over the relay only where there is no other way. From behind a
// firewall without UDP its server is reached over TCP.
TEST_P(NatTable, WithTurnEveryCellConnectsAndOnlyWhereItMustOverARelay) {
  for (const Kind& left : examples::kinds) {
    for (const Kind& right : examples::kinds) meet_with_turn(left, right, GetParam());
  }
}

INSTANTIATE_TEST_SUITE_P(Loss, NatTable, testing::Values(0.0, 0.05, 0.2));

}  // namespace
}  // namespace lucid::ice
