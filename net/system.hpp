#pragma once
#include <array>

#include "core/random.hpp"
#include "core/time.hpp"

// The clocks and the entropy of this machine. Protocols are given their values; nothing below net/
// reads them itself.
namespace lucid::net {

core::Time steady_now();
core::WallClock system_wall_clock();

// The kernel's generator (getrandom), drawn in blocks so that a transaction id costs no system
// call.
class SystemRandom final : public core::Random {
 public:
  void fill(core::MutableBytes out) override;

 private:
  std::array<std::uint8_t, 512> block_;
  std::size_t used_ = block_.size();
};

}  // namespace lucid::net
