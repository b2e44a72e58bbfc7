// Every pairing of boxes, and what theory says of it. `nat_table` (examples/) prints the same.
#include <gtest/gtest.h>

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

INSTANTIATE_TEST_SUITE_P(Loss, NatTable, testing::Values(0.0, 0.05, 0.2));

}  // namespace
}  // namespace lucid::ice
