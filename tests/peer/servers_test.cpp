// The candidate pool, and configurations that change.
#include <gmock/gmock.h>

#include "sim/turn_server.hpp"
#include "tests/peer/call.hpp"

namespace lucid::peer {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

IceServer turn(std::string url) { return {{std::move(url)}, "user", "secret"}; }

// With a TURN server on the internet: who is asked by whom is seen in its allocations.
class ServerCall : public Call {
 public:
  explicit ServerCall(const std::function<void(Configuration&)>& wish = [](Configuration&) {})
      : Call{Wishes{.left = wish}} {
    const core::Ip ip = *core::Ip::parse("203.0.113.53");
    sim::Host& host = world.add_host("turn");
    host.connect(world.internet(), ip.text());
    world.name("turn.example.org", {ip});
    server = &host.run([ip](core::Context c) {
      sim::TurnServer::Config config{.addresses = {{ip, 3478}}, .relays = {ip}};
      config.credentials.users["user"] = "secret";
      return sim::TurnServer{std::move(config), c};
    });
  }
  void reconfigure(const std::function<void(Configuration&)>& change) {
    Configuration next = left.machine.get_configuration();
    change(next);
    expect(left->set_configuration(std::move(next), now()));
  }
  std::size_t allocations() const { return server->machine.allocations(); }

  sim::Actor<sim::TurnServer>* server;
};

auto pool_of(std::uint8_t size) {
  return [size](Configuration& configuration) {
    configuration.ice_candidate_pool_size = size;
    configuration.ice_servers = {turn("turn:turn.example.org")};
  };
}

// RFC 9429 4.1.1, 3.5.4: gathered before, told after, and nothing of it shows meanwhile.
TEST(CandidatePool, GathersBeforeTheFirstDescriptionAndTellsAfterIt) {
  ServerCall call{pool_of(1)};
  call.wait(1s);
  EXPECT_EQ(call.allocations(), 1U);
  EXPECT_EQ(call.left.machine.ice_gathering_state(), IceGatheringState::new_);
  EXPECT_FALSE(call.left.saw<events::IceCandidate>());
  ASSERT_TRUE(call.left->create_data_channel("chat", call.now()));
  const core::Time start = call.now();
  call.negotiate();
  call.wait(0s);
  EXPECT_EQ(call.left.machine.ice_gathering_state(), IceGatheringState::complete);
  EXPECT_THAT(call.left.machine.local_description()->sdp, HasSubstr("typ relay"));
  EXPECT_THAT(call.left.machine.local_description()->sdp, HasSubstr("a=end-of-candidates"));
  EXPECT_EQ(*call.left.time_of<events::IceCandidate>(), start);
  EXPECT_TRUE(call.run_until([&] { return call.left.saw<events::ChannelOpen>(); }));
  EXPECT_EQ(call.allocations(), 1U);
}

// W3C 4.4.1.3: the same order of events as without a pool.
TEST(CandidatePool, TellsGatheringThenCandidatesThenTheEnd) {
  ServerCall call{pool_of(1)};
  call.wait(1s);
  ASSERT_TRUE(call.left->create_data_channel("chat", call.now()));
  call.negotiate();
  call.wait(0s);
  std::string order;
  for (const auto& recorded : call.left.events) {
    if (const auto* state = std::get_if<events::IceGatheringStateChange>(&recorded.event)) {
      order += state->state == IceGatheringState::complete ? "C" : "g";
    } else if (const auto* found = std::get_if<events::IceCandidate>(&recorded.event)) {
      order += !found->candidate ? "0" : found->candidate->candidate.empty() ? "e" : "c";
    }
  }
  EXPECT_EQ(order, "gcceC0");
}

TEST(CandidatePool, ServesTheAnswererToo) {
  ServerCall call{pool_of(1)};
  call.wait(1s);
  ASSERT_TRUE(call.right->create_data_channel("chat", call.now()));
  call.negotiate(call.right, call.left);
  call.wait(0s);
  EXPECT_EQ(call.left.machine.ice_gathering_state(), IceGatheringState::complete);
  EXPECT_TRUE(call.run_until([&] { return call.right.saw<events::ChannelOpen>(); }));
  EXPECT_EQ(call.allocations(), 1U);
}

// RFC 9429 3.5.4: what the first negotiation did not need goes with its answer.
TEST(CandidatePool, TheAnswerDiscardsTheRest) {
  ServerCall call{pool_of(3)};
  call.wait(1s);
  EXPECT_EQ(call.allocations(), 3U);
  ASSERT_TRUE(call.left->create_data_channel("chat", call.now()));
  call.negotiate();
  call.wait(1s);
  EXPECT_EQ(call.allocations(), 1U);
  EXPECT_TRUE(call.run_until([&] { return call.left.saw<events::ChannelOpen>(); }));
}

// RFC 9429 4.1.18
TEST(CandidatePool, ChangesWithTheConfigurationUntilThereIsADescription) {
  ServerCall call;
  call.wait(1s);
  call.reconfigure(pool_of(2));
  call.wait(1s);
  EXPECT_EQ(call.allocations(), 2U);
  call.reconfigure(pool_of(1));
  call.wait(1s);
  EXPECT_EQ(call.allocations(), 1U);
  ASSERT_TRUE(call.left->create_data_channel("chat", call.now()));
  call.negotiate();
  Configuration next = call.left.machine.get_configuration();
  next.ice_candidate_pool_size = 2;
  const auto refused = call.left->set_configuration(next, call.now());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().name, ErrorName::invalid_modification_error);
}

