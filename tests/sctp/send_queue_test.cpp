#include "sctp/detail/send_queue.hpp"

#include <gtest/gtest.h>

namespace lucid::sctp::detail {
namespace {

SendQueue::Message message(std::uint16_t stream, std::size_t size) {
  return {
      {StreamId{stream}, PayloadProtocol::binary}, std::vector<std::uint8_t>(size), {}, 0, false};
}

std::uint16_t next_stream(SendQueue& queue) {
  return static_cast<std::uint16_t>(queue.next()->how.stream);
}

// RFC 8260 3.6: weights share what there is.
TEST(SendQueue, SharesByWeight) {
  SendQueue queue;
  for (int i = 0; i < 100; ++i) {
    queue.push(message(1, 1'000), 256);
    queue.push(message(2, 1'000), 1'024);
  }
  int first = 0;
  for (int i = 0; i < 50; ++i) {
    first += next_stream(queue) == 1 ? 1 : 0;
    queue.taken(1'000);
  }
  EXPECT_EQ(first, 10);
}

// RFC 9260 6.9: fragments of a message have consecutive TSNs.
TEST(SendQueue, FinishesAMessageOnceBegun) {
  SendQueue queue;
  queue.push(message(1, 3'000), 128);
  queue.push(message(2, 10), 1'024);
  EXPECT_EQ(next_stream(queue), 1);
  EXPECT_FALSE(queue.taken(1'000));
  EXPECT_EQ(next_stream(queue), 1);
  EXPECT_FALSE(queue.taken(1'000));
  EXPECT_TRUE(queue.taken(1'000));
  EXPECT_EQ(next_stream(queue), 2);
}

TEST(SendQueue, DropsWhatIsNotBegun) {
  SendQueue queue;
  queue.push(message(1, 3'000), 256);
  queue.push(message(1, 500), 256);
  queue.next();
  queue.taken(1'000);
  EXPECT_EQ(queue.drop(StreamId{1}), 500U);
  EXPECT_TRUE(queue.holds(StreamId{1}));
  queue.next();
  EXPECT_TRUE(queue.taken(2'000));
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.overhead(), 0U);
}

TEST(SendQueue, AStreamThatComesLateDoesNotCatchUp) {
  SendQueue queue;
  for (int i = 0; i < 10; ++i) queue.push(message(1, 1'000), 256);
  for (int i = 0; i < 5; ++i) {
    queue.next();
    queue.taken(1'000);
  }
  for (int i = 0; i < 10; ++i) queue.push(message(2, 1'000), 256);
  int late = 0;
  for (int i = 0; i < 6; ++i) {
    late += next_stream(queue) == 2 ? 1 : 0;
    queue.taken(1'000);
  }
  EXPECT_LE(late, 4);
}

}  // namespace
}  // namespace lucid::sctp::detail
