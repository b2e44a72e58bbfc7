#pragma once
#include <functional>
#include <list>
#include <span>
#include <vector>

#include "core/effects.hpp"
#include "net/loop.hpp"

namespace lucid::net {

// The addresses of this host's interfaces that are up, as the kernel tells now (RTM_GETADDR):
// loopback included, tentative and deprecated IPv6 addresses not.
std::vector<core::Interface> interfaces();

// Calls back after each change of the above, while it lives. All watches of a loop share one
// socket.
class InterfaceWatch {
 public:
  using Changed = std::move_only_function<void(std::span<const core::Interface>)>;

  InterfaceWatch(Loop& loop, Changed changed);
  ~InterfaceWatch();
  InterfaceWatch(const InterfaceWatch&) = delete;
  InterfaceWatch& operator=(const InterfaceWatch&) = delete;

  // As of the last change.
  std::span<const core::Interface> current() const;

 private:
  Loop& loop_;
  std::list<Changed>::iterator entry_;
};

}  // namespace lucid::net
