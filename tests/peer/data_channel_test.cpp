#include "peer/data_channel.hpp"

#include "tests/peer/call.hpp"
#include "tests/peer/live_call.hpp"

// Data channels between two connections: each case over sim and over real sockets.
namespace lucid::peer {
namespace {

using namespace std::chrono_literals;

template <class Stage>
class DataChannels : public testing::Test {
 public:
  DataChannel open(std::string label = "chat", DataChannelInit init = {}) {
    const auto made = stage.left->create_data_channel(std::move(label), stage.now(), init);
    EXPECT_TRUE(made);
    stage.negotiate();
    EXPECT_TRUE(stage.run_until([&] {
      return stage.left.template saw<events::ChannelOpen>() &&
             stage.right.template saw<events::ChannelOpen>();
    }));
    return *made;
  }
  DataChannel remote() { return stage.right.template first<events::ChannelOpen>()->channel; }
  // A handle goes past its side: this has it say what the handle has brought about.
  template <class Side>
  void wake(Side& side) {
    (void)side->next_timeout();
  }

  Stage stage;
};

TYPED_TEST_SUITE(DataChannels, Stages);

TYPED_TEST(DataChannels, OpenOnBothSides) {
  this->open("chat", {.ordered = false, .max_retransmits = 3, .protocol = "p"});
  const auto* announced = this->stage.right.template first<events::DataChannelAnnounced>();
  ASSERT_NE(announced, nullptr);
  EXPECT_EQ(announced->channel.label(), "chat");
  EXPECT_EQ(announced->channel.protocol(), "p");
  EXPECT_FALSE(announced->channel.ordered());
  EXPECT_EQ(announced->channel.max_retransmits(), 3);
  EXPECT_TRUE(this->stage.connected());
}

TYPED_TEST(DataChannels, CarryTextAndBytesBothWays) {
  auto& call = this->stage;
  DataChannel left = this->open();
  DataChannel right = this->remote();
  EXPECT_TRUE(left.send("hello", call.now()));
  const std::vector<std::uint8_t> bytes(200'000, 7);
  EXPECT_TRUE(right.send(core::Bytes{bytes}, call.now()));
  EXPECT_TRUE(left.send("", call.now()));
  this->wake(call.left);
  this->wake(call.right);
  ASSERT_TRUE(call.run_until([&] {
    return call.right.template count<events::ChannelMessage>() == 2 &&
           call.left.template count<events::ChannelMessage>() == 1;
  }));
  const auto* text = call.right.template first<events::ChannelMessage>();
  EXPECT_EQ(text->message.text(), "hello");
  EXPECT_FALSE(text->message.binary);
  const auto* data = call.left.template first<events::ChannelMessage>();
  EXPECT_TRUE(data->message.binary);
  EXPECT_TRUE(core::equal(data->message.data, bytes));
}

TYPED_TEST(DataChannels, NegotiatedOnesNeedNoAnnouncement) {
  auto& call = this->stage;
  const DataChannelInit init{.negotiated = true, .id = 7};
  auto left = *call.left->create_data_channel("a", call.now(), init);
  auto right = *call.right->create_data_channel("b", call.now(), init);
  call.negotiate();
  ASSERT_TRUE(call.run_until([&] {
    return left.ready_state() == DataChannelState::open &&
           right.ready_state() == DataChannelState::open;
  }));
  EXPECT_FALSE(call.right.template saw<events::DataChannelAnnounced>());
  EXPECT_EQ(left.id(), 7);
}

TYPED_TEST(DataChannels, CloseReachesTheOtherSide) {
  auto& call = this->stage;
  DataChannel left = this->open();
  DataChannel right = this->remote();
  left.close(call.now());
  this->wake(call.left);
  ASSERT_TRUE(call.run_until([&] {
    return call.left.template saw<events::ChannelClosed>() &&
           call.right.template saw<events::ChannelClosed>();
  }));
  EXPECT_TRUE(call.right.template saw<events::ChannelClosing>());
  EXPECT_EQ(right.ready_state(), DataChannelState::closed);
  EXPECT_FALSE(right.send("late", call.now()));
}

TYPED_TEST(DataChannels, ClosingTheConnectionClosesThePeersChannels) {
  auto& call = this->stage;
  this->open();
  call.left->close(call.now());
  ASSERT_TRUE(call.run_until([&] { return call.right.template saw<events::ChannelClosed>(); }));
  EXPECT_EQ(call.left.machine.connection_state(), ConnectionState::closed);
}

TYPED_TEST(DataChannels, SurviveAnIceRestart) {
  auto& call = this->stage;
  DataChannel left = this->open();
  call.left->restart_ice();
  call.negotiate();
  EXPECT_TRUE(left.send("still here", call.now()));
  this->wake(call.left);
  ASSERT_TRUE(call.run_until([&] { return call.right.template saw<events::ChannelMessage>(); }));
  ASSERT_TRUE(call.run_until([&] { return call.connected(); }));
}

// RFC 8838: candidates within the descriptions alone.
TYPED_TEST(DataChannels, NeedNoTrickling) {
  auto& call = this->stage;
  call.trickling = false;
  const auto gathered = [&](auto& side) {
    return call.run_until(
        [&] { return side.machine.ice_gathering_state() == IceGatheringState::complete; });
  };
  (void)call.left->create_data_channel("chat", call.now());
  call.expect(call.left->set_local_description(call.now()));
  ASSERT_TRUE(gathered(call.left));
  call.expect(
      call.right->set_remote_description(*call.left.machine.local_description(), call.now()));
  call.expect(call.right->set_local_description(call.now()));
  ASSERT_TRUE(gathered(call.right));
  call.expect(
      call.left->set_remote_description(*call.right.machine.local_description(), call.now()));
  EXPECT_TRUE(call.run_until([&] { return call.left.template saw<events::ChannelOpen>(); }));
}

TYPED_TEST(DataChannels, StatisticsCountThem) {
  auto& call = this->stage;
  DataChannel left = this->open();
  EXPECT_TRUE(left.send("four", call.now()));
  const StatsReport report = call.left.machine.get_stats(call.now());
  const auto channels = report.of_type("data-channel");
  ASSERT_EQ(channels.size(), 1U);
  EXPECT_EQ(std::get<std::uint64_t>(*channels[0]->find("bytesSent")), 4U);
  ASSERT_EQ(report.of_type("transport").size(), 1U);
  const auto& transport = *report.of_type("transport")[0];
  EXPECT_EQ(std::get<std::string>(*transport.find("dtlsState")), "connected");
  const auto* pair = report.find(std::get<std::string>(*transport.find("selectedCandidatePairId")));
  ASSERT_NE(pair, nullptr);
  EXPECT_NE(report.find(std::get<std::string>(*pair->find("localCandidateId"))), nullptr);
  EXPECT_NE(report.find(std::get<std::string>(*pair->find("remoteCandidateId"))), nullptr);
  EXPECT_EQ(report.of_type("certificate").size(), 2U);
}

}  // namespace
}  // namespace lucid::peer
