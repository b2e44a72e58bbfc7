// Backpressure both ways: what waits to be sent, and what waits to be read.
#include "channel_pair.hpp"

namespace lucid::sctp {
namespace {

using namespace std::chrono_literals;
using sim::Link;
using Message = DataChannels::Message;
using Low = DataChannels::BufferedAmountLow;

TEST(Flow, BufferedAmountFallsAsBytesLeaveAndSaysSoOnce) {
  ChannelPair sim{Link{.delay = 20ms, .rate = 8'000'000}};
  sim.connect();
  ChannelId left{};
  sim.open_through({}, left);
  sim.left->set_low_threshold(left, 100'000);
  const std::string text(250'000, 'b');
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(sim.left->send(left, MessageKind::string, core::as_bytes(text), sim.now()));
  }
  const std::size_t at_first = sim.left.machine.buffered_amount(left);
  EXPECT_GT(at_first, 900'000U);
  EXPECT_LT(at_first, 1'000'000U);  // the first window has left already
  ASSERT_TRUE(sim.run_until([&] { return sim.left.saw<Low>(); }, 5s));
  EXPECT_LE(sim.left.machine.buffered_amount(left), 100'000U);
  EXPECT_GT(sim.left.machine.buffered_amount(left), 0U);
  sim.run_for(5s);
  EXPECT_EQ(sim.left.machine.buffered_amount(left), 0U);
  EXPECT_EQ(sim.left.count<Low>(), 1U);
}

TEST(Flow, TheCapOnWhatMayWaitIsHard) {
  ChannelPair sim{Link{.delay = 20ms}, sim::default_seed(), {.send_limit = 1'000'000}};
  sim.connect();
  ChannelId left{};
  sim.open_through({}, left);
  const std::string text(100'000, 'c');
  std::size_t accepted = 0;
  std::expected<void, SendError> sent;
  while ((sent = sim.left->send(left, MessageKind::string, core::as_bytes(text), sim.now()))) {
    ++accepted;
  }
  EXPECT_EQ(sent.error(), SendError::queue_full);
  EXPECT_LE(sim.left.machine.buffered_amount(left), 1'000'000U);
  ASSERT_TRUE(sim.run_until([&] { return sim.right.count<Message>() == accepted; }, 10s));
  EXPECT_TRUE(sim.left->send(left, MessageKind::string, core::as_bytes(text), sim.now()));
}

// What the right end holds, by throwing it away.
std::size_t memory_of_right(ChannelPair& sim) {
  const std::size_t with = heap_in_use();
  const sim::VirtualTimeScope scope{sim.now(), sim.right.random};
  sim.right.machine = DataChannels{{}, {sim.right.random, sim.right.pool}};
  const std::size_t without = heap_in_use();
  return with > without ? with - without : 0;
}

struct Load {
  std::size_t message_size;
  std::size_t count;
};

// Numbers its messages in their first byte, and checks that they arrive in that order.
struct StoppedReader : ChannelPair {
  explicit StoppedReader(Load what)
      : ChannelPair{Link{.delay = 1ms}, sim::default_seed(), {.send_limit = 64 * 1024 * 1024}},
        load{what} {
    connect();
    open_through({}, left_id);
    right.on_event = [this](DataChannels::Event& event) {
      if (auto* message = std::get_if<Message>(&event)) {
        EXPECT_EQ(message->payload.size(), load.message_size);
        EXPECT_EQ(message->payload.data()[0], static_cast<std::uint8_t>(received++));
        message->payload = {};
      }
    };
    right->read(Association::Reading::stopped, now());
    std::string text(load.message_size, 's');
    for (std::size_t i = 0; i < load.count; ++i) {
      text.front() = static_cast<char>(i);
      EXPECT_TRUE(left->send(left_id, MessageKind::binary, core::as_bytes(text), now()));
    }
    run_for(60s);
  }

  Load load;
  ChannelId left_id{};
  std::size_t received = 0;
};

class StoppedReaderTest : public testing::TestWithParam<Load> {};
INSTANTIATE_TEST_SUITE_P(Flow, StoppedReaderTest,
                         testing::Values(Load{65'536, 200}, Load{1'000, 12'000}, Load{16, 60'000}));

// RFC 9260 6.2
TEST_P(StoppedReaderTest, LosesNothingInAMinute) {
  StoppedReader sim{GetParam()};
  EXPECT_GT(sim.left.machine.buffered_amount(sim.left_id), 0U);
  EXPECT_EQ(sim.received, 0U);
  sim.right->read(Association::Reading::flowing, sim.now());
  EXPECT_TRUE(sim.run_until([&] { return sim.received == GetParam().count; }, 60s));
}

TEST_P(StoppedReaderTest, CostsLessThanNineMegabytes) {
  StoppedReader sim{GetParam()};
  EXPECT_LT(memory_of_right(sim), 9U * 1024 * 1024);
}

TEST(Flow, EventsThatNobodyPollsCloseTheWindowToo) {
  ChannelPair sim{Link{.delay = 1ms}};
  sim.connect();
  ChannelId left{};
  sim.open_through({}, left);
  // Time passes for both, but nobody polls the right one's events.
  const std::string text(65'536, 'u');
  std::size_t sent = 0;
  while (sim.left->send(left, MessageKind::binary, core::as_bytes(text), sim.now())) ++sent;
  for (int i = 0; i < 20'000; ++i) {
    const core::Time now = sim.now() + i * 1ms;
    const sim::VirtualTimeScope scope{now, sim.left.random};
    while (auto packet = sim.left.machine.poll_transmit()) {
      sim.right.machine.handle_datagram(*packet, now);
    }
    while (auto packet = sim.right.machine.poll_transmit()) {
      sim.left.machine.handle_datagram(*packet, now);
    }
    if (sim.left.machine.next_timeout() <= now) sim.left.machine.handle_timeout(now);
    if (sim.right.machine.next_timeout() <= now) sim.right.machine.handle_timeout(now);
  }
  EXPECT_GT(sim.left.machine.buffered_amount(left), 4'000'000U);
}

TEST(Flow, SixteenMegabytesArriveAsOneMessage) {
  constexpr std::size_t size = 16 * 1024 * 1024;
  ChannelPair sim{Link{.delay = 5ms}, sim::default_seed(), {.max_message_size = size}};
  sim.connect();
  ChannelId left{};
  sim.open_through({}, left);
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 >> 8);
  ASSERT_TRUE(sim.left->send(left, MessageKind::binary, core::as_bytes(text), sim.now()));
  ASSERT_TRUE(sim.run_until([&] { return sim.right.saw<Message>(); }, 60s));
  EXPECT_TRUE(core::as_text(sim.right.first<Message>()->payload) == text);
}

TEST(Flow, LongUnorderedMessagesFollowOneAnother) {
  ChannelPair sim{Link{.delay = 20ms}, sim::default_seed(), {.max_message_size = 16 * 1024 * 1024}};
  sim.connect();
  ChannelId left{};
  sim.open_through({.order = Order::unordered}, left);
  const std::string text(4 * 1024 * 1024, 'x');
  for (int i = 1; i < 4; ++i) {
    ASSERT_TRUE(sim.left->send(left, MessageKind::binary, core::as_bytes(text), sim.now()));
    sim.run_for(10s);
    EXPECT_EQ(sim.right.count<Message>(), static_cast<std::size_t>(i));
  }
}

TEST(Flow, AMessageLongerThanWeTakeClosesItsChannel) {
  ChannelPair sim{Link{.delay = 5ms}};  // takes 256 KiB
  sim.connect();
  ChannelId left{};
  sim.open_through({}, left);
  const std::string text(300'000, 'l');
  ASSERT_TRUE(sim.left->send(left, MessageKind::binary, core::as_bytes(text), sim.now()));
  ASSERT_TRUE(sim.run_until([&] { return sim.right.saw<DataChannels::Closed>(); }, 5s));
  EXPECT_EQ(sim.right.first<DataChannels::Closed>()->reason, CloseReason::oversized_message);
  EXPECT_FALSE(sim.right.saw<Message>());
}

// RFC 8831 6.4: what waits goes out by priority.
TEST(Flow, PriorityDecidesWhoGoesFirst) {
  ChannelPair sim{Link{.delay = 20ms, .rate = 8'000'000}};
  sim.connect();
  ChannelId high{};
  ChannelId low{};
  const ChannelId low_there = sim.open_through({.priority = Priority::very_low}, low);
  const ChannelId high_there = sim.open_through({.priority = Priority::high}, high);
  const std::string text(20'000, 'p');
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(sim.left->send(low, MessageKind::binary, core::as_bytes(text), sim.now()));
    ASSERT_TRUE(sim.left->send(high, MessageKind::binary, core::as_bytes(text), sim.now()));
  }
  const auto arrived = [&](ChannelId id) { return sim.right.machine.find(id)->messages_received; };
  ASSERT_TRUE(sim.run_until([&] { return arrived(high_there) == 80; }, 60s));
  EXPECT_LT(arrived(low_there), 25U);
  ASSERT_TRUE(sim.run_until([&] { return arrived(low_there) == 100; }, 60s));
}

}  // namespace
}  // namespace lucid::sctp
