#include <gtest/gtest.h>

#include <chrono>

#include "rtp/payload/h264.hpp"
#include "rtp/receive/stream.hpp"
#include "rtp/send/history.hpp"

// What a sender gone mad, or one who means harm, may do to those who know its keys.
namespace lucid::rtp {
namespace {

using namespace std::chrono_literals;

struct HostileSource : testing::Test {
  core::SeededRandom random{1};
  core::Pool pool;
  core::Time now{10s};

  core::Buffer packet(const Header& header, std::string_view payload) {
    core::Buffer bytes = pool.copy(*core::from_hex(payload));
    HeaderWriter{header}.prepend_to(bytes);
    return bytes;
  }
};

// Each of these jumps was believed a little: the way back up from them once took all of the stack.
TEST_F(HostileSource, NumbersThatFallHalfACircleEachTimeLeadNowhere) {
  ReceiveStream stream{{.ssrc = 1, .formats = {{96, core::Codec::vp8}}}, {random, pool}};
  std::uint16_t sequence = 40'000;
  const auto receive = [&](std::string_view payload) {
    stream.handle_datagram(packet({.payload_type = 96,
                                   .marker = true,
                                   .sequence = sequence,
                                   .timestamp = 3000U * sequence,
                                   .ssrc = 1},
                                  payload),
                           now);
    now += 10us;
  };
  for (int i = 0; i < 2100; ++i) {
    ++sequence;
    receive("10 11 00 00");
  }
  for (int i = 0; i < 3000; ++i) {
    sequence = static_cast<std::uint16_t>(sequence - 32'767);
    receive("10 11 00 00");
  }
  ++sequence;
  receive("10 10 00 00 9d 01 2a 40 01 f0 00 00");
  const std::uint64_t restarts = stream.stats().restarts;
  EXPECT_LE(restarts, 1U);
  while (stream.poll_event()) continue;
  for (int i = 0; i < 10; ++i) {
    ++sequence;
    receive(i == 0 ? "10 10 00 00 9d 01 2a 40 01 f0 00 00" : "10 11 00 00");
  }
  now += 3s;
  stream.handle_timeout(now);
  int shown = 0;
  while (stream.poll_event()) ++shown;
  EXPECT_GE(shown, 9);
}

// The packets of a frame that was handed out are gone, and no other frame may be made of them.
TEST_F(HostileSource, AFrameIsNotMadeOfPacketsThatAnotherUsed) {
  FrameAssembler assembler{core::Codec::vp8};
  const auto take = [&](std::uint16_t sequence, bool marker, std::string_view payload) {
    core::Buffer bytes =
        packet({.payload_type = 96, .marker = marker, .sequence = sequence, .ssrc = 1}, payload);
    const auto view = Packet::parse(bytes.bytes());
    (void)assembler.insert(*view, std::move(bytes), {.sequence = sequence});
  };
  take(12, false, "10 11 00 00 12");
  take(13, false, "00 13");
  take(14, true, "00 14");
  const auto first = assembler.pop();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->frame.data, *core::from_hex("11 00 00 12 13 14"));
  take(10, false, "10 11 00 00 10");
  take(11, false, "00 11");
  EXPECT_FALSE(assembler.pop());
}

TEST_F(HostileSource, FramesThatAreNeverReadyTakeBoundedMemory) {
  FrameBuffer frames{90'000};
  constexpr std::size_t size = 4 << 20;
  for (std::int64_t i = 0; i < 40; ++i) {
    AssembledFrame frame{.first_sequence = 10 * i, .last_sequence = 10 * i, .complete_at = now};
    frame.frame.rtp_timestamp = static_cast<std::uint32_t>(3000 * i);
    frame.frame.data.resize(size);
    frames.insert(std::move(frame), now);
    now += 33ms;
  }
  EXPECT_EQ(frames.stats().dropped, 24U) << "64 MiB are kept";
}

TEST_F(HostileSource, PlacesLeftOutInTheHistoryAreBounded) {
  PacketHistory history;
  for (unsigned i = 0; i < 200; ++i) {
    const auto sequence = static_cast<std::uint16_t>(i * 1000);
    history.store(sequence, pool.copy(core::as_bytes("packet")), now);
  }
  EXPECT_LE(history.size(), 32'768U);
  EXPECT_NE(history.ask(static_cast<std::uint16_t>(180 * 1000), 0us, now), nullptr);
}

// A step of a scaling list as large as its code can say, which overflowed (UBSan tells).
TEST(H264, ScalingListsMayStepAsFarAsTheyLike) {
  // High profile with a scaling matrix: 31 zeros, then 2^31 - 2, is a step of 2^31 - 1.
  EXPECT_FALSE(h264::SequenceParameters::parse(
      *core::from_hex("67 64 00 1f ad 80 00 00 00 ff ff ff fe ff ff")));
}

}  // namespace
}  // namespace lucid::rtp
