#include "core/queue.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace lucid::core {
namespace {

TEST(Queue, GivesBackInOrderWhateverTheMixOfPushesAndPops) {
  Queue<std::unique_ptr<int>> queue;
  int pushed = 0;
  int popped = 0;
  for (int round = 0; round < 100; ++round) {
    for (int i = 0; i <= round % 7; ++i) queue.push_back(std::make_unique<int>(pushed++));
    for (int i = 0; i < 3; ++i) {
      const auto item = queue.pop();
      if (!item) break;
      EXPECT_EQ(**item, popped++);
    }
    EXPECT_EQ(queue.size(), static_cast<std::size_t>(pushed - popped));
  }
  while (const auto item = queue.pop()) EXPECT_EQ(**item, popped++);
  EXPECT_EQ(popped, pushed);
  EXPECT_TRUE(queue.empty());
}

TEST(Queue, ForgetsWhatAPredicateNames) {
  Queue<int> queue;
  for (int i = 0; i < 10; ++i) queue.push_back(i);
  queue.pop_front();
  queue.erase_if([](int item) { return item % 2 == 0; });
  EXPECT_EQ(std::vector<int>(queue.begin(), queue.end()), (std::vector{1, 3, 5, 7, 9}));
}

}  // namespace
}  // namespace lucid::core
