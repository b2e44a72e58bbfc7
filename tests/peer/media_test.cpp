#include "peer/transceiver.hpp"
#include "tests/peer/call.hpp"

namespace lucid::peer {
namespace {

using namespace std::chrono_literals;

// RFC 6386 9.1: as much of a VP8 frame as RTP looks at.
core::EncodedFrame vp8_frame(bool key, std::size_t size, std::uint32_t timestamp) {
  core::EncodedFrame frame;
  frame.codec = core::Codec::vp8;
  frame.key = key;
  frame.rtp_timestamp = timestamp;
  frame.data.assign(size, static_cast<std::uint8_t>(timestamp / 3000));
  frame.data[0] = key ? 0x10 : 0x11;
  if (key) {
    const std::uint8_t head[] = {0x9D, 0x01, 0x2A, 0x80, 0x02, 0xE0, 0x01};  // 640x480
    std::copy(std::begin(head), std::end(head), frame.data.begin() + 3);
  }
  return frame;
}

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

TEST(Media, KeyFrameRequestReachesTheSender) {
  VideoCall call;
  call.send_frames(5);
  call.right.first<events::Track>()->transceiver.receiver().request_key_frame(call.now());
  call.right->next_timeout();
  call.world.run_for(200ms);
  EXPECT_TRUE(call.left.saw<events::KeyFrameRequested>());
}

}  // namespace
}  // namespace lucid::peer
