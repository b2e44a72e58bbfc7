#include <set>

#include "peer/transceiver.hpp"
#include "rtp/extension_values.hpp"
#include "tests/peer/call.hpp"
#include "tests/peer/frames.hpp"

namespace lucid::peer {
namespace {

using namespace std::chrono_literals;

// A publisher calls a forwarder, which calls a viewer: the forwarder hands packets across.
struct Relay {
  explicit Relay(sim::Link link = {.delay = 10ms})
      : world{sim::default_seed()},
        publisher{host("publisher", "192.0.2.1", link)},
        inside{host("inside", "198.51.100.1", link)},
        outside{host("outside", "198.51.100.2", link)},
        viewer{host("viewer", "203.0.113.1", link)} {
    wire(publisher, inside);
    wire(inside, publisher);
    wire(outside, viewer);
    wire(viewer, outside);
  }

  using Actor = sim::Actor<PeerConnection>;
  Actor& host(const char* name, const char* ip, sim::Link link) {
    sim::Host& made = world.add_host(name);
    made.connect(world.internet(), ip, sim::Access::both(link));
    return made.run(maker(test_configuration()));
  }
  void wire(Actor& from, Actor& to) {
    from.on_event = [this, &from, &to](Event& event) {
      if (auto* found = std::get_if<events::IceCandidate>(&event)) {
        ASSERT_TRUE(to->add_ice_candidate(found->candidate, world.now()));
      }
      if (auto* track = std::get_if<events::Track>(&event); track != nullptr && &from == &inside) {
        track->transceiver.receiver().set_output(ReceiverOutput::packets);
      }
      if (auto* packet = std::get_if<events::Packet>(&event); packet && &from == &inside) {
        forward(packet->packet);
      }
      const bool key_frame = std::get_if<events::KeyFrameRequested>(&event) != nullptr;
      if (key_frame && &from == &publisher) key_wanted = true;
      if (key_frame && &from == &outside) {
        inside.first<events::Track>()->transceiver.receiver().request_key_frame(world.now());
        inside->next_timeout();
      }
    };
  }
  void forward(const RtpPacket& packet) {
    ++forwarded;
    repaired += packet.repaired ? 1 : 0;
    toward_viewer.send(packet, world.now());
    outside->next_timeout();
  }
  void negotiate(Actor& offerer, Actor& answerer) {
    const core::Time now = world.now();
    ASSERT_TRUE(offerer->set_local_description(now));
    ASSERT_TRUE(answerer->set_remote_description(*offerer.machine.local_description(), now));
    ASSERT_TRUE(answerer->set_local_description(now));
    ASSERT_TRUE(offerer->set_remote_description(*answerer.machine.local_description(), now));
  }
  void connect() {
    toward_viewer = *outside->add_track({core::MediaKind::video, "forwarded"}, {"relay"});
    negotiate(publisher, inside);
    negotiate(outside, viewer);
    ASSERT_TRUE(world.run_until(
        [&] {
          return publisher.machine.connection_state() == ConnectionState::connected &&
                 viewer.machine.connection_state() == ConnectionState::connected;
        },
        5s));
  }
  void send_frames(Sender sender, int count, const std::string& rid = "") {
    for (int i = 0; i < count; ++i, ++sent) {
      const bool key = i == 0 || std::exchange(key_wanted, false);
      core::EncodedFrame frame = vp8_frame(key, key ? 20'000 : 3'000, 3000U * sent);
      frame.rid = rid;
      sender.send(frame, world.now());
      publisher->next_timeout();
      world.run_for(33ms);
    }
  }

