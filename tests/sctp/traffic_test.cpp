#include "sctp/detail/traffic.hpp"

#include <gtest/gtest.h>

namespace lucid::sctp::detail {
namespace {

// RFC 9260 3.1, 3.2, 3.3.1: header, DATA of five bytes (padded) on stream 9, SACK.
const std::vector<std::uint8_t> packet =
    core::from_hex(
        "1388 1388 00000001 00000000"
        "00 03 0015 00000064 0009 0000 00000033 68656c6c6f 000000"
        "03 00 0010 00000063 00010000 0000 0000")
        .value();

// RFC 9260 3.2
TEST(Traffic, TakesPaddedChunksApart) {
  Chunks chunks{packet};
  const auto data = chunks.next();
  ASSERT_TRUE(data);
  EXPECT_EQ(data->type, 0);
  EXPECT_EQ(data->value.size(), 17U);
  EXPECT_EQ(chunks.next()->type, 3);
  EXPECT_FALSE(chunks.next());
  EXPECT_FALSE(chunks.malformed());
}

TEST(Traffic, StopsAtALengthThatCannotBe) {
  auto bad = packet;
  bad[15] = 3;
  Chunks short_one{bad};
  EXPECT_FALSE(short_one.next());
  EXPECT_TRUE(short_one.malformed());
  bad[15] = 0xFF;
  Chunks long_one{bad};
  EXPECT_FALSE(long_one.next());
  EXPECT_TRUE(long_one.malformed());
}

// RFC 9260 3.3.1
TEST(Traffic, CountsDataOnceHoweverOftenItIsSent) {
  Traffic traffic;
  std::size_t sent = 0;
  for (int i = 0; i < 3; ++i) {
    traffic.outgoing(
        packet,
        [&](const FirstSent& first) {
          EXPECT_EQ(first.stream, StreamId{9});
          sent += first.bytes;
        },
        [](const Chunk&) { ADD_FAILURE() << "no FORWARD TSN"; });
  }
  EXPECT_EQ(sent, 5U);
  EXPECT_EQ(traffic.retransmitted(), 2U);
  EXPECT_FALSE(traffic.all_acknowledged());
  auto answer = packet;
  answer[43] = 0x64;  // the cumulative TSN ack
  EXPECT_TRUE(traffic.incoming(answer));
  EXPECT_TRUE(traffic.all_acknowledged());
}

}  // namespace
}  // namespace lucid::sctp::detail
