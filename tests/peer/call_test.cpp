#include "tests/peer/call.hpp"
#include "core/handle.hpp"
#include "peer/negotiator.hpp"
#include "tests/peer/live_call.hpp"

// Whole connections: over sim and over real sockets, but for what only virtual time can tell.
namespace lucid::peer {
namespace {

using namespace std::chrono_literals;

bool both_open(const auto& call) {
  return call.left.template saw<events::ChannelOpen>() &&
         call.right.template saw<events::ChannelOpen>();
}

template <class Stage>
class Connecting : public testing::Test {};
TYPED_TEST_SUITE(Connecting, Stages);

// One round trip of 100 ms for the check, two for DTLS, two for SCTP; and no timer.
TEST(ConnectingInSim, TakesRoundTripsAndNoTimers) {
  Call call{{.delay = 25ms}};
  (void)call.left->create_data_channel("d", call.now());
  const core::Time start = call.now();
  call.negotiate();
  ASSERT_TRUE(call.run_until([&] { return both_open(call); }));
  EXPECT_LE(call.now() - start, 510ms);
}

// RFC 9429 5.2.1: what has been gathered stands in m= and c=, for peers that know no ICE.
TEST(ConnectingInSim, LocalDescriptionHasADefaultAddress) {
  Call call;
  (void)call.left->create_data_channel("d", call.now());
  call.expect(call.left->set_local_description(call.now()));
  EXPECT_NE(call.left.machine.local_description()->sdp.find("m=application 9 "), std::string::npos);
  ASSERT_TRUE(call.run_until(
      [&] { return call.left.machine.ice_gathering_state() == IceGatheringState::complete; }));
  const std::string text = call.left.machine.local_description()->sdp;
  EXPECT_EQ(text.find("m=application 9 "), std::string::npos);
  EXPECT_NE(text.find("c=IN IP4 192.0.2.1"), std::string::npos);
}

TEST(ConnectingInSim, SurvivesLoss) {
  for (const sim::Seed seed : sim::seeds(10)) {
    Call call{{.delay = 20ms, .loss = 0.1}, test_configuration(), test_configuration(), seed};
    (void)call.left->create_data_channel("d", call.now());
    call.negotiate();
    EXPECT_TRUE(call.run_until([&] { return both_open(call); }, 30s));
  }
}

// RFC 9143 7.3.3, RFC 8445 16.1
TYPED_TEST(Connecting, WorksWithEachBundlePolicy) {
  for (const auto policy :
       {BundlePolicy::balanced, BundlePolicy::max_compat, BundlePolicy::max_bundle}) {
    TypeParam call{Wishes{.left = [&](Configuration& it) { it.bundle_policy = policy; }}};
    (void)call.left->add_track({core::MediaKind::audio, "a"});
    (void)call.left->add_track({core::MediaKind::video, "v"});
    (void)call.left->create_data_channel("d", call.now());
    call.negotiate();
    EXPECT_TRUE(call.run_until([&] { return both_open(call) && call.connected(); }));
    EXPECT_EQ(call.left.machine.get_stats(call.now()).of_type("transport").size(), 1U);
  }
}

// RFC 9143 7.3: a peer that does not know BUNDLE gets a transport for each section.
TYPED_TEST(Connecting, WorksWithAPeerThatDoesNotBundle) {
  TypeParam call;
  (void)call.left->add_track({core::MediaKind::audio, "a"});
  (void)call.left->add_track({core::MediaKind::video, "v"});
  (void)call.left->create_data_channel("d", call.now());
  EXPECT_TRUE(call.left->set_local_description(call.now()));
  auto offer = *call.left.machine.local_description();
  offer.sdp.erase(offer.sdp.find("a=group:BUNDLE"),
                  offer.sdp.find('\n', offer.sdp.find("a=group:BUNDLE")) + 1 -
                      offer.sdp.find("a=group:BUNDLE"));
  EXPECT_TRUE(call.right->set_remote_description(offer, call.now()));
  EXPECT_TRUE(call.right->set_local_description(call.now()));
  const auto answer = *call.right.machine.local_description();
  EXPECT_EQ(answer.sdp.find("a=group:BUNDLE"), std::string::npos);
  TypeParam::expect(call.left->set_remote_description(answer, call.now()));
  EXPECT_TRUE(call.run_until([&] { return both_open(call) && call.connected(); }));
  EXPECT_EQ(call.left.machine.get_stats(call.now()).of_type("transport").size(), 3U);
}

// RFC 9143 7.3, RFC 9429 5.2.2: the first section of a bundle ends, and another takes its place:
// the bundle stays on its transport, and the channel goes on. Whoever of the two fills the place.
TYPED_TEST(Connecting, ABundleKeepsItsTransportWhenItsFirstSectionIsAnother) {
  for (const bool same_side : {true, false}) {
    TypeParam call;
    (void)call.left->add_track({core::MediaKind::video, "v"});
    auto channel = *call.left->create_data_channel("d", call.now());
    call.negotiate();
    ASSERT_TRUE(call.run_until([&] { return both_open(call) && call.connected(); }));
    EXPECT_TRUE(call.left.machine.get_transceivers().front().stop(call.now()));
    call.negotiate();
    auto& filling = same_side ? call.left : call.right;
    auto& other = same_side ? call.right : call.left;
    (void)filling->add_track({core::MediaKind::audio, "a"});
    call.negotiate(filling, other);
    EXPECT_EQ(call.left.machine.get_stats(call.now()).of_type("transport").size(), 1U);
    EXPECT_TRUE(channel.send("still here", call.now()));
    (void)call.left->next_timeout();
    EXPECT_TRUE(call.run_until([&] { return call.right.template saw<events::ChannelMessage>(); }));
    EXPECT_TRUE(call.connected());
  }
}

TYPED_TEST(Connecting, EventsComeInTheOrderOfTheW3C) {
  TypeParam call;
  (void)call.left->create_data_channel("d", call.now());
  call.negotiate();
  ASSERT_TRUE(call.run_until([&] { return both_open(call) && call.connected(); }));
  std::vector<std::string> states;
  for (const auto& [time, event] : call.left.events) {
    std::visit(core::Overloaded{
                   [&](const events::SignalingStateChange& e) {
                     states.push_back("signaling " + std::string{to_string(e.state)});
                   },
                   [&](const events::IceGatheringStateChange& e) {
                     states.push_back("gathering " + std::string{to_string(e.state)});
                   },
                   [&](const events::IceConnectionStateChange& e) {
                     states.push_back("ice " + std::string{to_string(e.state)});
                   },
                   [&](const events::ConnectionStateChange& e) {
                     states.push_back("connection " + std::string{to_string(e.state)});
                   },
                   [](const auto&) {},
               },
               event);
  }
  const auto place = [&](std::string_view state) {
    const auto it = std::ranges::find(states, state);
    EXPECT_NE(it, states.end()) << state;
    return it - states.begin();
  };
  EXPECT_LT(place("signaling have-local-offer"), place("gathering gathering"));
  EXPECT_LT(place("gathering gathering"), place("gathering complete"));
  EXPECT_LT(place("ice checking"), place("connection connecting"));
  EXPECT_LT(place("ice connected"), place("connection connected"));
}

// The same seed, the same run: every event at its time, and every byte of every description.
TEST(Determinism, TwoRunsOfOneSeedAreTheSame) {
  const auto run = [](sim::Seed seed) {
    Call call{{.delay = 20ms, .jitter = 5ms, .loss = 0.05},
              test_configuration(),
              test_configuration(),
              seed};
    auto channel = *call.left->create_data_channel("d", call.now());
    call.negotiate();
    call.run_until([&] { return both_open(call); });
    for (int i = 0; i < 20; ++i) {
      (void)channel.send(std::string(1000, 'x'), call.now());
      (void)call.left->next_timeout();
      call.world.run_for(10ms);
    }
    std::string record;
    for (const auto& [time, event] : call.right.events) {
      record += std::to_string(time.time_since_epoch().count()) + ":" +
                std::to_string(event.index()) + " ";
    }
    record += std::to_string(call.left.transmits) + call.left.machine.local_description()->sdp +
              call.right.machine.local_description()->sdp;
    return record;
  };
  EXPECT_EQ(run(sim::Seed{5}), run(sim::Seed{5}));
  EXPECT_NE(run(sim::Seed{5}), run(sim::Seed{6}));
}

// W3C webrtc-pc 10.7
TEST(Negotiator, ResolvesAHundredRoundsOfGlare) {
  Call call;
  call.trickling = false;
  Negotiator polite{call.left.machine, Politeness::polite};
  Negotiator impolite{call.right.machine, Politeness::impolite};
  const auto wire = [&](Call::Actor& from, Call::Actor& to, Negotiator& own, Negotiator& other) {
    // Signaling takes time, so that offers cross.
    from.on_event = [&](Event& event) {
      if (const auto* found = std::get_if<events::IceCandidate>(&event)) {
        call.world.after(15ms, [&, candidate = found->candidate] {
          Call::expect(other.on_candidate(candidate, call.now()));
          (void)to->next_timeout();
        });
      }
      const auto offer = own.on_event(event, call.now());
      ASSERT_TRUE(offer) << offer.error().text();
      if (!*offer) return;
      call.world.after(15ms, [&, description = **offer] {
        const auto answer = other.on_description(description, call.now());
        ASSERT_TRUE(answer) << answer.error().text();
        (void)to->next_timeout();
        if (!*answer) return;
        call.world.after(15ms, [&, reply = **answer] {
          const auto taken = own.on_description(reply, call.now());
          ASSERT_TRUE(taken) << taken.error().text();
          (void)from->next_timeout();
        });
      });
    };
  };
  wire(call.left, call.right, polite, impolite);
  wire(call.right, call.left, impolite, polite);
  (void)call.left->create_data_channel("l", call.now());
  for (int round = 0; round < 100; ++round) {
    // Both want something at the same moment.
    const auto kind = round % 2 == 0 ? core::MediaKind::audio : core::MediaKind::video;
    if (round < 2) {
      (void)call.left->add_transceiver(kind);
      (void)call.right->add_transceiver(kind);
    } else {
      call.left->restart_ice();
      call.right->restart_ice();
    }
    ASSERT_TRUE(call.run_until([&] {
      return call.left.machine.signaling_state() == SignalingState::stable &&
             call.right.machine.signaling_state() == SignalingState::stable;
    }));
    call.world.run_for(100ms);
  }
  EXPECT_TRUE(call.run_until([&] { return call.connected() && both_open(call); }));
}

}  // namespace
}  // namespace lucid::peer
