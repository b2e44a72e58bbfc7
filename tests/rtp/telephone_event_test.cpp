#include "rtp/payload/telephone_event.hpp"

#include <gtest/gtest.h>

namespace lucid::rtp {
namespace {

using namespace std::chrono_literals;

// RFC 4733 2.3
TEST(TelephoneEvent, RoundTrips) {
  const TelephoneEvent event{.event = 11, .end = true, .volume = 33, .duration = 0x1234};
  EXPECT_EQ(core::to_hex(event.bytes()), "0ba11234");
  EXPECT_EQ(TelephoneEvent::parse(event.bytes()), event);
  EXPECT_FALSE(TelephoneEvent::parse(*core::from_hex("0ba112")));
}

TEST(TelephoneEvent, KeysHaveNumbers) {
  EXPECT_EQ(telephone_event_of('#'), 11);
  EXPECT_EQ(telephone_event_of('7'), 7);
  EXPECT_FALSE(telephone_event_of('x'));
  EXPECT_EQ(key_of(12), 'A');
  EXPECT_FALSE(key_of(16));
}

// RFC 4733 2.5.1.2, RFC 4733 2.5.1.4
TEST(TelephoneEventSender, GrowsAndSaysTheEndThreeTimes) {
  TelephoneEventSender sender;
  sender.press(5, 120ms, 1000, core::Time{1s});
  std::vector<TelephoneEvent> sent;
  std::vector<core::Time> times;
  while (const auto at = sender.next_timeout()) {
    EXPECT_FALSE(sender.next(*at - 1us));
    const auto packet = sender.next(*at);
    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->timestamp, 1000U);
    EXPECT_EQ(packet->marker, sent.empty());
    sent.push_back(*TelephoneEvent::parse(packet->payload));
    times.push_back(*at);
  }
  ASSERT_EQ(sent.size(), 6U);
  EXPECT_EQ(sent[0].duration, 400);
  EXPECT_EQ(sent[1].duration, 800);
  EXPECT_EQ(sent[2].duration, 960);
  for (std::size_t i = 3; i < 6; ++i) {
    EXPECT_TRUE(sent[i].end);
    EXPECT_EQ(sent[i].duration, 960);
    EXPECT_EQ(times[i], core::Time{1s + 120ms});
  }
}

// RFC 4733 2.5.2.2
TEST(TelephoneEventReceiver, HearsEachKeyOnce) {
  TelephoneEventReceiver receiver;
  const TelephoneEvent five{.event = 5, .duration = 400};
  EXPECT_EQ(receiver.received(five.bytes(), 0xFFFFFF00), five);
  EXPECT_FALSE(receiver.received(five.bytes(), 0xFFFFFF00));
  EXPECT_TRUE(receiver.received(five.bytes(), 100));
  EXPECT_FALSE(receiver.received(five.bytes(), 0xFFFFFF00));
  EXPECT_FALSE(receiver.received(*core::from_hex("05"), 200));
}

}  // namespace
}  // namespace lucid::rtp
