#include "core/random.hpp"

#include <gtest/gtest.h>

#include <set>

namespace lucid::core {
namespace {

TEST(SeededRandom, RepeatsItselfFromOneSeed) {
  SeededRandom a{42};
  SeededRandom b{42};
  SeededRandom other{43};
  EXPECT_EQ(a.u64(), b.u64());
  EXPECT_EQ(a.text(20), b.text(20));
  EXPECT_NE(a.u64(), other.u64());
}

TEST(SeededRandom, FillsAnyLengthAndEveryBit) {
  SeededRandom random{1};
  std::array<std::uint8_t, 37> seen{};
  for (int i = 0; i < 100; ++i) {
    std::array<std::uint8_t, 37> bytes{};
    random.fill(bytes);
    for (std::size_t k = 0; k < bytes.size(); ++k) seen[k] |= bytes[k];
  }
  for (const std::uint8_t byte : seen) EXPECT_EQ(byte, 0xFF);
}

TEST(Random, BelowIsEvenAndInside) {
  SeededRandom random{1};
  std::array<int, 7> counts{};
  for (int i = 0; i < 70'000; ++i) ++counts[random.below(7)];
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 400);
  EXPECT_EQ(random.below(1), 0U);
}

TEST(Random, BelowLeavesOutTheIncompleteLastRun) {
  // Gives all ones once: with a bound that does not divide the range, that draw must be thrown
  // away.
  struct Extreme : Random {
    void fill(MutableBytes out) override {
      for (std::uint8_t& byte : out) byte = first ? 0xFF : 0;
      first = false;
    }
    bool first = true;
  } random;
  EXPECT_EQ(random.below(3), 0U);
  EXPECT_FALSE(random.first);
}

TEST(Random, UnitIsInTheHalfOpenInterval) {
  SeededRandom random{1};
  double sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double value = random.unit();
    EXPECT_GE(value, 0);
    EXPECT_LT(value, 1);
    sum += value;
  }
  EXPECT_NEAR(sum / 10'000, 0.5, 0.02);
}

// RFC 8839 5.4
TEST(Random, TextIsMadeOfIceChars) {
  SeededRandom random{1};
  const std::string text = random.text(5'000);
  std::set<char> letters{text.begin(), text.end()};
  EXPECT_EQ(text.size(), 5'000U);
  EXPECT_EQ(letters.size(), 64U);
  for (const char c : letters) EXPECT_TRUE(std::isalnum(c) != 0 || c == '+' || c == '/') << c;
}

}  // namespace
}  // namespace lucid::core
