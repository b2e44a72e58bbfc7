#pragma once
#include <cstddef>
#include <memory>
#include <vector>

#include "core/random.hpp"
#include "ice/pair.hpp"

namespace lucid::ice {

// The check list of one generation (RFC 8445 6.1.2): its pairs, in what order they are checked, and
// which of them give way when there are too many.
//
//              +--------+  its turn, or one of its foundation works   +---------+
//   formed --> | frozen | ------------------------------------------> | waiting |
//              +--------+                                             +---------+
//                                                                          | check sent
//   +--------+   no answer, or an error   +-------------+                  |
//   | failed | <------------------------- | in progress | <----------------+
//   +--------+                            +-------------+
//        ^                                       | answered
//        +---- consent expired ---- succeeded <--+
class Checklist {
 public:
  // RFC 8445 6.1.2.5 suggests 100; sixteen candidates a side make 256.
  static constexpr std::size_t limit = 256;

  struct Added {
    Pair* pair;                     // null when there is no room for one of its priority
    std::unique_ptr<Pair> evicted;  // what gave way to it
  };
  Added add(core::Path path, const Local& local, const Candidate& remote, Role role);
  Pair* find(const core::Path& path) const;
  Pair* find(std::uint32_t id) const;
  Pair* find(core::StreamId stream) const;

  // The pair whose turn it is: waiting before frozen, the higher priority first, and none below
  // `floor`.
  Pair* next(std::uint64_t floor) const;
  // RFC 8445 7.2.5.3.3
  void unfreeze(const Pair& like);
  // After a change of role.
  void reprioritise(Role role);

  // Frozen, waiting or in progress, and not below `floor`.
  std::size_t open(std::uint64_t floor) const;
  const std::vector<std::unique_ptr<Pair>>& pairs() const { return pairs_; }
  void clear() { pairs_.clear(); }

 private:
  std::unique_ptr<Pair> make_room(std::uint64_t priority);
  bool foundation_is_open(const Pair& like) const;

  std::vector<std::unique_ptr<Pair>> pairs_;
  std::uint32_t next_id_ = 1;
};

}  // namespace lucid::ice
