#include "net/system.hpp"

#include <sys/random.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "core/check.hpp"

namespace lucid::net {

namespace {

void fill_from_kernel(core::MutableBytes out) {
  while (!out.empty()) {
    const ssize_t count = getrandom(out.data(), out.size(), 0);
    core::check(count > 0 || errno == EINTR);
    if (count > 0) out = out.subspan(static_cast<std::size_t>(count));
  }
}

}  // namespace

core::Time steady_now() {
  const auto since_boot = std::chrono::steady_clock::now().time_since_epoch();
  return core::Time{std::chrono::duration_cast<core::Duration>(since_boot)};
}

core::WallClock system_wall_clock() {
  using Microseconds = core::WallClock::Microseconds;
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  return core::WallClock{std::chrono::duration_cast<Microseconds>(wall) -
                         steady_now().time_since_epoch()};
}

void SystemRandom::fill(core::MutableBytes out) {
  if (out.size() > block_.size() / 2) return fill_from_kernel(out);
  if (out.size() > block_.size() - used_) {
    fill_from_kernel(block_);
    used_ = 0;
  }
  const core::MutableBytes drawn = core::MutableBytes{block_}.subspan(used_, out.size());
  std::ranges::copy(drawn, out.begin());
  std::ranges::fill(drawn, std::uint8_t{0});  // what was handed out is not kept
  used_ += out.size();
}

}  // namespace lucid::net
