#include "core/buffer.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <thread>
#include <vector>

namespace lucid::core {
namespace {

TEST(Buffer, GrowsAtBothEndsWithoutMovingItsBytes) {
  Pool pool;
  Buffer buffer = pool.copy(as_bytes("payload"));
  const std::uint8_t* const payload = buffer.data();
  buffer.prepend(4)[0] = 'h';
  buffer.append(10)[9] = 't';
  EXPECT_EQ(buffer.size(), 21U);
  EXPECT_EQ(buffer.data() + 4, payload);
  EXPECT_EQ(as_text(buffer.bytes().subspan(4, 7)), "payload");
  EXPECT_EQ(buffer.data()[0], 'h');
  EXPECT_EQ(buffer.data()[20], 't');
  EXPECT_GE(buffer.head_room(), default_head_room - 4);
}

TEST(Buffer, DropsAtBothEndsAndTakesItBack) {
  Pool pool;
  Buffer buffer = pool.copy(as_bytes("abcdef"));
  buffer.drop_front(2);
  buffer.drop_back(1);
  EXPECT_EQ(as_text(buffer), "cde");
  buffer.prepend(2);
  buffer.resize(6);
  EXPECT_EQ(as_text(buffer), "abcdef");
}

TEST(Buffer, AMovedOneIsEmptyAndReusable) {
  Pool pool;
  Buffer a = pool.copy(as_bytes("abc"));
  Buffer b = std::move(a);
  EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(a.tail_room(), 0U);
  a = pool.copy(as_bytes("def"));
  b = std::move(a);
  EXPECT_EQ(as_text(b), "def");
}

TEST(BufferDeathTest, GrowingBeyondTheRoomStopsTheProgram) {
  Pool pool;
  Buffer buffer = pool.take(10, 4, 4);
  EXPECT_DEATH(buffer.prepend(5), "buffer.hpp");
  EXPECT_DEATH(buffer.append(Pool::slab_size), "buffer.hpp");
  EXPECT_DEATH(buffer.drop_front(11), "buffer.hpp");
}

TEST(Pool, AllocatesNothingInTheSteadyState) {
  Pool pool;
  for (int i = 0; i < 1000; ++i) pool.take(1200);
  EXPECT_EQ(pool.allocations(), 1U);
}

TEST(Pool, GivesRoomAsAskedToBuffersOfAnySize) {
  Pool pool;
  for (const std::size_t size : {0UL, 1UL, 1500UL, 2000UL, 65'535UL}) {
    const Buffer buffer = pool.take(size, 100, 32);
    EXPECT_EQ(buffer.size(), size);
    EXPECT_GE(buffer.head_room(), 100U);
    EXPECT_GE(buffer.tail_room(), 32U);
  }
}

TEST(Pool, BuffersOutliveIt) {
  Buffer buffer;
  {
    Pool pool;
    buffer = pool.copy(as_bytes("still here"));
  }
  EXPECT_EQ(as_text(buffer), "still here");
}

TEST(Pool, BuffersReturnFromOtherThreadsAndAreUsedAgain) {
  constexpr int rounds = 200;
  constexpr std::size_t threads = 4;
  Pool pool;
  for (int round = 0; round < rounds; ++round) {
    std::vector<std::thread> returners;
    for (std::size_t i = 0; i < threads; ++i) {
      std::vector<Buffer> batch;
      for (int k = 0; k < 8; ++k) batch.push_back(pool.take(100));
      returners.emplace_back([taken = std::move(batch)]() mutable { taken.clear(); });
    }
    for (std::thread& thread : returners) thread.join();
  }
  // Every buffer has come back before the next round takes any.
  EXPECT_LE(pool.allocations(), threads * 8);
}

TEST(Pool, TheLastBufferMayReturnFromAnotherThread) {
  auto pool = std::make_unique<Pool>();
  std::vector<Buffer> taken;
  for (int i = 0; i < 16; ++i) taken.push_back(pool->take(100));
  std::thread returner{[buffers = std::move(taken)]() mutable { buffers.clear(); }};
  pool.reset();
  returner.join();
}

}  // namespace
}  // namespace lucid::core
