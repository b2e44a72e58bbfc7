#include "rtp/payload/opus.hpp"
#include "tests/rtp/payloads.hpp"

namespace lucid::rtp {
namespace {

using namespace std::chrono_literals;
using testing::assemble;
using testing::packetize;

std::optional<OpusPacket> opus(std::string_view hex) {
  return OpusPacket::parse(*core::from_hex(hex));
}

// RFC 6716 3.1, RFC 6716 3.2.1, RFC 6716 3.2.5
TEST(OpusPacket, TellsItsDuration) {
  EXPECT_EQ(opus("fc aa")->duration, 20ms);  // CELT, one frame of 20 ms
  EXPECT_EQ(opus("e0 aa")->duration, 2'500us);
  EXPECT_EQ(opus("18 aa")->duration, 60ms);         // SILK, 60 ms
  EXPECT_EQ(opus("79 aabb")->duration, 40ms);       // hybrid, two frames of 20 ms
  EXPECT_EQ(opus("7a 01 aa bb")->duration, 40ms);   // two frames of their own lengths
  EXPECT_EQ(opus("fb 03 aabbcc")->duration, 60ms);  // three of the same length
  EXPECT_TRUE(opus("fc aa")->stereo);
  EXPECT_EQ(opus("fc")->duration, 20ms);  // what DTX sends
}

// RFC 6716 3.4
TEST(OpusPacket, RefusesWhatBreaksTheRules) {
  EXPECT_FALSE(opus(""));
  EXPECT_FALSE(opus("79 aabbcc"));     // two equal frames in three bytes
  EXPECT_FALSE(opus("7a 05 aa"));      // the first is longer than all
  EXPECT_FALSE(opus("fb 00"));         // none
  EXPECT_FALSE(opus("fb 03 aabb"));    // three equal frames in two bytes
  EXPECT_FALSE(opus("1b 03 aabbcc"));  // 180 ms
  EXPECT_FALSE(opus("fb 41 ff"));      // padding without end
}

// RFC 6716 2.1.7, RFC 6716 4.2.3
TEST(OpusPacket, KnowsInBandRedundancy) {
  EXPECT_TRUE(opus("48 40 00")->has_fec);  // SILK 20 ms, mono: voice 0, redundancy 1
  EXPECT_FALSE(opus("48 80 00")->has_fec);
  EXPECT_TRUE(opus("4c 10 00")->has_fec);   // stereo: the second channel's bit
  EXPECT_FALSE(opus("fc ff ff")->has_fec);  // CELT has none
}

// RFC 7587 4.2
TEST(AudioPayload, IsOnePacketOfSound) {
  core::SeededRandom random{1};
  const auto packetizer = make_packetizer({.codec = core::Codec::opus}, random);
  core::EncodedFrame frame{.codec = core::Codec::opus, .data = *core::from_hex("fcaabbcc")};
  const auto payloads = packetize(*packetizer, frame, 100);
  ASSERT_EQ(payloads.size(), 1U);
  EXPECT_EQ(payloads[0].bytes, frame.data);
  const auto back = assemble(*make_depacketizer(core::Codec::opus), payloads);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->data, frame.data);
  EXPECT_EQ(back->duration, 20ms);
  frame.data.resize(200);
  EXPECT_FALSE(packetizer->open(frame, 100));
}

// RFC 3551 4.1
TEST(AudioPayload, MarkerShowsWhereSoundComesBack) {
  core::SeededRandom random{1};
  const auto packetizer = make_packetizer({.codec = core::Codec::opus}, random);
  std::vector<bool> markers;
  for (const std::uint32_t timestamp : {0U, 960U, 1920U, 48'000U, 48'960U}) {
    core::EncodedFrame frame{.codec = core::Codec::opus, .data = *core::from_hex("fcaa")};
    frame.rtp_timestamp = timestamp;
    markers.push_back(packetize(*packetizer, frame, 100)[0].piece.marker);
  }
  EXPECT_EQ(markers, (std::vector<bool>{true, false, false, true, false}));
}

// RFC 3551 4.5.2, RFC 3551 4.5.14, RFC 4733 2.3
TEST(AudioPayload, TheOthersTellTheirDurationByLength) {
  for (const core::Codec codec : {core::Codec::g722, core::Codec::pcmu, core::Codec::pcma}) {
    core::EncodedFrame frame;
    const std::vector<std::uint8_t> payload(160);
    const core::Bytes parts[] = {payload};
    ASSERT_TRUE(make_depacketizer(codec)->assemble(parts, frame));
    EXPECT_EQ(frame.duration, 20ms);
    EXPECT_EQ(clock_rate(codec), 8000U);
  }
  const auto events = make_depacketizer(core::Codec::telephone_event);
  EXPECT_TRUE(events->inspect(*core::from_hex("018a0140"), false));
  EXPECT_FALSE(events->inspect(*core::from_hex("018a01"), false));
}

}  // namespace
}  // namespace lucid::rtp
