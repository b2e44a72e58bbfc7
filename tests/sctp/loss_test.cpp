// What arrives, and how, over links that lose (RFC 9260 6.3, 7.2; RFC 3758).
#include <array>
#include <deque>
#include <map>

#include "channel_pair.hpp"

namespace lucid::sctp {
namespace {

using namespace std::chrono_literals;
using sim::Link;
using Message = DataChannels::Message;

std::string random_text(core::Random& random, std::size_t size) {
  std::string text(size, '\0');
  random.fill({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  return text;
}

// With data interleaved between streams (RFC 8260 2), and as browsers send it.
class EachInterleaving : public testing::TestWithParam<Interleaving> {};
INSTANTIATE_TEST_SUITE_P(Loss, EachInterleaving,
                         testing::Values(Interleaving::when_supported, Interleaving::never));

TEST_P(EachInterleaving, AThousandMessagesArriveInOrderUnchangedAtTenPercent) {
  constexpr std::size_t channels = 3;
  for (const sim::Seed seed : sim::seeds(1)) {
    ChannelPair sim{Link{.delay = 50ms, .loss = 0.10}, seed, {.interleaving = GetParam()}};
    sim.connect();
    std::array<ChannelId, channels> left{};
    std::map<ChannelId, std::size_t> index;  // of the channel, by its id on the right
    for (std::size_t i = 0; i < channels; ++i) index[sim.open_through({}, left[i])] = i;
    core::SeededRandom random{static_cast<std::uint64_t>(seed)};
    std::array<std::deque<std::string>, channels> under_way;
    std::size_t arrived = 0;
    sim.right.on_event = [&](DataChannels::Event& event) {
      auto* message = std::get_if<Message>(&event);
      if (message == nullptr) return;
      auto& expected = under_way[index.at(message->channel)];
      ASSERT_FALSE(expected.empty());
      EXPECT_TRUE(core::as_text(message->payload) == expected.front()) << "message " << arrived;
      expected.pop_front();
      ++arrived;
      message->payload = {};
    };
    for (std::size_t i = 0; i < 1'000; ++i) {
      const std::string text = random_text(random, 1 + random.below(100'000));
      while (!sim.left->send(left[i % channels], MessageKind::binary, core::as_bytes(text),
                             sim.now())) {
        sim.run_for(20ms);
      }
      under_way[i % channels].push_back(text);
    }
    ASSERT_TRUE(sim.run_until([&] { return arrived == 1'000; }, 1h));
    RecordProperty("virtual_seconds", static_cast<int>((sim.now() - sim::virtual_start) / 1s));
  }
}

TEST(Loss, TheAssociationLivesAtThirtyPercent) {
  for (const sim::Seed seed : sim::seeds(5)) {
    ChannelPair sim{Link{.delay = 50ms, .loss = 0.30}, seed};
    sim.connect();
    ChannelId left{};
    sim.open_through({}, left);
    for (int i = 0; i < 120; ++i) {
      ASSERT_TRUE(
          sim.left->send(left, MessageKind::string, core::as_bytes(std::to_string(i)), sim.now()));
      sim.run_for(1s);
    }
    ASSERT_TRUE(sim.run_until([&] { return sim.right.count<Message>() == 120; }, 60s));
    EXPECT_FALSE(sim.left.saw<DataChannels::Failed>());
  }
}

TEST(Loss, ALostTailCostsNoSecond) {
  ChannelPair sim{Link{.delay = 20ms}};
  sim.connect();
  ChannelId left{};
  sim.open_through({}, left);
  sim.run_for(100ms);
  bool lose = true;
  sim.left_to_right.filter([&](sim::Packet&) { return !std::exchange(lose, false); });
  const core::Time start = sim.now();
  ASSERT_TRUE(sim.left->send(left, MessageKind::string, core::as_bytes("tail"), sim.now()));
  ASSERT_TRUE(sim.run_until([&] { return sim.right.saw<Message>(); }, 5s));
  EXPECT_LT(sim.now() - start, 400ms);
}

// RFC 3758, RFC 7496 3.1
TEST(Loss, WithoutRetransmissionsOnlyWhatWasLostIsMissing) {
  ChannelPair sim{Link{.delay = 10ms, .loss = 0.2}};
  sim.connect();
  ChannelId left{};
  sim.open_through({.order = Order::unordered, .reliability = MaxRetransmits{0}}, left);
  sim.run_for(2s);
  const auto lost_before = sim.left_to_right.stats().lost;
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(
        sim.left->send(left, MessageKind::string, core::as_bytes(std::to_string(i)), sim.now()));
    sim.run_for(20ms);
  }
  sim.run_for(10s);
  const auto lost = sim.left_to_right.stats().lost - lost_before;
  const auto arrived = sim.right.count<Message>();
  EXPECT_LT(arrived, 500U);
  EXPECT_GE(arrived + lost, 500U);
  // Some arrived whose acknowledgement was lost, and were given up nevertheless.
  EXPECT_GE(sim.left.machine.association().stats().messages_abandoned + arrived, 500U);
}

// RFC 3758 3.5: a message of many packets is given up as a whole, the rest of it in our queue and
// in the engine included; and nothing else stops for that.
TEST(Loss, LongMessagesThatAreGivenUpStopNothing) {
  const Reliability limits[] = {MaxRetransmits{0}, MaxLifetime{200}};
  for (const std::size_t size : {20'000U, 250'000U}) {
    for (const Reliability& limit : limits) {
      ChannelPair sim{Link{.delay = 20ms, .loss = 0.05, .reorder = 0.05, .duplicate = 0.02}};
      sim.connect();
      ChannelId loose{};
      ChannelId firm{};
      const ChannelId loose_there = sim.open_through({.reliability = limit}, loose);
      sim.open_through({}, firm);
      const std::string text(size, 'x');
      std::size_t whole = 0;
      std::size_t firm_arrived = 0;
      sim.right.on_event = [&](DataChannels::Event& event) {
        auto* message = std::get_if<Message>(&event);
        if (message == nullptr) return;
        const bool is_loose = message->channel == loose_there;
        ++(is_loose ? whole : firm_arrived);
        EXPECT_EQ(message->payload.size(), is_loose ? size : 700);
        message->payload = {};
      };
      for (int i = 0; i < 200; ++i) {
        ASSERT_TRUE(sim.left->send(loose, MessageKind::binary, core::as_bytes(text), sim.now()));
        ASSERT_TRUE(
            sim.left->send(firm, MessageKind::binary, core::as_bytes(text).first(700), sim.now()));
        sim.run_until([&] { return sim.left->buffered_amount(loose) < 1'000'000; }, 60s);
        sim.run_for(50ms);
      }
      sim.run_for(120s);
      EXPECT_EQ(firm_arrived, 200U);
      EXPECT_GE(whole + sim.left->association().stats().messages_abandoned, 200U);
      EXPECT_EQ(sim.left->buffered_amount(loose), 0U);
    }
  }
}

// RFC 3758 3.5: a message is given up in the middle, and the packet that says so is lost as well.
TEST(Loss, ALostForwardTsnIsRepeatedSoThatTheChannelCanClose) {
  ChannelPair sim{Link{.delay = 20ms}};
  sim.connect();
  ChannelId left{};
  sim.open_through({.reliability = MaxRetransmits{0}}, left);
  sim.run_for(1s);
  int data = 0;
  int forwards = 0;
  sim.left_to_right.filter([&](sim::Packet& packet) {
    constexpr std::uint8_t forward_tsn = 192;
    const std::uint8_t type = packet.bytes.data()[12];
    return type == forward_tsn ? ++forwards > 1 : type != 0 || ++data != 3;
  });
  const std::string text(20'000, 'x');
  ASSERT_TRUE(sim.left->send(left, MessageKind::binary, core::as_bytes(text), sim.now()));
  sim.run_for(300ms);
  ASSERT_EQ(forwards, 1);
  sim.left->close(left, sim.now());
  EXPECT_TRUE(sim.run_until(
      [&] { return sim.left.saw<DataChannels::Closed>() && sim.right.saw<DataChannels::Closed>(); },
      10s));
  EXPECT_EQ(forwards, 2);
  EXPECT_EQ(sim.right.count<Message>(), 0U);
}

TEST(Loss, AfterItsLifetimeAMessageIsGivenUp) {
  ChannelPair sim{Link{.delay = 10ms}};
  sim.connect();
  ChannelId left{};
  sim.open_through({.order = Order::unordered, .reliability = MaxLifetime{150}}, left);
  sim.run_for(1s);
  sim.left_to_right.filter([](sim::Packet&) { return false; });
  ASSERT_TRUE(sim.left->send(left, MessageKind::string, core::as_bytes("stale"), sim.now()));
  sim.run_for(1s);
  sim.left_to_right.filter({});
  sim.run_for(5s);
  ASSERT_TRUE(sim.left->send(left, MessageKind::string, core::as_bytes("fresh"), sim.now()));
  ASSERT_TRUE(sim.run_until([&] { return sim.right.saw<Message>(); }, 10s));
  EXPECT_EQ(ChannelPair::texts(sim.right), std::vector<std::string>{"fresh"});
}

// Partial reliability drops only what it may: a reliable channel beside it loses nothing.
TEST(Loss, AReliableChannelBesideAnUnreliableOneLosesNothing) {
  ChannelPair sim{Link{.delay = 10ms, .loss = 0.2}};
  sim.connect();
  ChannelId loose{};
  ChannelId firm{};
  sim.open_through({.order = Order::unordered, .reliability = MaxRetransmits{0}}, loose);
  const ChannelId there = sim.open_through({}, firm);
  for (int i = 0; i < 300; ++i) {
    const std::string text = std::to_string(i);
    ASSERT_TRUE(sim.left->send(loose, MessageKind::string, core::as_bytes(text), sim.now()));
    ASSERT_TRUE(sim.left->send(firm, MessageKind::string, core::as_bytes(text), sim.now()));
    sim.run_for(10ms);
  }
  sim.run_for(60s);
  int next = 0;
  for (const auto& recorded : sim.right.events) {
    const auto* message = std::get_if<Message>(&recorded.event);
    if (message == nullptr || message->channel != there) continue;
    EXPECT_EQ(core::as_text(message->payload), std::to_string(next++));
  }
  EXPECT_EQ(next, 300);
}

}  // namespace
}  // namespace lucid::sctp
