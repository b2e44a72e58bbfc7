#include "core/random.hpp"

#include <bit>

#include "core/check.hpp"

namespace lucid::core {

namespace {

template <class Number>
Number number(Random& random) {
  std::array<std::uint8_t, sizeof(Number)> bytes;
  random.fill(bytes);
  Number value = 0;
  for (const std::uint8_t byte : bytes) {
    value = static_cast<Number>(static_cast<std::uint64_t>(value) << 8 | byte);
  }
  return value;
}

}  // namespace

std::uint16_t Random::u16() { return number<std::uint16_t>(*this); }
std::uint32_t Random::u32() { return number<std::uint32_t>(*this); }
std::uint64_t Random::u64() { return number<std::uint64_t>(*this); }

std::uint64_t Random::below(std::uint64_t bound) {
  check(bound > 0);
  // Numbers from the incomplete last run of `bound` would make the small results likelier.
  const std::uint64_t limit = ~std::uint64_t{0} - ~std::uint64_t{0} % bound;
  std::uint64_t value = u64();
  while (value >= limit) value = u64();
  return value % bound;
}

double Random::unit() { return static_cast<double>(u64() >> 11) * 0x1.0p-53; }

std::string Random::text(std::size_t length) {
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out(length, '\0');
  fill({reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
  for (char& c : out) c = letters[static_cast<std::uint8_t>(c) % letters.size()];
  return out;
}

SeededRandom::SeededRandom(std::uint64_t seed) {
  // SplitMix64 spreads a small seed over the whole state, as the generator's authors advise.
  for (std::uint64_t& word : state_) {
    seed += 0x9E3779B97F4A7C15;
    std::uint64_t mixed = seed;
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
    word = mixed ^ mixed >> 31;
  }
}

std::uint64_t SeededRandom::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

void SeededRandom::fill(MutableBytes out) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i % 8 == 0) word = next();
    out[i] = static_cast<std::uint8_t>(word >> (8 * (i % 8)));
  }
}

}  // namespace lucid::core
