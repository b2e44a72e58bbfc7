#pragma once
#include <cstdint>
#include <optional>

#include "core/time.hpp"
#include "ice/checklist.hpp"

namespace lucid::ice {

enum class Nominate : std::uint8_t { no, yes };

// Which pair carries the data (RFC 8445 8). The controlling side asks it whom to nominate and when;
// either side asks it which of the nominated pairs is the selected one.
//
// The priority decides. Among pairs of one kind (relays on the way, transport, metered or not) one
// of a clearly shorter round trip goes first: half as long, and 20 ms less. Once a pair is
// selected, a round trip moves the data only by renomination, and when it was so for 30 s.
class Nomination {
 public:
  explicit Nomination(const Config& config) : config_{config} {}

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
  Pair* better_than(const Pair& current, Pair& best, core::Time now);
  core::Time worth_waiting(const Checklist& checklist, const Pair& pair, core::Time now) const;

  // A pair of a clearly shorter round trip than the selected one's, and since when.
  struct Contender {
    std::uint32_t pair;
    core::Time since;
  };

  const Config& config_;
  std::optional<core::Time> decide_at_;
  std::optional<core::Time> first_valid_;
  std::optional<Contender> contender_;
  std::uint32_t number_ = 0;
};

}  // namespace lucid::ice