// W3C close()
TEST(CandidatePool, GoesWithTheConnection) {
  ServerCall call{pool_of(2)};
  call.wait(1s);
  call.left->close(call.now());
  call.wait(1s);
  EXPECT_EQ(call.allocations(), 0U);
}

// W3C setConfiguration, RFC 9429 5.2.2
TEST(SetConfiguration, NewServersAreUsedFromTheNextOfferOnWhichRestartsIce) {
  ServerCall call;
  ASSERT_TRUE(call.left->create_data_channel("chat", call.now()));
  call.negotiate();
  ASSERT_TRUE(call.run_until([&] { return call.left.saw<events::ChannelOpen>(); }));
  const auto asked = call.left.count<events::NegotiationNeeded>();
  call.reconfigure([](Configuration& to) {
    to.ice_servers = {turn("turn:turn.example.org")};
    to.ice_transport_policy = IceTransportPolicy::relay;
  });
  call.wait(1s);
  EXPECT_EQ(call.allocations(), 0U);
  EXPECT_EQ(call.left.count<events::NegotiationNeeded>(), asked);
  call.negotiate();
  call.wait(5s);
  EXPECT_EQ(call.allocations(), 1U);
  const std::string sdp = call.left.machine.local_description()->sdp;
  EXPECT_THAT(sdp, HasSubstr("typ relay"));
  EXPECT_THAT(sdp, testing::Not(HasSubstr("typ host")));
  EXPECT_TRUE(call.connected());
  // Once: an offer later on keeps its credentials.
  call.negotiate();
  EXPECT_EQ(call.left.machine.local_description()->sdp.find(
                sdp.substr(sdp.find("a=ice-ufrag:"), 20)) != std::string::npos,
            true);
}

// W3C 4.4.2 setConfiguration, "set a configuration"
TEST(SetConfiguration, RefusesWhatMayNotChange) {
  Call call;
  const auto refused = [&](const std::function<void(Configuration&)>& change) {
    Configuration next = call.left.machine.get_configuration();
    change(next);
    const auto set = call.left->set_configuration(next, call.now());
    return set ? std::string{} : std::string{to_string(set.error().name)};
  };
  EXPECT_EQ(refused([](Configuration& it) { it.bundle_policy = BundlePolicy::max_compat; }),
            "InvalidModificationError");
  EXPECT_EQ(refused([&](Configuration& it) {
              it.certificates = call.right.machine.get_configuration().certificates;
            }),
            "InvalidModificationError");
  EXPECT_EQ(refused([](Configuration& it) { it.ice_servers = {{{"turn:example.org"}, "", ""}}; }),
            "InvalidAccessError");
  EXPECT_TRUE(call.left.machine.get_configuration().ice_servers.empty());
  EXPECT_EQ(refused([](Configuration& it) { it.ice_transport_policy = IceTransportPolicy::relay; }),
            "");
}

}  // namespace
}  // namespace lucid::peer
