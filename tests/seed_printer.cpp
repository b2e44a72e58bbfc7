// Linked into every test program: names the seed of a simulation whose test has failed.
#include <gtest/gtest.h>

#include <cstdio>

#include "sim/seed.hpp"

namespace {

class SeedPrinter final : public testing::EmptyTestEventListener {
  void OnTestStart(const testing::TestInfo&) override { lucid::sim::remember_seed({}); }
  void OnTestPartResult(const testing::TestPartResult& result) override {
    const auto seed = static_cast<unsigned long long>(lucid::sim::last_seed());
    if (result.failed() && seed != 0) std::printf("SIM_SEED=%llu replays this\n", seed);
  }
};

[[maybe_unused]] const bool installed = [] {
  testing::UnitTest::GetInstance()->listeners().Append(new SeedPrinter);
  return true;
}();

}  // namespace
