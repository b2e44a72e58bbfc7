#include "sctp/dcep.hpp"

#include <gtest/gtest.h>

namespace lucid::sctp::dcep {
namespace {

std::vector<std::uint8_t> bytes_of(std::string_view hex) { return core::from_hex(hex).value(); }

// RFC 8832 5.1: laid out by hand.
TEST(Dcep, ReadsAnOpenMessage) {
  const auto parsed = parse(bytes_of("03 81 0100 00000005 0004 0003 63686174 697263"));
  ASSERT_TRUE(parsed);
  const Open expected{Order::unordered, MaxRetransmits{5}, 256, "chat", "irc"};
  EXPECT_EQ(std::get<Open>(*parsed), expected);
  EXPECT_EQ(serialize(expected), bytes_of("03 81 0100 00000005 0004 0003 63686174 697263"));
}

// RFC 8832 5.2
TEST(Dcep, ReadsAnAck) {
  EXPECT_EQ(parse(bytes_of("02")), Message{Ack{}});
  EXPECT_EQ(serialize(Ack{}), bytes_of("02"));
}

// RFC 8832 8.2.2
TEST(Dcep, KnowsAllChannelTypes) {
  const std::vector<Reliability> all{Reliable{}, MaxRetransmits{0}, MaxRetransmits{65'535},
                                     MaxLifetime{1'500}};
  for (const Order order : {Order::ordered, Order::unordered}) {
    for (const Reliability& reliability : all) {
      const Open open{order, reliability, 1'024, "l", ""};
      const auto again = parse(serialize(open));
      ASSERT_TRUE(again);
      EXPECT_EQ(std::get<Open>(*again), open);
    }
  }
  EXPECT_EQ(parse(bytes_of("03 03 0000 00000000 0000 0000")).error(),
            ParseError::unknown_channel_type);
}

// RFC 8832 5.1: a reliable channel's parameter is ignored, and ours is zero.
TEST(Dcep, IgnoresTheParameterOfAReliableChannel) {
  const auto parsed = parse(bytes_of("03 00 0000 ffffffff 0000 0000"));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(std::get<Open>(*parsed).reliability, Reliability{Reliable{}});
}

TEST(Dcep, EveryTruncationIsRefused) {
  const auto whole = bytes_of("03 81 0100 00000005 0004 0003 63686174 697263");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(parse(core::Bytes{whole}.first(size)).error(), ParseError::truncated) << size;
  }
}

TEST(Dcep, BytesBehindTheEndAreRefused) {
  EXPECT_EQ(parse(bytes_of("02 00")).error(), ParseError::trailing_bytes);
  EXPECT_EQ(parse(bytes_of("03 00 0000 00000000 0000 0000 00")).error(),
            ParseError::trailing_bytes);
  EXPECT_EQ(parse(bytes_of("04")).error(), ParseError::unknown_message);
}

}  // namespace
}  // namespace lucid::sctp::dcep
