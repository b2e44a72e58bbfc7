#pragma once
#include <list>
#include <optional>
#include <vector>

#include "net/detail/watch.hpp"
#include "net/interfaces.hpp"

namespace lucid::net::detail {

// Hears of changes by netlink and tells the watches of its loop.
class InterfaceMonitor final : Watch::Handler {
 public:
  explicit InterfaceMonitor(Loop& loop);

  std::list<InterfaceWatch::Changed> watches;
  const std::vector<core::Interface>& list() const { return list_; }

 private:
  void readable() override;

  std::vector<core::Interface> list_;
  std::optional<Watch> watch_;  // none where the system has no netlink: the list stays
};

}  // namespace lucid::net::detail
