#include "peer/data_channel.hpp"

#include "tests/peer/call.hpp"

namespace lucid::peer {
namespace {

using namespace std::chrono_literals;

TEST(DataChannel, OpensOnBothSides) {
  Call call;
  const auto channel = call.left->create_data_channel("chat", call.now());
  ASSERT_TRUE(channel);
  EXPECT_TRUE(call.left.saw<events::NegotiationNeeded>() ||
              call.left.machine.signaling_state() == SignalingState::stable);
  call.negotiate();
  ASSERT_TRUE(call.run_until([&] {
    return call.left.saw<events::ChannelOpen>() && call.right.saw<events::ChannelOpen>();
  }));
  const auto* announced = call.right.first<events::DataChannelAnnounced>();
  ASSERT_NE(announced, nullptr);
  EXPECT_EQ(announced->channel.label(), "chat");
  EXPECT_TRUE(call.connected());
}

}  // namespace
}  // namespace lucid::peer
