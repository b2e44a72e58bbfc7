#include "rtp/send/expected_loss.hpp"

#include <gtest/gtest.h>

namespace lucid::rtp {
namespace {

// One report of each second of sound.
class Reports {
 public:
  std::uint8_t of(double percent, std::uint32_t packets = 50) {
    highest_ += packets;
    loss_.reported(
        {.fraction_lost = static_cast<std::uint8_t>(percent * 2.56), .highest_sequence = highest_});
    return loss_.percent();
  }

 private:
  ExpectedLoss loss_;
  std::uint32_t highest_ = 65'000;
};

TEST(ExpectedLoss, IsNoneWithoutLoss) {
  Reports reports;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(reports.of(0), 0);
}

TEST(ExpectedLoss, RisesWithinTwoReportsAndFallsOverMany) {
  Reports reports;
  (void)reports.of(0);
  (void)reports.of(10);
  EXPECT_GE(reports.of(10), 6);
  EXPECT_GE(reports.of(0), 3) << "one good second is no good path";
  int seconds = 0;
  while (reports.of(0) > 0) ASSERT_LT(++seconds, 30);
  EXPECT_GT(seconds, 5);
}

TEST(ExpectedLoss, DoesNotFlutterAroundAStep) {
  Reports reports;
  for (int i = 0; i < 20; ++i) (void)reports.of(8);
  const std::uint8_t before = reports.of(8);
  for (int i = 0; i < 40; ++i) EXPECT_EQ(reports.of(i % 2 == 0 ? 5 : 7), before) << i;
}

TEST(ExpectedLoss, TakesLittleFromAFewPackets) {
  Reports reports;
  (void)reports.of(0);
  EXPECT_LE(reports.of(50, 2), 1) << "one of two";
}

}  // namespace
}  // namespace lucid::rtp
