#include "rtp/packet.hpp"

#include <gtest/gtest.h>

#include "rtp/payload/depacketizer.hpp"
#include "rtp/payload/packetizer.hpp"
#include "rtp/rtcp/packet.hpp"

namespace lucid::rtp {
namespace {

std::vector<std::uint8_t> bytes_of(std::string_view hex) { return *core::from_hex(hex); }

constexpr std::string_view plain = "8060 0001 00000002 00000003 aabb";

// RFC 3550 5.1
TEST(Packet, ReadsTheFixedHeader) {
  const auto bytes = bytes_of("80e0 1234 89abcdef 01020304 0506");
  const auto packet = Packet::parse(bytes);
  ASSERT_TRUE(packet);
  EXPECT_TRUE(packet->marker());
  EXPECT_EQ(packet->payload_type(), 96);
  EXPECT_EQ(packet->sequence(), 0x1234);
  EXPECT_EQ(packet->timestamp(), 0x89ABCDEFU);
  EXPECT_EQ(packet->ssrc(), 0x01020304U);
  EXPECT_EQ(core::to_hex(packet->payload()), "0506");
  EXPECT_EQ(packet->header_size(), 12U);
}

TEST(Packet, ReadsContributingSources) {
  const auto bytes = bytes_of("8260 0001 00000002 00000003 11111111 22222222 aa");
  const auto packet = Packet::parse(bytes);
  ASSERT_TRUE(packet);
  ASSERT_EQ(packet->csrc_count(), 2U);
  EXPECT_EQ(packet->csrc(1), 0x22222222U);
  EXPECT_EQ(packet->payload().size(), 1U);
}

// RFC 3550 A.1
TEST(Packet, RefusesWhatIsNoRtp) {
  EXPECT_EQ(Packet::parse({}).error(), PacketError::truncated);
  EXPECT_EQ(Packet::parse(bytes_of("8060 0001 00000002 000000")).error(), PacketError::truncated);
  EXPECT_EQ(Packet::parse(bytes_of("4060 0001 00000002 00000003")).error(),
            PacketError::bad_version);
  EXPECT_EQ(Packet::parse(bytes_of("8160 0001 00000002 00000003")).error(), PacketError::truncated);
}

// RFC 3550 5.3.1
TEST(Packet, RefusesAnExtensionBeyondTheEnd) {
  EXPECT_EQ(Packet::parse(bytes_of("9060 0001 00000002 00000003 bede0001")).error(),
            PacketError::bad_extension);
}

TEST(Packet, TakesPaddingOffThePayload) {
  const auto bytes = bytes_of("a060 0001 00000002 00000003 aabb 000003");
  const auto packet = Packet::parse(bytes);
  ASSERT_TRUE(packet);
  EXPECT_EQ(core::to_hex(packet->payload()), "aabb");
  EXPECT_EQ(packet->padding_size(), 3U);
  EXPECT_EQ(Packet::parse(bytes_of("a060 0001 00000002 00000003 aa00")).error(),
            PacketError::bad_padding);
  EXPECT_EQ(Packet::parse(bytes_of("a060 0001 00000002 00000003 aa03")).error(),
            PacketError::bad_padding);
}

// RFC 8285 4.1.1, RFC 8285 4.2
TEST(Packet, FindsOneByteElementsAndStopsAtFifteen) {
  const auto bytes =
      bytes_of("9060 0001 00000002 00000003 bede0003 10aa 0000 21bbcc f0 30dd 0000 ee");
  const auto packet = Packet::parse(bytes);
  ASSERT_TRUE(packet);
  EXPECT_EQ(core::to_hex(packet->extension(1).value()), "aa");
  EXPECT_EQ(core::to_hex(packet->extension(2).value()), "bbcc");
  EXPECT_FALSE(packet->extension(3));
  EXPECT_EQ(core::to_hex(packet->payload()), "ee");
}

// RFC 8285 4.3
TEST(Packet, FindsTwoByteElements) {
  const auto bytes = bytes_of("9060 0001 00000002 00000003 10000002 0100 0000 2002aabb ee");
  const auto packet = Packet::parse(bytes);
  ASSERT_TRUE(packet);
  EXPECT_TRUE(packet->extension(1).value().empty());
  EXPECT_EQ(core::to_hex(packet->extension(32).value()), "aabb");
}

TEST(Packet, IgnoresAnElementThatRunsOverTheEnd) {
  const auto bytes = bytes_of("9060 0001 00000002 00000003 bede0001 10aa 2fbb ee");
  const auto packet = Packet::parse(bytes);
  ASSERT_TRUE(packet);
  EXPECT_TRUE(packet->extension(1));
  EXPECT_FALSE(packet->extension(2));
}

// RFC 5761 4
TEST(IsRtcp, LooksAtTheSecondByte) {
  EXPECT_TRUE(is_rtcp(bytes_of("81c8")));
  EXPECT_TRUE(is_rtcp(bytes_of("81cf")));
  EXPECT_FALSE(is_rtcp(bytes_of("8060")));
  EXPECT_FALSE(is_rtcp(bytes_of("80e0")));
  EXPECT_FALSE(is_rtcp(bytes_of("80")));
}

TEST(PacketRewriter, ChangesFieldsInPlace) {
  auto bytes = bytes_of(plain);
  PacketRewriter rewriter{bytes};
  rewriter.marker(true);
  rewriter.payload_type(100);
  rewriter.sequence(0x1234);
  rewriter.timestamp(0x56789ABC);
  rewriter.ssrc(0xDEADBEEF);
  EXPECT_EQ(core::to_hex(bytes), "80e4123456789abcdeadbeefaabb");
}

TEST(HeaderWriter, WritesOneByteElementsPaddedToAWord) {
  HeaderWriter writer{
      {.payload_type = 96, .marker = true, .sequence = 1, .timestamp = 2, .ssrc = 3}};
  ASSERT_TRUE(writer.add_csrc(0x11111111));
  ASSERT_TRUE(writer.add_extension(1, bytes_of("aa")));
  ASSERT_TRUE(writer.add_extension(2, bytes_of("bbcc")));
  EXPECT_EQ(core::to_hex(writer.bytes()),
            "91e00001"
            "00000002"
            "00000003"
            "11111111"
            "bede0002"
            "10aa21bb"
            "cc000000");
  EXPECT_FALSE(writer.add_csrc(5));
}

TEST(HeaderWriter, WidensWhatItHasWhenAnElementNeedsTheTwoByteForm) {
  HeaderWriter writer{{.payload_type = 96, .sequence = 1, .timestamp = 2, .ssrc = 3}};
  ASSERT_TRUE(writer.add_extension(1, bytes_of("aa")));
  ASSERT_TRUE(writer.add_extension(2, bytes_of("bbcc")));
  ASSERT_TRUE(writer.add_extension(16, bytes_of("dd")));
  ASSERT_TRUE(writer.add_extension(17, core::Bytes{}));
  EXPECT_EQ(core::to_hex(writer.bytes()),
            "90600001"
            "00000002"
            "00000003"
            "10000003"
            "0101aa02"
            "02bbcc10"
            "01dd1100");
}

TEST(HeaderWriter, RefusesElementsThatFitNowhere) {
  HeaderWriter writer{{}};
  EXPECT_TRUE(writer.add_extension(0, 1).empty());
  EXPECT_TRUE(writer.add_extension(1, 256).empty());
  EXPECT_EQ(writer.add_extension(1, 200).size(), 200U);
  EXPECT_TRUE(writer.add_extension(2, 60).empty());
  EXPECT_TRUE(Packet::parse(writer.bytes()));
}

TEST(HeaderWriter, LaysHeadersInFrontOfPayloadsAndLeavesRoomToFillLate) {
  core::Pool pool;
  HeaderWriter writer{{.payload_type = 96, .sequence = 7, .timestamp = 2, .ssrc = 3}};
  writer.add_extension(5, 2);
  core::Buffer packet = pool.copy(bytes_of("aabbcc"));
  writer.prepend_to(packet);
  const core::MutableBytes room = PacketRewriter{packet.bytes()}.extension(5);
  ASSERT_EQ(room.size(), 2U);
  room[1] = 9;
  const auto view = Packet::parse(packet);
  ASSERT_TRUE(view);
  EXPECT_EQ(core::to_hex(view->extension(5).value()), "0009");
  EXPECT_EQ(core::to_hex(view->payload()), "aabbcc");
}

TEST(AddPadding, IsReadBack) {
  core::Pool pool;
  core::Buffer packet = pool.copy(bytes_of(plain));
  add_padding(packet, 9);
  const auto view = Packet::parse(packet);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->padding_size(), 9U);
  EXPECT_EQ(core::to_hex(view->payload()), "aabb");
}

TEST(ReplaceHeader, KeepsPayloadAndPadding) {
  core::Pool pool;
  core::Buffer packet =
      pool.copy(bytes_of("b060 0001 00000002 00000003 bede0001 10aa0000 cc 02 0002"));
  HeaderWriter writer{{.payload_type = 97, .sequence = 7, .timestamp = 2, .ssrc = 4}};
  writer.add_extension(3, bytes_of("aabb"));
  replace_header(packet, *Packet::parse(packet), writer);
  const auto view = Packet::parse(packet);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->ssrc(), 4U);
  EXPECT_EQ(core::to_hex(view->payload()), "cc02");
  EXPECT_EQ(view->padding_size(), 2U);
  EXPECT_EQ(core::to_hex(view->extension(3).value()), "aabb");
}

}  // namespace
}  // namespace lucid::rtp
