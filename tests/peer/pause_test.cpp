#include "peer/data_channel.hpp"
#include "tests/peer/live_call.hpp"

// A reader that cannot keep up (RFC 9260 6.2): the window closes, and nothing is lost.
namespace lucid::peer {
namespace {

using namespace std::chrono_literals;

template <class Stage>
struct PausedCall : Stage {
  using Stage::left, Stage::right, Stage::now;
  static constexpr std::size_t message_size = 60'000;

  PausedCall() {
    fast = *left->create_data_channel("fast", now());
    other = *left->create_data_channel("other", now());
    this->negotiate();
    EXPECT_TRUE(this->run_until([&] { return right.template count<events::ChannelOpen>() == 2; }));
    reader = right.template first<events::ChannelOpen>()->channel;
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

template <class Stage>
class Pause : public testing::Test {};
TYPED_TEST_SUITE(Pause, Stages);

TEST(PauseInSim, AReaderStoppedForAMinuteCostsLittleAndLosesNothing) {
  PausedCall<Call> call;
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
    ASSERT_EQ(bytes.size(), PausedCall<Call>::message_size);
    EXPECT_EQ(bytes[0] | bytes[1] << 8, static_cast<int>(expected++));
  }
}

// Nothing in them, yet each is an event that waits.
TEST(PauseInSim, EmptyMessagesFillAPausedChannelToo) {
  constexpr int all = 20'000;
  PausedCall<Call> call;
  call.reader.pause();
  int sent = 0;
  for (int round = 0; round < 40; ++round) {
    for (int i = 0; i < 500; ++i) sent += call.fast.send("", call.now()) ? 1 : 0;
    call.left->next_timeout();
    call.world.run_for(200ms);
  }
  ASSERT_EQ(sent, all);
  const StatsReport report = call.right->get_stats(call.now());
  std::uint64_t received = 0;
  for (const Stats* each : report.of_type("data-channel")) {
    const auto* number = each->find("messagesReceived");
    ASSERT_NE(number, nullptr);
    received += std::get<std::uint64_t>(*number);
  }
  EXPECT_LT(received, 10'000U);
  call.reader.resume(call.now());
  call.right->next_timeout();
  EXPECT_TRUE(
      call.run_until([&] { return call.right.count<events::ChannelMessage>() == all; }, 60s));
}

TYPED_TEST(Pause, OtherChannelsGoOnUntilThereIsTooMuch) {
  PausedCall<TypeParam> call;
  call.reader.pause();
  EXPECT_TRUE(call.fast.send("waits", call.now()));
  EXPECT_TRUE(call.other.send("goes on", call.now()));
  call.left->next_timeout();
  ASSERT_TRUE(call.run_until([&] { return call.right.template saw<events::ChannelMessage>(); }));
  EXPECT_EQ(call.right.template first<events::ChannelMessage>()->message.text(), "goes on");
  EXPECT_EQ(call.right.template count<events::ChannelMessage>(), 1U);
  call.reader.resume(call.now());
  call.right->next_timeout();
  ASSERT_TRUE(
      call.run_until([&] { return call.right.template count<events::ChannelMessage>() == 2; }));
}

TYPED_TEST(Pause, WhatHappensOnAPausedChannelComesInOrder) {
  PausedCall<TypeParam> call;
  call.reader.pause();
  EXPECT_TRUE(call.fast.send("last words", call.now()));
  call.fast.close(call.now());
  call.left->next_timeout();
  call.wait(200ms);
  EXPECT_FALSE(call.right.template saw<events::ChannelClosed>());
  call.reader.resume(call.now());
  call.right->next_timeout();
  ASSERT_TRUE(call.run_until([&] { return call.right.template saw<events::ChannelClosed>(); }));
  EXPECT_TRUE(call.right.template saw<events::ChannelMessage>());
}

}  // namespace
}  // namespace lucid::peer