  sim::World world;
  Actor& publisher;
  Actor& inside;
  Actor& outside;
  Actor& viewer;
  Sender toward_viewer;
  std::uint32_t sent = 0;
  bool key_wanted = false;
  std::uint64_t forwarded = 0;
  std::uint64_t repaired = 0;
};

TEST(Packets, AForwarderCarriesFramesWithoutCodec) {
  Relay relay;
  Sender camera = *relay.publisher->add_track({core::MediaKind::video, "camera"});
  relay.connect();
  relay.send_frames(camera, 60);
  relay.world.run_for(500ms);
  EXPECT_FALSE(relay.inside.saw<events::Frame>());
  EXPECT_GT(relay.forwarded, 60U);
  ASSERT_GE(relay.viewer.count<events::Frame>(), 59U);
  EXPECT_EQ(relay.viewer.first<events::Frame>()->frame.data, vp8_frame(true, 20'000, 0).data);
}

TEST(Packets, LossOnEitherLegIsRepairedByTheForwarder) {
  Relay relay{{.delay = 20ms, .loss = 0.03}};
  Sender camera = *relay.publisher->add_track({core::MediaKind::video, "camera"});
  relay.connect();
  relay.send_frames(camera, 90);
  relay.world.run_for(1s);
  EXPECT_GT(relay.repaired, 0U);
  EXPECT_GE(relay.viewer.count<events::Frame>(), 85U);
}

TEST(Packets, AViewersKeyFrameRequestReachesThePublisher) {
  Relay relay;
  Sender camera = *relay.publisher->add_track({core::MediaKind::video, "camera"});
  relay.connect();
  relay.send_frames(camera, 5);
  relay.viewer.first<events::Track>()->transceiver.receiver().request_key_frame(relay.world.now());
  relay.viewer->next_timeout();
  relay.world.run_for(200ms);
  EXPECT_TRUE(relay.publisher.saw<events::KeyFrameRequested>());
}

TEST(Packets, HeaderExtensionsAreReadByName) {
  Relay relay;
  Sender camera = *relay.publisher->add_track({core::MediaKind::video, "camera"});
  relay.connect();
  relay.send_frames(camera, 2);
  relay.world.run_for(100ms);
  const auto* packet = relay.inside.first<events::Packet>();
  ASSERT_NE(packet, nullptr);
  EXPECT_EQ(packet->packet.codec, core::Codec::vp8);
  const auto mid = packet->packet.read<rtp::Mid>();
  ASSERT_TRUE(mid);
  EXPECT_EQ(mid->text, *packet->transceiver.mid());
  EXPECT_TRUE(packet->packet.read<rtp::TransportSequence>());
}

// Numbers and timestamps of what the viewer gets, whichever source they come from.
struct Arrived {
  std::vector<std::uint16_t> sequences;
  std::set<std::uint32_t> ssrcs;
  std::vector<std::uint32_t> timestamps;
};

// RFC 3550 7.1
TEST(Packets, OneStreamGoesOnWhenTheForwarderChangesSource) {
  Relay relay;
  Sender camera = *relay.publisher->add_track({core::MediaKind::video, "camera"});
  Sender screen = *relay.publisher->add_track({core::MediaKind::video, "screen"});
  relay.viewer.on_event = [&, wired = std::move(relay.viewer.on_event)](Event& event) {
    wired(event);
    if (auto* track = std::get_if<events::Track>(&event)) {
      track->transceiver.receiver().set_output(ReceiverOutput::packets);
    }
  };
  Arrived arrived;
  relay.connect();
  relay.send_frames(camera, 10);
  relay.send_frames(screen, 10);
  relay.world.run_for(200ms);
  for (const auto& [time, event] : relay.viewer.events) {
    const auto* it = std::get_if<events::Packet>(&event);
    if (it == nullptr) continue;
    arrived.sequences.push_back(it->packet.view().sequence());
    arrived.ssrcs.insert(it->packet.view().ssrc());
    arrived.timestamps.push_back(it->packet.view().timestamp());
  }
  EXPECT_EQ(arrived.ssrcs.size(), 1U);
  ASSERT_GT(arrived.sequences.size(), 20U);
  for (std::size_t i = 1; i < arrived.sequences.size(); ++i) {
    EXPECT_EQ(arrived.sequences[i], static_cast<std::uint16_t>(arrived.sequences[i - 1] + 1));
    const auto step = static_cast<std::int32_t>(arrived.timestamps[i] - arrived.timestamps[i - 1]);
    EXPECT_GE(step, 0);
    EXPECT_LE(step, 6000);
  }
}

TEST(Packets, AForwarderAsksANewSourceForAKeyFrameAndLeavesOutWhatCannotBeShown) {
  Relay relay;
  Sender camera = *relay.publisher->add_track({core::MediaKind::video, "camera"});
  Sender screen = *relay.publisher->add_track({core::MediaKind::video, "screen"});
  relay.connect();
  relay.send_frames(camera, 10);
  int asked = 0;
  relay.outside.on_event = [&](Event& event) {
    asked += std::holds_alternative<events::KeyFrameRequested>(event) ? 1 : 0;
  };
  const auto send = [&](bool key) {
    screen.send(vp8_frame(key, key ? 20'000 : 3'000, 3000U * relay.sent++), relay.world.now());
    relay.publisher->next_timeout();
    relay.world.run_for(33ms);
  };
  for (int i = 0; i < 5; ++i) send(false);
  EXPECT_EQ(asked, 1);
  const std::size_t before = relay.viewer.count<events::Frame>();
  send(true);
  send(false);
  relay.world.run_for(200ms);
  EXPECT_EQ(before, 10U);
  EXPECT_EQ(relay.viewer.count<events::Frame>(), before + 2);
  EXPECT_EQ(asked, 1);
}

}  // namespace
}  // namespace lucid::peer
