#pragma once
#include <algorithm>

#include "core/time.hpp"

namespace lucid::signaling {

// A bucket that fills at a steady rate; each message takes its weight out of it.
class Allowance {
 public:
  Allowance(double a_second, core::Time now)
      : a_second_{a_second}, left_{a_second * burst}, at_{now} {}

  bool take(core::Time now, double weight = 1) {
    left_ = std::min(a_second_ * burst,
                     left_ + a_second_ * static_cast<double>((now - at_).count()) / 1e6);
    at_ = now;
    if (left_ < weight) return false;
    left_ -= weight;
    return true;
  }

 private:
  static constexpr double burst = 20;

  double a_second_;
  double left_;
  core::Time at_;
};

}  // namespace lucid::signaling
