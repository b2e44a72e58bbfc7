#pragma once
#include <cstdint>
#include <optional>

#include "core/time.hpp"
#include "ice/checklist.hpp"

namespace lucid::ice {

enum class Nominate : std::uint8_t { no, yes };

// Which pair carries the data (RFC 8445 8). The controlling side asks it whom to nominate and when;
// either side asks it which of the nominated pairs is the selected one.
class Nomination {
 public:
  // The pair that the controlling agent should nominate now; null when there is none yet, when the
  // selected one is as good, or when a better pair deserves a little more time.
  Pair* due(const Checklist& checklist, core::Time now);
  // When to ask again.
  std::optional<core::Time> next_timeout() const { return decide_at_; }

  // The best of the nominated pairs. One that does not answer gives way to one that does.
  Pair* selected(const Checklist& checklist) const;
  // What to send on: the selected pair while it answers, else the best of those that work.
  Pair* best(const Checklist& checklist) const;

  std::uint32_t next_number() { return ++number_; }

 private:
  core::Time worth_waiting(const Checklist& checklist, const Pair& pair, core::Time now) const;

  std::optional<core::Time> decide_at_;
  std::optional<core::Time> first_valid_;
  std::uint32_t number_ = 0;
};

}  // namespace lucid::ice
