#include "peer/transceiver.hpp"
#include "tests/peer/call.hpp"
#include "tests/peer/frames.hpp"

namespace lucid::peer {
namespace {

using namespace std::chrono_literals;

MediaStreamTrack video_track() { return {core::MediaKind::video, "camera"}; }

struct VideoCall : Call {
  explicit VideoCall(sim::Link link = {.delay = 10ms}) : Call{link} {
    sender = *left->add_track(video_track(), {"stream"});
    negotiate();
    EXPECT_TRUE(run_until([&] { return connected(); }));
  }
  // Thirty frames a second.
  void send_frames(int count) {
    for (int i = 0; i < count; ++i) {
      const bool key = sent == 0 || std::exchange(key_wanted, false);
      sender.send(vp8_frame(key, key ? 20'000 : 3'000, 3000U * sent++), now());
      left->next_timeout();  // the handle went past the actor: wake it
      world.run_for(33ms);
    }
  }

  Sender sender;
  std::uint32_t sent = 0;
  bool key_wanted = false;
};

TEST(Media, FramesArriveWhole) {
  VideoCall call;
  call.send_frames(30);
  call.world.run_for(500ms);
  EXPECT_GE(call.right.count<events::Frame>(), 29U);
  const auto* frame = call.right.first<events::Frame>();
  ASSERT_NE(frame, nullptr);
  EXPECT_TRUE(frame->frame.key);
  EXPECT_EQ(frame->frame.data, vp8_frame(true, 20'000, 0).data);
  EXPECT_TRUE(call.right.saw<events::Unmute>());
}

TEST(Media, TrackEventTellsStreams) {
  VideoCall call;
  const auto* track = call.right.first<events::Track>();
  ASSERT_NE(track, nullptr);
  EXPECT_EQ(track->streams, std::vector<std::string>{"stream"});
  EXPECT_EQ(track->transceiver.direction(), Direction::recvonly);
}

TEST(Media, LossIsRepairedByRetransmission) {
  VideoCall call{{.delay = 20ms, .loss = 0.05}};
  call.send_frames(90);
  call.world.run_for(1s);
  EXPECT_GE(call.right.count<events::Frame>(), 85U);
}

TEST(Media, StatisticsHaveWhatTheOtherEndReports) {
  VideoCall call;
  call.send_frames(150);
  const auto here = call.right.machine.get_stats(call.now());
  ASSERT_EQ(here.of_type("remote-outbound-rtp").size(), 1U);
  const auto* sent = here.of_type("remote-outbound-rtp")[0]->find("packetsSent");
  ASSERT_NE(sent, nullptr);
  EXPECT_GT(std::get<std::uint64_t>(*sent), 0U);
  EXPECT_EQ(call.left.machine.get_stats(call.now()).of_type("remote-inbound-rtp").size(), 1U);
}

TEST(Media, TargetsFollowTheParametersOfEncodings) {
  VideoCall call;
  const auto* first = call.left.first<events::EncodingTargets>();
  ASSERT_NE(first, nullptr);
  EXPECT_GT(first->encodings.at(0).bitrate, 1'000'000U);
  RtpSendParameters parameters = call.sender.get_parameters();
  parameters.encodings[0].max_bitrate = 300'000;
  parameters.encodings[0].max_framerate = 15;
  parameters.encodings[0].scale_resolution_down_by = 2;
  ASSERT_TRUE(call.sender.set_parameters(parameters));
  call.left->next_timeout();
  call.world.run_for(1ms);
  const EncodingTarget now = call.sender.targets().at(0);
  EXPECT_EQ(now.bitrate, 300'000U);
  EXPECT_EQ(now.max_framerate, 15);
  EXPECT_EQ(now.scale_resolution_down_by, 2);
  EXPECT_EQ(call.left.count<events::EncodingTargets>(), 2U);
  parameters = call.sender.get_parameters();
  parameters.encodings[0].active = false;
  ASSERT_TRUE(call.sender.set_parameters(parameters));
  EXPECT_FALSE(call.sender.targets().at(0).active);
}

TEST(Media, KeyFrameRequestReachesTheSender) {
  VideoCall call;
  call.send_frames(5);
  call.right.first<events::Track>()->transceiver.receiver().request_key_frame(call.now());
  call.right->next_timeout();
  call.world.run_for(200ms);
  EXPECT_TRUE(call.left.saw<events::KeyFrameRequested>());
}

// RFC 3711 3.3.1: a receiver that has seen an SSRC takes nothing that is numbered anew.
TEST(Media, AStreamGoesOnWhereItStoppedWhenItsDirectionComesBack) {
  VideoCall call;
  call.send_frames(30);
  for (const Direction direction : {Direction::inactive, Direction::sendonly}) {
    (void)call.left->get_transceivers()[0].set_direction(direction);
    call.negotiate();
    call.world.run_for(100ms);
  }
  const std::size_t before = call.right.count<events::Frame>();
  call.key_wanted = true;
  call.send_frames(30);
  call.world.run_for(500ms);
  EXPECT_GE(call.right.count<events::Frame>(), before + 29);
  const StatsReport report = call.left->get_stats(call.now());
  const Stats* stream = report.of_type("outbound-rtp").at(0);
  EXPECT_GE(std::get<std::uint64_t>(*stream->find("framesSent")), 60U);
}

}  // namespace
}  // namespace lucid::peer
