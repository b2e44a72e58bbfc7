#include "core/serial.hpp"

#include <gtest/gtest.h>

namespace lucid::core {
namespace {

using Serial16 = Serial<std::uint16_t>;

// RFC 1982 3.2
TEST(Serial, ComparesAcrossTheWrap) {
  EXPECT_TRUE(Serial16{1}.ahead_of(Serial16{0}));
  EXPECT_TRUE(Serial16{0}.ahead_of(Serial16{65'535}));
  EXPECT_TRUE(Serial16{10}.ahead_of(Serial16{65'000}));
  EXPECT_FALSE(Serial16{65'000}.ahead_of(Serial16{10}));
  EXPECT_FALSE(Serial16{5}.ahead_of(Serial16{5}));
}

TEST(Serial, MeasuresDistancesBothWays) {
  EXPECT_EQ(Serial16::distance(Serial16{65'530}, Serial16{4}), 10);
  EXPECT_EQ(Serial16::distance(Serial16{4}, Serial16{65'530}), -10);
  EXPECT_EQ(Serial16::distance(Serial16{0}, Serial16{32'768}), -32'768);
}

// RFC 1982 3.1
TEST(Serial, AddsAndSubtractsModuloItsSize) {
  EXPECT_EQ((Serial16{65'535} + 3).value(), 2);
  EXPECT_EQ((Serial16{1} - 3).value(), 65'534);
  Serial16 last{65'535};
  EXPECT_EQ((++last).value(), 0);
}

TEST(Unwrapper, CountsOnThroughWraps) {
  Unwrapper<std::uint16_t> unwrapper;
  std::int64_t expected = 65'000;
  for (int i = 0; i < 300'000; i += 1'000) {
    EXPECT_EQ(unwrapper.unwrap(static_cast<std::uint16_t>(expected)), expected);
    expected += 1'000;
  }
}

TEST(Unwrapper, GoesBackForLateNumbers) {
  Unwrapper<std::uint16_t> unwrapper;
  EXPECT_EQ(unwrapper.unwrap(3), 3);
  EXPECT_EQ(unwrapper.unwrap(65'535), -1);
  EXPECT_EQ(unwrapper.unwrap(2), 2);
}

TEST(Unwrapper, PeekKeepsThePointOfReference) {
  Unwrapper<std::uint16_t> unwrapper;
  unwrapper.unwrap(30'000);
  EXPECT_EQ(unwrapper.peek(60'000), 60'000);
  EXPECT_EQ(unwrapper.peek(100), 100);
  EXPECT_EQ(unwrapper.unwrap(60'000), 60'000);
  EXPECT_EQ(unwrapper.peek(100), 65'636);
}

TEST(Unwrapper, WorksForThirtyTwoBits) {
  Unwrapper<std::uint32_t> unwrapper;
  EXPECT_EQ(unwrapper.unwrap(0xFFFF'FFF0), 0xFFFF'FFF0);
  EXPECT_EQ(unwrapper.unwrap(0x10), 0x1'0000'0010);
}

}  // namespace
}  // namespace lucid::core
