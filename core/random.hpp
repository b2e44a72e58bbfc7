#pragma once
#include <array>
#include <cstdint>
#include <string>

#include "core/bytes.hpp"

namespace lucid::core {

// Where a machine gets its randomness: the system's generator on the live edge, a seed in sim.
struct Random {
  virtual ~Random() = default;
  virtual void fill(MutableBytes out) = 0;

  std::uint16_t u16();
  std::uint32_t u32();
  std::uint64_t u64();
  // Evenly from 0 to bound - 1; bound must not be 0.
  std::uint64_t below(std::uint64_t bound);
  // Evenly from [0, 1).
  double unit();
  // Letters, digits, '+' and '/': six bits of randomness each. These are RFC 8839's ice-chars.
  std::string text(std::size_t length);
};

// Repeatable randomness for simulation and tests (xoshiro256**). Never for keys of a live call.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed);
  void fill(MutableBytes out) override;

 private:
  std::uint64_t next();

  std::array<std::uint64_t, 4> state_;
};

}  // namespace lucid::core
