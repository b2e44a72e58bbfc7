#pragma once
#include <cstddef>
#include <vector>

#include "core/time.hpp"

namespace lucid::sim {

// When a link may deliver, as Mahimahi records it of real ones: at each of these times, one packet
// of 1,500 bytes, or as many shorter ones as that makes. What is not used is lost. After the last
// time it begins anew.
class Deliveries {
 public:
  static constexpr std::size_t opportunity = 1500;  // bytes

  // How far the opportunities are used up.
  struct Place {
    core::Time round{};  // when the round began
    std::size_t index = 0;
    std::size_t left = opportunity;  // bytes
  };

  // Times since `start`, in order, the last of them after it.
  Deliveries(std::vector<core::Duration> times, core::Time start);

  Place start() const { return {.round = start_}; }
  // When a packet of this size, at the head of the queue since `ready`, has left; and the place
  // after it.
  core::Time leave(Place& place, core::Time ready, std::size_t size) const;

 private:
  void advance(Place& place) const;

  std::vector<core::Duration> times_;
  core::Time start_;
};

}  // namespace lucid::sim
