#include "rtp/rtcp/statistics.hpp"

#include <gtest/gtest.h>

namespace lucid::rtp::rtcp {
namespace {

using namespace std::chrono_literals;

constexpr core::WallClock wall{core::WallClock::Microseconds{1'700'000'000'000'000}};

void receive(Reception& reception, std::uint16_t sequence, std::uint32_t timestamp,
             core::Time arrival) {
  std::vector<std::uint8_t> bytes(22);
  const HeaderWriter header{{.sequence = sequence, .timestamp = timestamp, .ssrc = 9}};
  std::copy(header.bytes().begin(), header.bytes().end(), bytes.begin());
  reception.received(*Packet::parse(bytes), arrival);
}

// RFC 3550 A.3
TEST(Reception, CountsLossAcrossTheWrap) {
  Reception reception{9, 90'000};
  for (const std::uint16_t sequence : std::initializer_list<std::uint16_t>{65533, 65534, 1, 2}) {
    receive(reception, sequence, 0, core::Time{});
  }
  const ReportBlock block = reception.report(core::Time{});
  EXPECT_EQ(block.highest_sequence, 65536U + 2);
  EXPECT_EQ(block.cumulative_lost, 2);
  EXPECT_EQ(block.fraction_lost, 2 * 256 / 6);
  EXPECT_FALSE(reception.active());
  EXPECT_EQ(reception.stats().bytes, 40U);
}

TEST(Reception, FractionIsOfTheLastIntervalOnly) {
  Reception reception{9, 90'000};
  for (const std::uint16_t sequence : std::initializer_list<std::uint16_t>{1, 2, 5})
    receive(reception, sequence, 0, core::Time{});
  EXPECT_GT(reception.report(core::Time{}).fraction_lost, 0);
  for (const std::uint16_t sequence : std::initializer_list<std::uint16_t>{6, 7})
    receive(reception, sequence, 0, core::Time{});
  const ReportBlock block = reception.report(core::Time{});
  EXPECT_EQ(block.fraction_lost, 0);
  EXPECT_EQ(block.cumulative_lost, 2);
}

TEST(Reception, DuplicatesMakeLossNegative) {
  Reception reception{9, 90'000};
  for (const std::uint16_t sequence : std::initializer_list<std::uint16_t>{1, 1, 1})
    receive(reception, sequence, 0, core::Time{});
  EXPECT_EQ(reception.report(core::Time{}).cumulative_lost, -2);
}

// RFC 3550 A.1
TEST(Reception, BelievesALargeJumpWhenItGoesOn) {
  Reception reception{9, 90'000};
  receive(reception, 100, 0, core::Time{});
  receive(reception, 30'000, 0, core::Time{});
  EXPECT_EQ(reception.highest_sequence(), 100U);
  receive(reception, 30'001, 0, core::Time{});
  EXPECT_EQ(reception.highest_sequence(), 30'001U);
  EXPECT_EQ(reception.stats().restarts, 1U);
  EXPECT_EQ(reception.stats().lost, 0);
}

// RFC 3550 A.8
TEST(Reception, JitterIsZeroAtASteadyPaceAndGrowsBySixteenths) {
  Reception reception{9, 8'000};
  core::Time arrival{1s};
  for (std::uint16_t i = 0; i < 50; ++i) {
    receive(reception, i, i * 160U, arrival);
    arrival += 20ms;
  }
  EXPECT_EQ(reception.report(arrival).jitter, 0U);
  receive(reception, 50, 50 * 160U, arrival + 16ms);  // 128 ticks late
  EXPECT_EQ(reception.report(arrival).jitter, 8U);
  EXPECT_EQ(reception.stats().jitter, 1ms);
}

// RFC 3550 6.4.1
TEST(Reception, JitterIsOfFramesAndNotOfTheirPackets) {
  Reception reception{9, 90'000};
  std::uint16_t sequence = 0;
  for (unsigned frame = 0; frame < 100; ++frame) {
    for (unsigned packet = 0; packet < 5; ++packet) {
      receive(reception, ++sequence, frame * 3000, core::Time{frame * 33'333us + packet * 4ms});
    }
  }
  EXPECT_LT(reception.stats().jitter, 100us);
}

TEST(Reception, EchoesTheLastSenderReport) {
  Reception reception{9, 90'000};
  receive(reception, 1, 0, core::Time{});
  EXPECT_EQ(reception.report(core::Time{1s}).last_sr, 0U);
  reception.sender_report({.ssrc = 9, .ntp = NtpTime{0x1111222233334444}}, core::Time{1s});
  const ReportBlock block = reception.report(core::Time{1s + 500ms});
  EXPECT_EQ(block.last_sr, 0x22223333U);
  EXPECT_EQ(block.delay_since_last_sr, 0x8000U);
}

TEST(Transmission, ReportTiesTimestampsToTheWall) {
  Transmission transmission{9, 90'000};
  transmission.sent(1000, 500, core::Time{2s});
  const SenderReport report = transmission.report(core::Time{2s + 10ms}, wall);
  EXPECT_EQ(report.rtp_timestamp, 1900U);
  EXPECT_EQ(report.ntp, NtpTime::at(core::Time{2s + 10ms}, wall));
  EXPECT_EQ(report.packet_count, 1U);
  EXPECT_EQ(report.octet_count, 500U);
}

TEST(Transmission, MeasuresTheRoundTrip) {
  Transmission transmission{9, 90'000};
  ReportBlock block;
  block.last_sr = NtpTime::at(core::Time{10s}, wall).compact();
  block.delay_since_last_sr = to_compact_ntp(300ms);
  const auto trip = transmission.reported(block, core::Time{10s + 340ms}, wall);
  ASSERT_TRUE(trip);
  EXPECT_NEAR(static_cast<double>(trip->count()), 40'000, 40);
  EXPECT_EQ(transmission.stats().round_trip, trip);
  EXPECT_FALSE(round_trip(NtpTime{1}, 0, 0));
  EXPECT_EQ(round_trip(NtpTime{5ULL << 16}, 6, 0), 0us);
}

TEST(SenderClock, MapsTimestampsToTheSendersAndToOurTime) {
  SenderClock clock;
  EXPECT_FALSE(clock.ntp(0, 90'000));
  const core::WallClock theirs{core::WallClock::Microseconds{1'600'000'000'000'000}};
  // Their time 5 s is our time 7 s; the reports take 20, 30 and 25 ms.
  for (const auto& [at, delay] : {std::pair{5s, 20ms}, std::pair{6s, 30ms}, std::pair{7s, 25ms}}) {
    SenderReport report{.ssrc = 9, .ntp = NtpTime::at(core::Time{at}, theirs)};
    report.rtp_timestamp = static_cast<std::uint32_t>(90'000 * at.count());
    clock.sender_report(report, core::Time{at + 2s + delay}, 40ms);
  }
  const auto local = clock.local(90'000 * 7 + 900, 90'000);
  ASSERT_TRUE(local);
  EXPECT_NEAR(static_cast<double>((*local - core::Time{9s + 10ms}).count()), 0, 10);
  const auto before = clock.ntp(90'000 * 7 - 90'000, 90'000);
  EXPECT_NEAR(static_cast<double>((before->time(theirs) - core::Time{6s}).count()), 0, 2);
}

}  // namespace
}  // namespace lucid::rtp::rtcp
