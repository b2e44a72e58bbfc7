#include "rtp/rtcp/packet.hpp"

#include <gtest/gtest.h>

#include <array>

namespace lucid::rtp::rtcp {
namespace {

std::vector<std::uint8_t> bytes_of(std::string_view hex) { return *core::from_hex(hex); }

std::vector<std::uint8_t> written(const Message& message) {
  std::vector<std::uint8_t> room(4096);
  core::ByteWriter out{room};
  EXPECT_TRUE(write(message, out));
  EXPECT_EQ(out.size(), size_of(message));
  room.resize(out.size());
  return room;
}

template <class M>
M parsed(std::string_view hex) {
  const auto messages = parse_compound(bytes_of(hex));
  if (!messages || messages->size() != 1 || !std::holds_alternative<M>(messages->front())) {
    ADD_FAILURE() << "not read: " << hex;
    return {};
  }
  EXPECT_EQ(core::to_hex(written(messages->front())), core::to_hex(bytes_of(hex)));
  return std::get<M>(messages->front());
}

ParseError error_of(std::string_view hex) { return parse_compound(bytes_of(hex)).error(); }

constexpr std::string_view block_hex = "bc5e9a40 01 ffffff 000046e1 00000111 09f36432 00024a79";

// RFC 3550 6.4.1
TEST(Rtcp, SenderReport) {
  const auto report = parsed<SenderReport>(
      "81c8000c 902f9e2e da8bd1fcdddda05a aaf4edd5 00000001 00000002" + std::string{block_hex});
  EXPECT_EQ(report.ssrc, 0x902F9E2EU);
  EXPECT_EQ(report.ntp.value(), 0xDA8BD1FCDDDDA05AU);
  EXPECT_EQ(report.ntp.compact(), 0xD1FCDDDDU);
  EXPECT_EQ(report.rtp_timestamp, 0xAAF4EDD5U);
  EXPECT_EQ(report.packet_count, 1U);
  EXPECT_EQ(report.octet_count, 2U);
  ASSERT_EQ(report.blocks.size(), 1U);
  EXPECT_EQ(report.blocks[0].ssrc, 0xBC5E9A40U);
  EXPECT_EQ(report.blocks[0].fraction_lost, 1);
  EXPECT_EQ(report.blocks[0].cumulative_lost, -1);
  EXPECT_EQ(report.blocks[0].highest_sequence, 0x46E1U);
  EXPECT_EQ(report.blocks[0].jitter, 0x111U);
  EXPECT_EQ(report.blocks[0].last_sr, 0x09F36432U);
  EXPECT_EQ(report.blocks[0].delay_since_last_sr, 0x24A79U);
}

// RFC 3550 6.4.2
TEST(Rtcp, ReceiverReportWithProfileExtension) {
  const auto report =
      parsed<ReceiverReport>("81c90008 902f9e2e" + std::string{block_hex} + "00010203");
  EXPECT_EQ(report.blocks.size(), 1U);
  EXPECT_EQ(core::to_hex(report.profile_extension), "00010203");
  EXPECT_TRUE(parsed<ReceiverReport>("80c90001 902f9e2e").blocks.empty());
}

// RFC 3550 6.5
TEST(Rtcp, SourceDescription) {
  const auto description = parsed<SourceDescription>(
      "82ca0006 10000000 01 01 41 02 02 4243 00"
      "20000000 0f 03 616263 00 0000");
  ASSERT_EQ(description.chunks.size(), 2U);
  ASSERT_EQ(description.chunks[0].items.size(), 2U);
  EXPECT_EQ(description.chunks[0].items[0].type, SdesType::cname);
  EXPECT_EQ(description.chunks[0].items[1].text, "BC");
  EXPECT_EQ(description.chunks[1].items[0].type, SdesType::mid);
  EXPECT_EQ(description.chunks[1].items[0].text, "abc");
}

TEST(Rtcp, SourceDescriptionWithoutAnyChunk) {
  EXPECT_TRUE(parsed<SourceDescription>("80ca0000").chunks.empty());
}

TEST(Rtcp, SourceDescriptionItemBeyondTheEndIsRefused) {
  EXPECT_EQ(error_of("81ca0002 10000000 0105 4142"), ParseError::bad_body);
}

// RFC 3550 6.6
TEST(Rtcp, Bye) {
  const auto bye = parsed<Bye>("82cb0004 00000001 00000002 04 464f4f4f 000000");
  EXPECT_EQ(bye.sources, (std::vector<std::uint32_t>{1, 2}));
  EXPECT_EQ(parsed<Bye>("81cb0002 00000001 03 464f4f").reason, "FOO");
  EXPECT_FALSE(parsed<Bye>("81cb0001 00000001").reason);
  EXPECT_EQ(error_of("82cb0001 00000001"), ParseError::bad_body);
  EXPECT_EQ(error_of("81cb0002 00000001 08464f4f"), ParseError::bad_body);
}

// RFC 3550 6.7
TEST(Rtcp, Application) {
  const auto application = parsed<Application>("85cc0003 00000001 6e616d65 01020304");
  EXPECT_EQ(application.subtype, 5);
  EXPECT_EQ(std::string_view(application.name.data(), 4), "name");
  EXPECT_EQ(core::to_hex(application.data), "01020304");
}

// RFC 4585 6.2.1
TEST(Rtcp, Nack) {
  const auto nack = parsed<Nack>("81cd0004 00000001 00000002 fffe0005 000a0000");
  std::vector<std::uint16_t> lost;
  nack.for_each([&](std::uint16_t sequence) { lost.push_back(sequence); });
  EXPECT_EQ(lost, (std::vector<std::uint16_t>{0xFFFE, 0xFFFF, 1, 10}));
}

TEST(Rtcp, NackPacksIntoAsFewItemsAsFit) {
  const std::vector<std::uint16_t> lost{0xFFF0, 0xFFF1, 0, 1, 2, 30};
  const auto items = Nack::pack(lost);
  EXPECT_EQ(items, (std::vector<Nack::Item>{{0xFFF0, 0x8001}, {1, 1}, {30, 0}}));
}

// RFC 5104 4.2.1, RFC 5104 4.2.1.1, RFC 5104 4.2.2
TEST(Rtcp, BitrateRequestAndNotification) {
  const auto request = parsed<BitrateRequest>("83cd0004 00000001 00000000 00000003 05f5e032");
  ASSERT_EQ(request.limits.size(), 1U);
  EXPECT_EQ(request.limits[0].bitrate.exponent, 1);
  EXPECT_EQ(request.limits[0].packet_overhead, 0x32);
  EXPECT_EQ(request.limits[0].bitrate.value(), (0x05F5E032U >> 9 & 0x1FFFF) * 2);
  EXPECT_TRUE(parsed<BitrateNotification>("84cd0002 00000001 00000000").limits.empty());
}

// RFC 4585 6.3.1, RFC 4585 6.3.2, RFC 4585 6.3.3, RFC 4585 6.3.3.2
TEST(Rtcp, PictureFeedback) {
  EXPECT_EQ(parsed<PictureLoss>("81ce0002 00000001 4bc4fcb4").media_ssrc, 0x4BC4FCB4U);
  const auto slice = parsed<SliceLoss>("82ce0003 00000001 00000002 55555555");
  ASSERT_EQ(slice.items.size(), 1U);
  EXPECT_EQ(slice.items[0].first, 0xAAA);
  EXPECT_EQ(slice.items[0].count, 0x1555);
  EXPECT_EQ(slice.items[0].picture_id, 0x15);
  const auto reference = parsed<ReferenceSelection>("83ce0003 00000001 00000002 08601200");
  EXPECT_EQ(reference.payload_type, 0x60);
  EXPECT_EQ(reference.padding_bits, 8);
}

// RFC 5104 4.3.1
TEST(Rtcp, FullIntraRequest) {
  const auto request = parsed<FullIntraRequest>("84ce0004 00000001 00000000 12345678 42000000");
  ASSERT_EQ(request.items.size(), 1U);
  EXPECT_EQ(request.items[0].ssrc, 0x12345678U);
  EXPECT_EQ(request.items[0].sequence, 0x42);
}

// RFC 4585 6.4
TEST(Rtcp, Remb) {
  const auto remb = parsed<Remb>("8fce0005 00000001 00000000 52454d42 01 1a20df 48746d16");
  EXPECT_EQ(remb.bitrate.value(), 0x220DFULL << 6);
  EXPECT_EQ(remb.ssrcs, (std::vector<std::uint32_t>{0x48746D16}));
  EXPECT_EQ(error_of("8fce0005 00000001 00000000 52454d42 02 1a20df 48746d16"),
            ParseError::bad_body);
  EXPECT_EQ(core::to_hex(parsed<Unknown>("8fce0003 00000001 00000000 44415441").body),
            "000000010000000044415441");
}

TEST(ScaledBitrate, RoundsDownAndSaturates) {
  EXPECT_EQ(ScaledBitrate<18>::of(8'927'168).value(), 8'927'168U);
  EXPECT_EQ(ScaledBitrate<18>::of(0x3FFFF).exponent, 0);
  EXPECT_EQ(ScaledBitrate<18>::of(0x7FFFF).value(), 0x7FFFEU);
  EXPECT_EQ((ScaledBitrate<18>{63, 0x3FFFF}.value()), ~std::uint64_t{0});
}

// RFC 3611 4.4, RFC 3611 4.5
TEST(Rtcp, ExtendedReport) {
  const auto report = parsed<ExtendedReport>(
      "80cf000b 00000001 04000002 0102030405060708 05000003 00000009 0000000a 0000000b"
      "07010002 aabbccdd eeff0011");
  ASSERT_EQ(report.blocks.size(), 3U);
  EXPECT_EQ(std::get<ReceiverReferenceTime>(report.blocks[0]).ntp.value(), 0x0102030405060708U);
  EXPECT_EQ(std::get<DelaySinceLastReceiverReport>(report.blocks[1]).items[0].delay, 11U);
  EXPECT_EQ(std::get<OtherBlock>(report.blocks[2]).specific, 1);
  EXPECT_EQ(error_of("80cf0002 00000001 04000002"), ParseError::bad_body);
}

// RFC 8888 3.1
TEST(Rtcp, CongestionFeedback) {
  const auto feedback = parsed<CongestionFeedback>(
      "8bcd0008 00000001 00000002 fffe0003 8123 0000 fffe 0000 00000003 00000000 11223344");
  ASSERT_EQ(feedback.streams.size(), 2U);
  ASSERT_EQ(feedback.streams[0].reports.size(), 3U);
  EXPECT_TRUE(feedback.streams[0].reports[0].received);
  EXPECT_EQ(feedback.streams[0].reports[0].arrival_offset, 0x123);
  EXPECT_FALSE(feedback.streams[0].reports[1].received);
  EXPECT_EQ(feedback.streams[0].reports[2].ecn, core::Ecn::ce);
  EXPECT_EQ(feedback.report_timestamp, 0x11223344U);
  EXPECT_EQ(error_of("8bcd0004 00000001 00000002 fffe0030 11223344"), ParseError::bad_body);
}

// RFC 3550 6.1, RFC 5506 3.4.1
TEST(Rtcp, CompoundAndReducedSize) {
  const auto compound =
      bytes_of("80c90001 00000001 81ca0002 00000001 01014100 81ce0002 00000001 00000002");
  const auto messages = parse_compound(compound);
  ASSERT_TRUE(messages);
  ASSERT_EQ(messages->size(), 3U);
  EXPECT_EQ(name_of((*messages)[0]), "RR");
  EXPECT_EQ(name_of((*messages)[1]), "SDES");
  EXPECT_EQ(name_of((*messages)[2]), "PLI");
  EXPECT_TRUE(starts_with_report(compound));
  EXPECT_FALSE(starts_with_report(bytes_of("81ce0002 00000001 00000002")));
}

// RFC 3550 A.2
TEST(Rtcp, RefusesBrokenFrames) {
  EXPECT_EQ(error_of(""), ParseError::truncated);
  EXPECT_EQ(error_of("80c900"), ParseError::truncated);
  EXPECT_EQ(error_of("40c90001 00000001"), ParseError::bad_version);
  EXPECT_EQ(error_of("80c90002 00000001"), ParseError::bad_length);
  EXPECT_EQ(error_of("81c90001 00000001"), ParseError::bad_body);
  EXPECT_EQ(error_of("a0c90001 00000000"), ParseError::bad_padding);
  EXPECT_EQ(error_of("a0c90001 00000005"), ParseError::bad_padding);
}

TEST(Rtcp, PaddingIsTakenOff) {
  const auto messages = parse_compound(bytes_of("a1cb0002 00000001 00000004"));
  ASSERT_TRUE(messages);
  EXPECT_EQ(std::get<Bye>((*messages)[0]), (Bye{{1}, std::nullopt}));
}

TEST(Rtcp, UnknownTypesAreRebuiltAsTheyCame) {
  EXPECT_EQ(parsed<Unknown>("85cd0002 00000001 00000002").count, 5);
  EXPECT_EQ(parsed<Unknown>("80d00001 00000001").type, 208);
}

TEST(Rtcp, EveryTruncationIsRefusedOrReadWithoutHarm) {
  const auto whole = bytes_of(
      "81c8000c 902f9e2e da8bd1fcdddda05a aaf4edd5 00000001 00000002" + std::string{block_hex} +
      "81ca0002 00000001 01014100 8fce0005 00000001 00000000 52454d42 011a20df 48746d16");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto messages = parse_compound(core::Bytes{whole}.first(size));
    EXPECT_EQ(messages.has_value(), size == 52 || size == 64) << size;
  }
}

TEST(Rtcp, WritesNothingWhereThereIsNoRoom) {
  std::array<std::uint8_t, 11> room{};
  core::ByteWriter out{room};
  EXPECT_FALSE(write(PictureLoss{1, 2}, out));
  EXPECT_EQ(out.size(), 0U);
  EXPECT_TRUE(out.ok());
}

TEST(Rtcp, WritesNothingThatItsFieldsCannotSay) {
  std::vector<std::uint8_t> room(1 << 20);
  core::ByteWriter out{room};
  EXPECT_FALSE(write(ReceiverReport{1, std::vector<ReportBlock>(32), {}}, out));
  EXPECT_FALSE(write(cname_of(1, std::string(256, 'x')), out));
  EXPECT_FALSE(write(Bye{{1}, std::string(256, 'x')}, out));
  EXPECT_FALSE(write(Application{0, 1, {}, {1, 2, 3}}, out));
  EXPECT_EQ(out.size(), 0U);
}

}  // namespace
}  // namespace lucid::rtp::rtcp
