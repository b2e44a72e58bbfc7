#pragma once
#include <cstddef>
#include <cstdint>

#include "core/time.hpp"

namespace lucid::sim {

// What happens in front of a link that is slower than what is sent over it.
struct Queue {
  enum class Discipline : std::uint8_t {
    drop_tail,  // refuse what does not fit
    codel,      // RFC 8289: drop from the head while packets have waited too long
  };
  Discipline discipline = Discipline::drop_tail;
  std::size_t limit = std::size_t{128} * 1024;  // bytes waiting
  // Packets that say they can be marked (RFC 3168) and waited longer than this leave as "congestion
  // experienced"; zero: never. CoDel marks in place of dropping when this is set.
  core::Duration mark_after{};
};

// One direction of a link. Without a word it is perfect: nothing lost, no delay, any rate.
struct Link {
  core::Duration delay{};   // one way
  core::Duration jitter{};  // up to this much more, evenly; keeps the order
  double loss = 0;          // the share that is lost
  // Mean length of a run of losses (Gilbert-Elliott), longer where `loss` asks for it; 1: each
  // packet for itself.
  double burst = 1;
  double reorder = 0;  // the share that is held back for `reorder_delay` and overtaken
  core::Duration reorder_delay{std::chrono::milliseconds{10}};
  double duplicate = 0;    // the share that arrives twice
  std::size_t mtu = 0;     // the largest IP packet, headers counted; 0: any
  std::uint64_t rate = 0;  // bit/s; 0: any
  Queue queue{};
};

}  // namespace lucid::sim
