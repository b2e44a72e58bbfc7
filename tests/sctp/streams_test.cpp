// How many streams there are, what becomes of them, and what happens to associations that end.
#include <deque>
#include <thread>

#include "channel_pair.hpp"

namespace lucid::sctp {
namespace {

using namespace std::chrono_literals;
using sim::Link;
using Closed = DataChannels::Closed;

struct Uneven : sim::Simulation<DataChannels, DataChannels> {
  Uneven(DataChannels::Config left_config, DataChannels::Config right_config)
      : Simulation{data_channels(left_config), data_channels(right_config), Link{.delay = 5ms}} {
    left->set_role(Role::client, now());
    right->set_role(Role::server, now());
    EXPECT_TRUE(left->connect(now()));
    EXPECT_TRUE(right->connect(now()));
    EXPECT_TRUE(run_until([&] { return left.saw<DataChannels::Connected>(); }, 5s));
    run_for(1s);
  }
};

// RFC 9260 3.3.2
TEST(Streams, TheSmallerOfferIsAgreed) {
  Uneven sim{{}, {.max_channels = 16}};
  EXPECT_EQ(sim.left.first<DataChannels::Connected>()->max_channels, 16);
  EXPECT_EQ(sim.right.first<DataChannels::Connected>()->max_channels, 16);
}

TEST(Streams, AThousandChannelsOpenWhereBothAllowThem) {
  Uneven sim{{.max_channels = 1'024}, {.max_channels = 1'024}};
  for (int i = 0; i < 512; ++i) ASSERT_TRUE(sim.left->open({}, sim.now()));
  EXPECT_EQ(sim.left->open({}, sim.now()).error(), OpenError::no_free_id);
  ASSERT_TRUE(
      sim.run_until([&] { return sim.right.count<DataChannels::Announced>() == 512; }, 10s));
}

// RFC 6525 5.1.5, 5.1.6
TEST(Streams, GrowWhereThePeerAcceptsIt) {
  Uneven sim{{}, {.initial_channels = 16}};
  EXPECT_EQ(sim.left.first<DataChannels::Connected>()->max_channels, 16);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(sim.left->open({}, sim.now()));
  ASSERT_TRUE(sim.run_until([&] { return sim.right.count<DataChannels::Announced>() == 20; }, 10s));
  EXPECT_EQ(sim.left.count<DataChannels::Open>(), 20U);
  EXPECT_FALSE(sim.left.saw<Closed>());
}

// RFC 6525 5.1.5
TEST(Streams, ARefusalToGrowClosesTheChannelsBeyond) {
  Uneven sim{{}, {.max_channels = 16}};
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(sim.left->open({}, sim.now()));
  ASSERT_TRUE(sim.run_until([&] { return sim.left.count<Closed>() == 2; }, 10s));
  EXPECT_EQ(sim.left.first<Closed>()->reason, CloseReason::no_free_id);
  EXPECT_EQ(sim.left->open({}, sim.now()).error(), OpenError::no_free_id);
  EXPECT_EQ(sim.right.count<DataChannels::Announced>(), 8U);
}

// RFC 6525 5.2.2
// RFC 6525 4.1
TEST(Streams, ManyCloseAtOnceAndAllIdsServeAgain) {
  ChannelPair sim{Link{.delay = 20ms, .loss = 0.1}};
  sim.connect();
  for (int round = 1; round <= 3; ++round) {
    std::vector<ChannelId> ids;
    for (int i = 0; i < 128; ++i) ids.push_back(sim.open());
    const auto wanted = static_cast<std::size_t>(128 * round);
    ASSERT_TRUE(
        sim.run_until([&] { return sim.right.count<DataChannels::Announced>() == wanted; }, 60s));
    for (const ChannelId id : ids) sim.left->close(id, sim.now());
    ASSERT_TRUE(sim.run_until(
        [&] { return sim.left.count<Closed>() == wanted && sim.right.count<Closed>() == wanted; },
        120s));
  }
}

TEST(Streams, BothSidesMayCloseTheSameChannelAtOnce) {
  ChannelPair sim{Link{.delay = 20ms}};
  sim.connect();
  ChannelId left{};
  const ChannelId right = sim.open_through({}, left);
  sim.left->close(left, sim.now());
  sim.right->close(right, sim.now());
  ASSERT_TRUE(sim.run_until([&] { return sim.left.saw<Closed>() && sim.right.saw<Closed>(); }, 5s));
  EXPECT_EQ(sim.left.first<Closed>()->reason, CloseReason::local);
  EXPECT_EQ(sim.right.first<Closed>()->reason, CloseReason::local);
  sim.run_for(10s);
  EXPECT_GT(sim.left.machine.next_timeout(), sim.now() + 1min);
}

// RFC 8260 2.1, and its absence: what browsers speak.
TEST(Streams, DataIsInterleavedOnlyWhereBothCan) {
  for (const auto theirs : {Interleaving::when_supported, Interleaving::never}) {
    sim::Simulation<DataChannels, DataChannels> sim{
        data_channels({.interleaving = Interleaving::when_supported}),
        data_channels({.interleaving = theirs})};
    std::size_t data = 0;
    std::size_t interleaved = 0;
    sim.left_to_right.filter([&](sim::Packet& packet) {
      data += packet.bytes.data()[12] == 0 ? 1U : 0U;
      interleaved += packet.bytes.data()[12] == 64 ? 1U : 0U;
      return true;
    });
    sim.left->set_role(Role::client, sim.now());
    ASSERT_TRUE(sim.left->open({}, sim.now()));
    ASSERT_TRUE(sim.left->connect(sim.now()) && sim.right->connect(sim.now()));
    ASSERT_TRUE(sim.run_until([&] { return sim.right.saw<DataChannels::Announced>(); }, 5s));
    EXPECT_EQ(data > 0, theirs == Interleaving::never);
    EXPECT_EQ(interleaved > 0, theirs == Interleaving::when_supported);
  }
}

// RFC 9260 9.1
// RFC 9260 3.3.10.12
TEST(Streams, AnAbortByTheApplicationIsNoFailureForThePeer) {
  ChannelPair sim{Link{.delay = 5ms}};
  sim.connect();
  ChannelId left{};
  sim.open_through({}, left);
  sim.left->close(sim.now());
  ASSERT_TRUE(sim.run_until([&] { return sim.right.saw<DataChannels::Disconnected>(); }, 1s));
  EXPECT_EQ(sim.right.first<Closed>()->reason, CloseReason::remote);
  EXPECT_FALSE(sim.right.saw<DataChannels::Failed>());
  EXPECT_EQ(sim.left.machine.next_timeout(), std::nullopt);
}

TEST(Streams, AChannelOfAPeerThatNeverAnswersFailsInTheEnd) {
  ChannelPair sim{Link{.delay = 5ms, .loss = 1.0}};
  sim.connect();
  sim.open();
  ASSERT_TRUE(sim.run_until([&] { return sim.left.saw<DataChannels::Failed>(); }, 5min));
  EXPECT_EQ(sim.left.first<DataChannels::Failed>()->reason, FailReason::no_answer);
  EXPECT_EQ(sim.left.first<Closed>()->reason, CloseReason::association_lost);
}

TEST(Streams, AnotherThreadIsTurnedAwayWhileAssociationsLive) {
  core::SeededRandom random{1};
  core::Pool pool;
  DataChannels here{{}, {random, pool}};
  ASSERT_TRUE(here.connect(core::Time{1h}));
  std::expected<void, SetupError> connected;
  std::thread{[&] {
    core::SeededRandom other{2};
    core::Pool own;
    DataChannels there{{}, {other, own}};
    connected = there.connect(core::Time{1h});
  }}.join();
  ASSERT_FALSE(connected);
  EXPECT_EQ(connected.error(), SetupError::wrong_thread);
}

// Of associations with the usual 256 streams, with a channel open, that share a loop's pool.
TEST(Streams, AnIdleAssociationCostsUnderFortyKilobytes) {
  core::SeededRandom random{1};
  core::Pool pool;
  core::Time now = sim::virtual_start;
  std::deque<DataChannels> ends;
  const auto connect_two = [&] {
    const sim::VirtualTimeScope opening{now, random};
    auto& left = ends.emplace_back(DataChannels::Config{}, core::Context{random, pool});
    auto& right = ends.emplace_back(DataChannels::Config{}, core::Context{random, pool});
    left.set_role(Role::client, now);
    right.set_role(Role::server, now);
    EXPECT_TRUE(left.connect(now) && right.connect(now) && left.open({}, now));
    for (const core::Time end = now + 1s; now < end; now += 5ms) {
      const sim::VirtualTimeScope scope{now, random};
      left.handle_timeout(now);
      right.handle_timeout(now);
      while (auto packet = left.poll_transmit()) right.handle_datagram(*packet, now);
      while (auto packet = right.poll_transmit()) left.handle_datagram(*packet, now);
      while (left.poll_event() || right.poll_event()) continue;
    }
    EXPECT_EQ(left.stats().channels_opened + right.stats().channels_opened, 2U);
  };
  connect_two();
  const std::size_t before = heap_in_use();  // what the first ones cost once is not counted
  while (ends.size() < 102) connect_two();
  EXPECT_LT((heap_in_use() - before) / 100, 40U * 1024);
}

// Sanitizers find lost memory; this finds what is kept.
TEST(Streams, AssociationsGiveTheirMemoryBack) {
  const auto live_and_die = [] {
    ChannelPair sim;
    sim.connect();
    ChannelId left{};
    sim.open_through({}, left);
    const std::string text(100'000, 'm');
    EXPECT_TRUE(sim.left->send(left, MessageKind::string, core::as_bytes(text), sim.now()));
    sim.run_for(10ms);
  };
  for (int i = 0; i < 5; ++i) live_and_die();
  const std::size_t before = heap_in_use();
  for (int i = 0; i < 50; ++i) live_and_die();
  EXPECT_LT(heap_in_use(), before + 16'384);
}

}  // namespace
}  // namespace lucid::sctp
