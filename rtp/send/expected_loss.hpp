#pragma once
#include <algorithm>
#include <array>
#include <cstdint>

#include "rtp/rtcp/report.hpp"

namespace lucid::rtp {

// How much loss an encoder is to reckon with, out of what reception reports tell (RFC 3550 6.4.1):
// quick to rise, slow to fall, and in steps, so that it does not follow each report up and down.
class ExpectedLoss {
 public:
  static constexpr std::array<std::uint8_t, 6> steps{0, 1, 3, 6, 12, 25};  // percent

  void reported(const rtcp::ReportBlock& block) {
    // A few packets tell little.
    const std::uint32_t packets = block.highest_sequence - highest_;
    const double weight = begun_ ? std::min(1.0, packets / enough_packets) : 1.0;
    highest_ = block.highest_sequence;
    begun_ = true;
    const double percent = block.fraction_lost * 100 / 256.0;
    smoothed_ += (percent - smoothed_) * weight * (percent > smoothed_ ? rise : fall);
    while (step_ + 1 < steps.size() && smoothed_ >= steps[step_ + 1]) ++step_;
    while (step_ > 0 && smoothed_ < steps[step_] * leave_below) --step_;
  }
  std::uint8_t percent() const { return steps[step_]; }

 private:
  static constexpr double enough_packets = 50;  // a second of sound
  static constexpr double rise = 0.5;
  static constexpr double fall = 0.2;
  static constexpr double leave_below = 0.7;  // of the step

  std::uint32_t highest_ = 0;
  bool begun_ = false;
  double smoothed_ = 0;
  std::size_t step_ = 0;
};

}  // namespace lucid::rtp
