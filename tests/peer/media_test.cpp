#include "peer/transceiver.hpp"
#include "tests/peer/frames.hpp"
#include "tests/peer/live_call.hpp"

namespace lucid::peer {
namespace {

using namespace std::chrono_literals;

MediaStreamTrack video_track() { return {core::MediaKind::video, "camera"}; }

template <class Stage>
struct VideoCall : Stage {
  explicit VideoCall(auto&&... with) : Stage{with...} {
    sender = *this->left->add_track(video_track(), {"stream"});
    this->negotiate();
    EXPECT_TRUE(this->run_until([&] { return this->connected(); }));
  }
  void send_frames(int count, core::Duration apart = 10ms) {
    for (int i = 0; i < count; ++i) {
      const bool key = sent == 0 || std::exchange(key_wanted, false);
      sender.send(vp8_frame(key, key ? 20'000 : 3'000, 3000U * sent++), this->now());
      this->left->next_timeout();  // the handle went past its side: wake that
      this->wait(apart);
    }
  }
  std::size_t frames() const { return this->right.template count<events::Frame>(); }

  Sender sender;
  std::uint32_t sent = 0;
  bool key_wanted = false;
};

template <class Stage>
class Media : public testing::Test {};
TYPED_TEST_SUITE(Media, Stages);

TYPED_TEST(Media, FramesArriveWhole) {
  VideoCall<TypeParam> call;
  call.send_frames(30);
  EXPECT_TRUE(call.run_until([&] { return call.frames() >= 29; }));
  const auto* frame = call.right.template first<events::Frame>();
  ASSERT_NE(frame, nullptr);
  EXPECT_TRUE(frame->frame.key);
  EXPECT_EQ(frame->frame.data, vp8_frame(true, 20'000, 0).data);
  EXPECT_TRUE(call.right.template saw<events::Unmute>());
}

TYPED_TEST(Media, TrackEventTellsStreams) {
  VideoCall<TypeParam> call;
  const auto* track = call.right.template first<events::Track>();
  ASSERT_NE(track, nullptr);
  EXPECT_EQ(track->streams, std::vector<std::string>{"stream"});
  EXPECT_EQ(track->transceiver.direction(), Direction::recvonly);
}

TEST(MediaInSim, LossIsRepairedByRetransmission) {
  VideoCall<Call> call{sim::Link{.delay = 20ms, .loss = 0.05}};
  call.send_frames(90, 33ms);
  call.world.run_for(1s);
  EXPECT_GE(call.frames(), 85U);
}

TEST(MediaInSim, StatisticsHaveWhatTheOtherEndReports) {
  VideoCall<Call> call;
  call.send_frames(150, 33ms);
  const auto here = call.right.machine.get_stats(call.now());
  ASSERT_EQ(here.of_type("remote-outbound-rtp").size(), 1U);
  const auto* sent = here.of_type("remote-outbound-rtp")[0]->find("packetsSent");
  ASSERT_NE(sent, nullptr);
  EXPECT_GT(std::get<std::uint64_t>(*sent), 0U);
  EXPECT_EQ(call.left.machine.get_stats(call.now()).of_type("remote-inbound-rtp").size(), 1U);
}

TYPED_TEST(Media, TargetsFollowTheParametersOfEncodings) {
  VideoCall<TypeParam> call;
  const auto* first = call.left.template first<events::EncodingTargets>();
  ASSERT_NE(first, nullptr);
  EXPECT_GT(first->encodings.at(0).bitrate, 1'000'000U);
  RtpSendParameters parameters = call.sender.get_parameters();
  parameters.encodings[0].max_bitrate = 300'000;
  parameters.encodings[0].max_framerate = 15;
  parameters.encodings[0].scale_resolution_down_by = 2;
  ASSERT_TRUE(call.sender.set_parameters(parameters));
  call.left->next_timeout();
  call.wait(1ms);
  const EncodingTarget now = call.sender.targets().at(0);
  EXPECT_EQ(now.bitrate, 300'000U);
  EXPECT_EQ(now.max_framerate, 15);
  EXPECT_EQ(now.scale_resolution_down_by, 2);
  EXPECT_EQ(call.left.template count<events::EncodingTargets>(), 2U);
  parameters = call.sender.get_parameters();
  parameters.encodings[0].active = false;
  ASSERT_TRUE(call.sender.set_parameters(parameters));
  EXPECT_FALSE(call.sender.targets().at(0).active);
}

TYPED_TEST(Media, KeyFrameRequestReachesTheSender) {
  VideoCall<TypeParam> call;
  call.send_frames(5);
  call.right.template first<events::Track>()->transceiver.receiver().request_key_frame(call.now());
  call.right->next_timeout();
  EXPECT_TRUE(call.run_until([&] { return call.left.template saw<events::KeyFrameRequested>(); }));
}

// RFC 3711 3.3.1: a receiver that has seen an SSRC takes nothing that is numbered anew.
TYPED_TEST(Media, AStreamGoesOnWhereItStoppedWhenItsDirectionComesBack) {
  VideoCall<TypeParam> call;
  call.send_frames(30);
  for (const Direction direction : {Direction::inactive, Direction::sendonly}) {
    (void)call.left->get_transceivers()[0].set_direction(direction);
    call.negotiate();
    call.wait(100ms);
  }
  const std::size_t before = call.frames();
  call.key_wanted = true;
  call.send_frames(30);
  EXPECT_TRUE(call.run_until([&] { return call.frames() >= before + 29; }));
  const StatsReport report = call.left->get_stats(call.now());
  const Stats* stream = report.of_type("outbound-rtp").at(0);
  EXPECT_GE(std::get<std::uint64_t>(*stream->find("framesSent")), 60U);
}

}  // namespace
}  // namespace lucid::peer
