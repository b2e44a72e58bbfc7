#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace lucid::sim {

// All chance of a simulation comes from one of these: the same seed, the same run.
enum class Seed : std::uint64_t {};

// SIM_SEED from the environment if it is set, otherwise always the same one.
Seed default_seed();

// For a test that wants many runs: `count` seeds; with SIM_SEED set, that one alone.
std::vector<Seed> seeds(std::size_t count);

// A generator of its own for one part of a simulation, so that what one part draws does not change
// what the others get.
Seed derive(Seed seed, std::uint64_t part);

// The seed of the run made last, for a test to print when it fails; zero before any.
Seed last_seed();
void remember_seed(Seed seed);

}  // namespace lucid::sim
