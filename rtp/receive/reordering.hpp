#pragma once
#include <algorithm>
#include <array>
#include <cstddef>

namespace lucid::rtp {

// How late packets come that were overtaken and not lost, in one measure (time, or packets that
// went by), and how long it is worth waiting for them: as short as leaves no more than one packet
// in two hundred that would come by itself a moment later.
class Reordering {
 public:
  static constexpr std::size_t buckets = 100;

  void packet() {
    if (++packets_ < fading) return;
    packets_ /= 2;
    for (float& count : late_) count /= 2;
    plan();
  }
  void late(std::size_t bucket) {
    late_[bucket] += 1;
    plan();
  }
  // The first bucket that is not waited for; zero: nothing is.
  std::size_t wait() const { return wait_; }

 private:
  static constexpr std::size_t fading = 2048;  // half of what was learned, every so many packets
  static constexpr float one_in = 200;

  void plan() {
    const auto allowed = static_cast<float>(packets_) / one_in;
    float rest = 0;
    wait_ = buckets;
    while (wait_ > 0 && rest + late_[wait_ - 1] <= allowed) rest += late_[--wait_];
  }

  std::array<float, buckets> late_{};
  std::size_t packets_ = 0;
  std::size_t wait_ = 0;
};

}  // namespace lucid::rtp
