#include "sctp/data_channels.hpp"

#include "channel_pair.hpp"

namespace lucid::sctp {
namespace {

using namespace std::chrono_literals;
using sim::Link;

using Closed = DataChannels::Closed;
using Message = DataChannels::Message;

TEST(DataChannels, AChannelOpenedBeforeConnectingOpensWithTheAssociation) {
  ChannelPair sim{Link{.delay = 10ms}};
  const auto id = sim.left->open({.label = "chat", .protocol = "irc"}, sim.now());
  ASSERT_TRUE(id);
  EXPECT_EQ(sim.left.machine.find(*id)->state, ChannelState::connecting);
  EXPECT_EQ(sim.left.machine.find(*id)->stream, std::nullopt);
  sim.connect();
  EXPECT_EQ(sim.left.machine.find(*id)->stream, 0);
  ASSERT_TRUE(sim.run_until([&] { return sim.right.saw<DataChannels::Announced>(); }, 1s));
  EXPECT_TRUE(sim.left.saw<DataChannels::Open>());
  const Channel& there =
      *sim.right.machine.find(sim.right.first<DataChannels::Announced>()->channel);
  EXPECT_EQ(there.options.label, "chat");
  EXPECT_EQ(there.options.protocol, "irc");
  EXPECT_EQ(there.state, ChannelState::open);
  EXPECT_EQ(there.stream, 0);
}

// RFC 8832 6
TEST(DataChannels, ClientTakesEvenIdsAndServerOddOnes) {
  ChannelPair sim;
  sim.connect();
  const auto a = sim.left->open({}, sim.now());
  const auto b = sim.left->open({}, sim.now());
  const auto c = sim.right->open({}, sim.now());
  EXPECT_EQ(sim.left.machine.find(*a)->stream, 0);
  EXPECT_EQ(sim.left.machine.find(*b)->stream, 2);
  EXPECT_EQ(sim.right.machine.find(*c)->stream, 1);
}

// RFC 8832 5.1, RFC 8831 6.4
TEST(DataChannels, TheOtherSideLearnsAllOptions) {
  ChannelPair sim;
  sim.connect();
  ChannelId left{};
  const ChannelId right = sim.open_through({.label = "l",
                                            .protocol = "p",
                                            .order = Order::unordered,
                                            .reliability = MaxRetransmits{3},
                                            .priority = Priority::high},
                                           left);
  const ChannelOptions& options = sim.right.machine.find(right)->options;
  EXPECT_EQ(options.order, Order::unordered);
  EXPECT_EQ(options.reliability, Reliability{MaxRetransmits{3}});
  EXPECT_EQ(options.priority, Priority::high);
}

// RFC 8831 6.6, 8
TEST(DataChannels, StringsBinaryAndEmptyMessagesArriveAsSuch) {
  ChannelPair sim;
  sim.connect();
  ChannelId left{};
  sim.open_through({}, left);
  ASSERT_TRUE(sim.left->send(left, MessageKind::string, core::as_bytes("text"), sim.now()));
  ASSERT_TRUE(sim.left->send(left, MessageKind::binary, core::as_bytes("\1\2"), sim.now()));
  ASSERT_TRUE(sim.left->send(left, MessageKind::string, {}, sim.now()));
  ASSERT_TRUE(sim.left->send(left, MessageKind::binary, {}, sim.now()));
  ASSERT_TRUE(sim.run_until([&] { return sim.right.count<Message>() == 4; }, 1s));
  EXPECT_EQ(ChannelPair::texts(sim.right), (std::vector<std::string>{"text", "\1\2", "", ""}));
  std::vector<MessageKind> kinds;
  for (const auto& recorded : sim.right.events) {
    if (const auto* message = std::get_if<Message>(&recorded.event)) kinds.push_back(message->kind);
  }
  EXPECT_EQ(kinds, (std::vector{MessageKind::string, MessageKind::binary, MessageKind::string,
                                MessageKind::binary}));
}

TEST(DataChannels, BothEndsOpenANegotiatedChannelWithoutDcep) {
  ChannelPair sim;
  const auto left = sim.left->open({.label = "n", .negotiated = 100}, sim.now());
  const auto right = sim.right->open({.label = "n", .negotiated = 100}, sim.now());
  ASSERT_TRUE(left && right);
  sim.connect();
  ASSERT_TRUE(sim.run_until(
      [&] { return sim.left.saw<DataChannels::Open>() && sim.right.saw<DataChannels::Open>(); },
      1s));
  ASSERT_TRUE(sim.right->send(*right, MessageKind::string, core::as_bytes("hi"), sim.now()));
  ASSERT_TRUE(sim.run_until([&] { return sim.left.saw<Message>(); }, 1s));
  EXPECT_FALSE(sim.left.saw<DataChannels::Announced>());
}

// RFC 8831 6.7
TEST(DataChannels, AfterAClosedChannelItsIdServesAgain) {
  ChannelPair sim{Link{.delay = 5ms}};
  sim.connect();
  ChannelId left{};
  const ChannelId right = sim.open_through({.label = "first"}, left);
  sim.left->close(left, sim.now());
  EXPECT_EQ(sim.left.machine.find(left)->state, ChannelState::closing);
  ASSERT_TRUE(sim.run_until([&] { return sim.left.saw<Closed>() && sim.right.saw<Closed>(); }, 2s));
  EXPECT_EQ(sim.left.first<Closed>()->reason, CloseReason::local);
  EXPECT_EQ(sim.right.first<Closed>()->reason, CloseReason::remote);
  EXPECT_EQ(sim.right.first<DataChannels::Closing>()->channel, right);
  EXPECT_EQ(sim.left.machine.find(left), nullptr);

  ChannelId again{};
  const ChannelId there = sim.open_through({.label = "second"}, again);
  EXPECT_EQ(sim.left.machine.find(again)->stream, 0);
  EXPECT_EQ(sim.right.machine.find(there)->options.label, "second");
  ASSERT_TRUE(sim.left->send(again, MessageKind::string, core::as_bytes("anew"), sim.now()));
  ASSERT_TRUE(sim.run_until([&] { return sim.right.saw<Message>(); }, 1s));
}

TEST(DataChannels, WhatWasSentBeforeCloseStillArrives) {
  ChannelPair sim{Link{.delay = 20ms, .loss = 0.05}};
  sim.connect();
  ChannelId left{};
  sim.open_through({}, left);
  const std::string large(200'000, 'x');
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(sim.left->send(left, MessageKind::string, core::as_bytes(large), sim.now()));
  }
  sim.left->close(left, sim.now());
  ASSERT_TRUE(sim.run_until([&] { return sim.right.saw<Closed>(); }, 60s));
  EXPECT_EQ(sim.right.count<Message>(), 5U);
}

TEST(DataChannels, AbruptCloseEndsAllChannelsOnBothSides) {
  ChannelPair sim{Link{.delay = 5ms}};
  sim.connect();
  ChannelId left{};
  sim.open_through({}, left);
  sim.left->close(sim.now());
  ASSERT_TRUE(sim.run_until([&] { return sim.right.saw<Closed>(); }, 1s));
  EXPECT_EQ(sim.left.first<Closed>()->reason, CloseReason::local);
  EXPECT_TRUE(sim.right.saw<DataChannels::Disconnected>() || sim.right.saw<DataChannels::Failed>());
  EXPECT_EQ(sim.left->open({}, sim.now()).error(), OpenError::closed);
}

TEST(DataChannels, RefusesWhatCannotBe) {
  ChannelPair sim;
  sim.connect();
  EXPECT_EQ(sim.left->open({.label = std::string(65'536, 'x')}, sim.now()).error(),
            OpenError::label_too_long);
  EXPECT_EQ(sim.left->open({.negotiated = 256}, sim.now()).error(), OpenError::id_out_of_range);
  ASSERT_TRUE(sim.left->open({.negotiated = 5}, sim.now()));
  EXPECT_EQ(sim.left->open({.negotiated = 5}, sim.now()).error(), OpenError::id_in_use);
  for (int i = 0; i < 128; ++i) ASSERT_TRUE(sim.left->open({}, sim.now()));
  EXPECT_EQ(sim.left->open({}, sim.now()).error(), OpenError::no_free_id);
}

// RFC 8841 6.1
TEST(DataChannels, ALargerMessageThanThePeerTakesIsRefused) {
  ChannelPair sim;
  sim.connect();
  ChannelId left{};
  sim.open_through({}, left);
  sim.left->set_remote({.max_message_size = 1'000});
  const std::string large(1'001, 'x');
  EXPECT_EQ(sim.left->send(left, MessageKind::string, core::as_bytes(large), sim.now()).error(),
            SendError::too_large);
}

}  // namespace
}  // namespace lucid::sctp
