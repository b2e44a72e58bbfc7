#include "ice/checklist.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace lucid::ice {
namespace {

Candidate candidate(std::string_view address, std::uint32_t priority,
                    std::string foundation = "1") {
  Candidate made;
  made.address = *core::Address::parse(address);
  made.priority = priority;
  made.foundation = std::move(foundation);
  return made;
}

struct List {
  Local local{candidate("192.0.2.1:5000", 100), *core::Address::parse("192.0.2.1:5000"), 0};
  std::deque<Candidate> remotes;
  Checklist checklist;
  std::uint64_t evicted = 0;

  Pair* add(std::uint32_t priority, std::string foundation) {
    const std::string address = "198.51.100.1:" + std::to_string(1000 + remotes.size());
    const Candidate& remote =
        remotes.emplace_back(candidate(address, priority, std::move(foundation)));
    const Checklist::Added added = checklist.add({core::Transport::udp, local.base, remote.address},
                                                 local, remote, Role::controlling);
    if (added.evicted) ++evicted;
    return added.pair;
  }
};

// RFC 8445 6.1.2.6
TEST(Checklist, OfEachFoundationTheFirstPairWaitsAndTheRestAreFrozen) {
  List list;
  EXPECT_EQ(list.add(1, "a")->state, PairState::waiting);
  EXPECT_EQ(list.add(2, "a")->state, PairState::frozen);
  EXPECT_EQ(list.add(3, "b")->state, PairState::waiting);
}

// RFC 8445 7.2.5.3.3
TEST(Checklist, ASuccessUnfreezesItsFoundation) {
  List list;
  Pair* first = list.add(1, "a");
  Pair* second = list.add(2, "a");
  list.checklist.unfreeze(*first);
  EXPECT_EQ(second->state, PairState::waiting);
}

// RFC 8445 6.1.4.2
TEST(Checklist, WaitingPairsGoBeforeFrozenOnesAndHigherPrioritiesFirst) {
  List list;
  list.add(5, "a");
  list.add(9, "a");
  list.add(7, "b");
  std::vector<std::uint32_t> order;
  while (Pair* pair = list.checklist.next(0)) {
    order.push_back(pair->remote->priority);
    pair->state = PairState::in_progress;
  }
  EXPECT_EQ(order, (std::vector<std::uint32_t>{7, 5, 9}));
}

// RFC 8445 6.1.2.5
TEST(Checklist, GivesUpTheLongestFailedThenTheLowestPriority) {
  List list;
  for (std::uint32_t i = 0; i < Checklist::limit; ++i) list.add(1000 + i, std::to_string(i));
  const auto& pairs = list.checklist.pairs();
  pairs[5]->state = pairs[9]->state = PairState::failed;
  pairs[5]->failed_at = core::Time{std::chrono::seconds{2}};
  pairs[9]->failed_at = core::Time{std::chrono::seconds{1}};
  const std::uint32_t longest_failed = pairs[9]->id;
  const std::uint32_t lowest = pairs[0]->id;
  ASSERT_TRUE(list.add(500, "x"));
  EXPECT_FALSE(list.checklist.find(longest_failed));
  ASSERT_TRUE(list.add(5000, "y"));  // the other failed one goes
  EXPECT_FALSE(list.add(400, "z"));  // worth less than all that are there
  ASSERT_TRUE(list.add(6000, "z"));  // the one of priority 500 goes
  ASSERT_TRUE(list.add(7000, "w"));
  EXPECT_FALSE(list.checklist.find(lowest));
  EXPECT_EQ(pairs.size(), Checklist::limit);
  EXPECT_EQ(list.evicted, 4U);
}

// RFC 8445 6.1.2.3
TEST(Checklist, AChangeOfRoleTurnsThePrioritiesRound) {
  List list;
  Pair* pair = list.add(7, "a");
  const std::uint64_t before = pair->priority;
  list.checklist.reprioritise(Role::controlled);
  EXPECT_EQ(pair->priority, before - 1);
}

}  // namespace
}  // namespace lucid::ice
