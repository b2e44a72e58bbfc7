// TURN servers of a configuration: used, reported, and under the relay policy nothing else.
#include <gmock/gmock.h>

#include "sim/turn_server.hpp"
#include "tests/peer/call.hpp"

namespace lucid::peer {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Configuration with_turn(std::string url, std::string credential = "secret") {
  Configuration configuration = test_configuration();
  configuration.ice_servers.push_back({{std::move(url)}, "user", std::move(credential)});
  configuration.ice_transport_policy = IceTransportPolicy::relay;
  return configuration;
}

class TurnCall : public Call {
 public:
  TurnCall(Configuration left_is, Configuration right_is)
      : Call{{.delay = 10ms}, std::move(left_is), std::move(right_is)} {
    const core::Ip ip = *core::Ip::parse("203.0.113.53");
    sim::Host& host = world.add_host("turn");
    host.connect(world.internet(), ip.text());
    world.name("turn.example.org", {ip});
    turn = &host.run([ip](core::Context c) {
      sim::TurnServer::Config config{
          .addresses = {{ip, 3478}}, .tls_addresses = {{ip, 5349}}, .relays = {ip}};
      config.credentials.users["user"] = "secret";
      return sim::TurnServer{std::move(config), c};
    });
  }
  sim::Actor<sim::TurnServer>* turn;
};

class OverTurn : public testing::TestWithParam<std::string> {};

// RFC 7065, W3C RTCIceTransportPolicy
TEST_P(OverTurn, ACallUnderTheRelayPolicyWorksAndGivesItsRelayBack) {
  TurnCall call{with_turn(GetParam()), with_turn("turn:turn.example.org")};
  ASSERT_TRUE(call.left->create_data_channel("chat", call.now()));
  call.negotiate();
  ASSERT_TRUE(call.run_until([&] { return call.left.saw<events::ChannelOpen>(); }));
  const events::IceCandidate found = *call.left.first<events::IceCandidate>();
  ASSERT_TRUE(found.candidate.has_value());
  EXPECT_THAT(found.candidate->candidate, HasSubstr("typ relay raddr 0.0.0.0 rport 0"));
  EXPECT_EQ(found.url, GetParam());
  EXPECT_GT(call.turn->machine.stats().to_peers, 10U);
  // RFC 8656 8
  call.left->close(call.now());
  call.right->close(call.now());
  call.world.run_for(1s);
  EXPECT_EQ(call.turn->machine.allocations(), 0U);
}
INSTANTIATE_TEST_SUITE_P(Peer, OverTurn,
                         testing::Values("turn:turn.example.org",
                                         "turn:turn.example.org?transport=tcp",
                                         "turns:turn.example.org"));

// W3C webrtc-pc 4.8.1.3
TEST(PeerTurn, AServerThatRefusesIsACandidateError) {
  TurnCall call{with_turn("turn:turn.example.org", "guess"), with_turn("turn:turn.example.org")};
  ASSERT_TRUE(call.left->create_data_channel("chat", call.now()));
  call.negotiate();
  ASSERT_TRUE(call.run_until([&] { return call.left.saw<events::IceCandidateError>(); }));
  const events::IceCandidateError error = *call.left.first<events::IceCandidateError>();
  EXPECT_EQ(error.error_code, 401);
  EXPECT_EQ(error.url, "turn:turn.example.org");
  EXPECT_THAT(error.error_text, HasSubstr("check user name and password"));
}

}  // namespace
}  // namespace lucid::peer
