// What a connection asks of its edge, and what it makes of the answers.
#include "net/dispatch.hpp"
#include "tests/peer/lone.hpp"

namespace lucid::peer {
namespace {

// The ids of sockets carry the number of the connection: a program that answers calls for days has
// high ones.
TEST(Edge, ConnectionsOfAnyNumberGatherFromTheirSockets) {
  for (const std::uint32_t number : {0U, 1U, 15U, 16U, 17U, 4096U, 70'000U}) {
    core::SeededRandom random{1};
    core::Pool pool;
    const core::Context context{.random = random, .pool = pool, .id = number};
    auto pc = PeerConnection::create({}, context, Lone::now);
    ASSERT_TRUE(pc);
    core::Interface interface;
    interface.name = "eth0";
    interface.ip = core::Ip::v4(0xC0000201);
    pc->interfaces({{interface}}, Lone::now);
    ASSERT_TRUE(pc->create_data_channel("chat", Lone::now));
    ASSERT_TRUE(pc->set_local_description(Lone::now));
    bool found = false;
    while (auto event = pc->poll_event()) {
      if (const auto* effect = std::get_if<core::Effect>(&*event)) {
        if (const auto* bind = std::get_if<core::BindUdp>(effect))
          pc->bound(bind->id, {interface.ip, 50'000}, Lone::now);
      } else if (const auto* it = std::get_if<events::IceCandidate>(&*event)) {
        found = found || (it->candidate &&
                          it->candidate->candidate.find(" 50000 typ host") != std::string::npos);
      }
    }
    EXPECT_TRUE(found) << number;
  }
}

// For people who want handlers: each event becomes a call, in order, on the caller's thread.
TEST(Edge, EventsBecomeCallsOnHandlers) {
  Lone self;
  ASSERT_TRUE(self.pc.create_data_channel("chat", Lone::now));
  ASSERT_TRUE(self.pc.set_local_description(Lone::now));
  std::string order;
  const auto handle_all = [&] {
    return net::dispatch(
        self.pc, [&](events::SignalingStateChange it) { order += to_string(it.state); },
        [&](events::IceGatheringStateChange) { order += " gathering"; }, [](auto&&) {});
  };
  EXPECT_GE(handle_all(), 2U);
  EXPECT_EQ(order, "have-local-offer gathering");
  EXPECT_EQ(handle_all(), 0U) << "they are taken out";
}

}  // namespace
}  // namespace lucid::peer
