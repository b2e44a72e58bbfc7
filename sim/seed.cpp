#include "sim/seed.hpp"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>

namespace lucid::sim {

namespace {

thread_local Seed last{};

std::optional<Seed> seed_from_environment() {
  const char* text = std::getenv("SIM_SEED");
  if (text == nullptr) return std::nullopt;
  std::uint64_t value = 0;
  const char* end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return Seed{value};
}

}  // namespace

Seed default_seed() { return seed_from_environment().value_or(Seed{1}); }

std::vector<Seed> seeds(std::size_t count) {
  if (const auto seed = seed_from_environment()) return {*seed};
  std::vector<Seed> all;
  for (std::size_t i = 1; i <= count; ++i) all.push_back(Seed{i});
  return all;
}

Seed derive(Seed seed, std::uint64_t part) {
  // SplitMix64's step: neighbouring seeds and parts give unrelated generators.
  std::uint64_t mixed = static_cast<std::uint64_t>(seed) + (part + 1) * 0x9E3779B97F4A7C15;
  mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9;
  mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
  return Seed{mixed ^ mixed >> 31};
}

Seed last_seed() { return last; }
void remember_seed(Seed seed) { last = seed; }

}  // namespace lucid::sim
