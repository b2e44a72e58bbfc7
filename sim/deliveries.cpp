#include "sim/deliveries.hpp"

#include <algorithm>
#include <utility>

#include "core/check.hpp"

namespace lucid::sim {

Deliveries::Deliveries(std::vector<core::Duration> times, core::Time start)
    : times_{std::move(times)}, start_{start} {
  core::check(!times_.empty() && std::ranges::is_sorted(times_) &&
              times_.back() > core::Duration::zero());
}

void Deliveries::advance(Place& place) const {
  place.left = opportunity;
  if (++place.index < times_.size()) return;
  place.index = 0;
  place.round += times_.back();
}

core::Time Deliveries::leave(Place& place, core::Time ready, std::size_t size) const {
  const core::Duration idle = ready - place.round;
  if (idle > times_.back()) {  // whole rounds at once
    place = {.round = place.round + idle / times_.back() * times_.back()};
  }
  while (place.round + times_[place.index] < ready) advance(place);
  for (; size > place.left; advance(place)) size -= place.left;
  place.left -= size;
  return place.round + times_[place.index];
}

}  // namespace lucid::sim
