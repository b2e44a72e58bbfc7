#include "peer/data_channel.hpp"
#include "tests/peer/call.hpp"

// A reader that cannot keep up (RFC 9260 6.2): the window closes, and nothing is lost.
namespace lucid::peer {
namespace {

using namespace std::chrono_literals;

struct PausedCall : Call {
  static constexpr std::size_t message_size = 60'000;

  PausedCall() : Call{{.delay = 5ms}} {
    fast = *left->create_data_channel("fast", now());
    other = *left->create_data_channel("other", now());
    negotiate();
    EXPECT_TRUE(run_until([&] { return right.count<events::ChannelOpen>() == 2; }));
    reader = right.first<events::ChannelOpen>()->channel;
    if (reader.label() != "fast") reader = right_channel("fast");
  }
  DataChannel right_channel(std::string_view label) const {
    for (const auto& [time, event] : right.events) {
      const auto* open = std::get_if<events::ChannelOpen>(&event);
      if (open != nullptr && open->channel.label() == label) return open->channel;
    }
    return {};
  }
  // Sends as long as the channel takes more; each message begins with its number.
  void press() {
    std::vector<std::uint8_t> message(message_size);
    while (fast.buffered_amount() < 8'000'000) {
      message[0] = static_cast<std::uint8_t>(sent);
      message[1] = static_cast<std::uint8_t>(sent >> 8);
      if (!fast.send(core::Bytes{message}, now())) break;
      ++sent;
    }
    left->next_timeout();
  }
  std::size_t left_the_sender() const { return sent * message_size - fast.buffered_amount(); }

  DataChannel fast;
  DataChannel other;
  DataChannel reader;
  std::size_t sent = 0;
};

TEST(Pause, AReaderStoppedForAMinuteCostsLittleAndLosesNothing) {
  PausedCall call;
  call.reader.pause();
  for (int second = 0; second < 60; ++second) {
    call.press();
    call.world.run_for(1s);
  }
  EXPECT_EQ(call.right.count<events::ChannelMessage>(), 0U);
  EXPECT_TRUE(call.reader.paused());
  EXPECT_GT(call.left_the_sender(), 1'000'000U);
  EXPECT_LT(call.left_the_sender(), 10U << 20);
  call.reader.resume(call.now());
  call.right->next_timeout();
  ASSERT_TRUE(
      call.run_until([&] { return call.right.count<events::ChannelMessage>() == call.sent; }, 60s));
  std::size_t expected = 0;
  for (const auto& [time, event] : call.right.events) {
    const auto* message = std::get_if<events::ChannelMessage>(&event);
    if (message == nullptr) continue;
    const core::Bytes bytes{message->message.data};
    ASSERT_EQ(bytes.size(), PausedCall::message_size);
    EXPECT_EQ(bytes[0] | bytes[1] << 8, static_cast<int>(expected++));
  }
}

TEST(Pause, OtherChannelsGoOnUntilThereIsTooMuch) {
  PausedCall call;
  call.reader.pause();
  EXPECT_TRUE(call.fast.send("waits", call.now()));
  EXPECT_TRUE(call.other.send("goes on", call.now()));
  call.left->next_timeout();
  ASSERT_TRUE(call.run_until([&] { return call.right.saw<events::ChannelMessage>(); }));
  EXPECT_EQ(call.right.first<events::ChannelMessage>()->message.text(), "goes on");
  EXPECT_EQ(call.right.count<events::ChannelMessage>(), 1U);
  call.reader.resume(call.now());
  call.right->next_timeout();
  ASSERT_TRUE(call.run_until([&] { return call.right.count<events::ChannelMessage>() == 2; }));
}

TEST(Pause, WhatHappensOnAPausedChannelComesInOrder) {
  PausedCall call;
  call.reader.pause();
  EXPECT_TRUE(call.fast.send("last words", call.now()));
  call.fast.close(call.now());
  call.left->next_timeout();
  call.world.run_for(1s);
  EXPECT_FALSE(call.right.saw<events::ChannelClosed>());
  call.reader.resume(call.now());
  call.right->next_timeout();
  ASSERT_TRUE(call.run_until([&] { return call.right.saw<events::ChannelClosed>(); }));
  EXPECT_TRUE(call.right.saw<events::ChannelMessage>());
}

}  // namespace
}  // namespace lucid::peer
