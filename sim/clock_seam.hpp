#pragma once
#include <chrono>

#include "core/random.hpp"
#include "core/time.hpp"

namespace lucid::sim {

// What virtual time zero is called on the calendar: 2026-01-01T00:00:00Z. Certificates made under
// simulation take their dates from here.
inline constexpr core::WallClock virtual_wall_clock{
    core::WallClock::Microseconds{std::chrono::seconds{1'767'225'600}}};

// Virtual time starts here, so that a machine may look back an hour without meeting zero.
inline constexpr core::Time virtual_start{std::chrono::hours{1}};

// While one lives, the C libraries that read the clock or draw entropy by themselves (OpenSSL above
// all) are served, on this thread, from the given time and generator instead: gettimeofday is
// overridden at link time, OpenSSL's generator by a method of ours. Outside of any scope, and on
// other threads, both behave as usual. Only what drives machines opens scopes: Simulation, World
// and replay; scopes nest.
class VirtualTimeScope {
 public:
  VirtualTimeScope(core::Time now, core::Random& entropy);
  ~VirtualTimeScope();
  VirtualTimeScope(const VirtualTimeScope&) = delete;
  VirtualTimeScope& operator=(const VirtualTimeScope&) = delete;

 private:
  core::Time outer_time_;
  core::Random* outer_entropy_;
};

}  // namespace lucid::sim
