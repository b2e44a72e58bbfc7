#include "rtp/payload/red.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "rtp/receive/stream.hpp"
#include "rtp/send/stream.hpp"

namespace lucid::rtp {
namespace {

// RFC 2198 3
TEST(Red, OlderBlocksComeFirst) {
  const auto old = *core::from_hex("aabb");
  const auto fresh = *core::from_hex("ccddee");
  const RedBlock blocks[] = {{111, 960, old}, {111, 0, fresh}};
  std::vector<std::uint8_t> room(64);
  core::ByteWriter out{room};
  ASSERT_TRUE(write_red(blocks, out));
  EXPECT_EQ(core::to_hex(out.written()),
            "ef0f0002"
            "6f"
            "aabb"
            "ccddee");
  const auto red = RedPayload::parse(out.written());
  ASSERT_TRUE(red);
  ASSERT_EQ(red->blocks().size(), 2U);
  EXPECT_EQ(red->blocks()[0].payload_type, 111);
  EXPECT_EQ(red->blocks()[0].timestamp_offset, 960);
  EXPECT_EQ(core::to_hex(red->blocks()[0].data), "aabb");
  EXPECT_EQ(core::to_hex(red->blocks()[1].data), "ccddee");
}

TEST(Red, RefusesLengthsThatDoNotFit) {
  EXPECT_FALSE(RedPayload::parse({}));
  EXPECT_FALSE(RedPayload::parse(*core::from_hex("ef0f00")));
  EXPECT_FALSE(RedPayload::parse(*core::from_hex("ef0f0002")));
  EXPECT_FALSE(RedPayload::parse(*core::from_hex("ef0f00026faa")));
  EXPECT_FALSE(RedPayload::parse(std::vector<std::uint8_t>(100, 0xFF)));
}

TEST(Red, WritesNoBlockThatItCannotDescribe) {
  const std::vector<std::uint8_t> large(1024);
  std::vector<std::uint8_t> room(4096);
  core::ByteWriter out{room};
  const RedBlock too_long[] = {{111, 960, large}, {111, 0, {}}};
  const RedBlock too_old[] = {{111, 0x4000, {}}, {111, 0, {}}};
  EXPECT_FALSE(write_red(too_long, out));
  EXPECT_FALSE(write_red(too_old, out));
  EXPECT_FALSE(write_red({}, out));
  EXPECT_EQ(out.size(), 0U);
}

// RFC 2198 4. Twenty milliseconds of Opus each; one packet in three is lost, never two in a row.
TEST(Red, SentTwiceALostPacketIsThereAllTheSame) {
  core::SeededRandom random{1};
  core::Pool pool;
  congestion::Fixed controller{1'000'000};
  Pacer pacer{controller, {random, pool}};
  SendStreamConfig sending{.ssrc = 5, .payload_type = 111, .format = {.codec = core::Codec::opus}};
  sending.red_payload_type = 63;
  SendStream sender{sending, {random, pool}};
  ReceiveStreamConfig receiving{.ssrc = 5, .formats = {{111, core::Codec::opus}}};
  receiving.red_payload_type = 63;
  receiving.clock_rate = 48'000;
  ReceiveStream receiver{receiving, {random, pool}};
  std::vector<std::int64_t> sequences;
  std::vector<std::uint8_t> contents;
  for (std::uint8_t n = 0; n < 60; ++n) {
    const core::Time now{std::chrono::milliseconds{1000 + 20 * n}};
    core::EncodedFrame frame{.codec = core::Codec::opus, .data = {0x78, n, n}};
    frame.rtp_timestamp = n * 960U;
    sender.send(frame, now, pacer);
    auto packet = pacer.poll_transmit();
    ASSERT_TRUE(packet);
    EXPECT_EQ(Packet::parse(packet->bytes)->payload_type(), 63);
    if (n % 3 != 1) receiver.handle_datagram(std::move(packet->bytes), now);
    while (const auto event = receiver.poll_event()) {
      const auto& got = std::get<ReceiveStream::Frame>(*event);
      sequences.push_back(got.sequence);
      contents.push_back(got.frame.data.at(1));
    }
  }
  ASSERT_EQ(contents.size(), 60U);
  for (std::uint8_t n = 0; n < 60; ++n) {
    EXPECT_EQ(contents[n], n);
    EXPECT_EQ(sequences[n] - sequences[0], n);
  }
}

}  // namespace
}  // namespace lucid::rtp
