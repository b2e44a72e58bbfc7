#include <gtest/gtest.h>

#include <chrono>

#include "rtp/payload/h264.hpp"
#include "rtp/receive/stream.hpp"
#include "rtp/receive/transport_feedback.hpp"
#include "rtp/rtcp/transport_feedback.hpp"
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

struct HostileNumbers : testing::Test {
  std::vector<rtcp::TransportFeedback> report() {
    now += 100ms;
    recorder.handle_timeout(now);
    std::vector<rtcp::TransportFeedback> out;
    while (auto message = recorder.poll_transmit()) {
      EXPECT_LE(rtcp::size_of(*message), 1200U);
      out.push_back(std::get<rtcp::TransportFeedback>(*std::move(message)));
    }
    return out;
  }
  static std::size_t received(const std::vector<rtcp::TransportFeedback>& reports) {
    std::size_t count = 0;
    for (const auto& report : reports) {
      count += static_cast<std::size_t>(std::ranges::count_if(
          report.results(), [](const auto& result) { return result.received; }));
    }
    return count;
  }

  core::SeededRandom random{1};
  core::Pool pool;
  TransportFeedbackRecorder recorder{1, {random, pool}};
  core::Time now{10s};
};

// Reports that no datagram holds are lost, and the sender with them believes that its path is.
TEST_F(HostileNumbers, EveryPacketOfAFloodIsReportedInDatagramsThatPass) {
  for (std::uint16_t i = 0; i < 5000; ++i) recorder.handle_datagram({i, 7}, now + i * 10us);
  EXPECT_EQ(received(report()), 5000U);
}

TEST_F(HostileNumbers, FarJumpsOfTransportNumbersMakeNoLongReports) {
  for (std::uint32_t i = 0; i < 200; ++i) {
    recorder.handle_datagram({static_cast<std::uint16_t>(i * 30'000), 7}, now);
  }
  std::size_t told = 0;
  const auto reports = report();
  for (const auto& each : reports) told += each.status_count;
  EXPECT_EQ(received(reports), 200U);
  EXPECT_LE(told, 200U * 500U);
}

TEST_F(HostileNumbers, ReportsOfManyHolesAndUnevenArrivalsFitADatagram) {
  for (std::uint32_t i = 0; i < 1500; ++i) {
    const auto number = static_cast<std::uint16_t>(i * 3 + random.u16() % 2);
    recorder.handle_datagram({number, 7}, now + (i % 2 == 0 ? 0ms : 70ms));
  }
  EXPECT_EQ(received(report()), 1500U);
}

TEST_F(HostileNumbers, TransportNumbersThatBeginAnewAreReported) {
  for (std::uint16_t i = 20'000; i < 20'050; ++i) recorder.handle_datagram({i, 7}, now);
  EXPECT_EQ(received(report()), 50U);
  for (std::uint16_t i = 0; i < 50; ++i) recorder.handle_datagram({i, 7}, now);
  EXPECT_GE(received(report()), 49U);
  // One that is only very late is not taken for a beginning.
  recorder.handle_datagram({60'000, 7}, now);
  recorder.handle_datagram({50, 7}, now);
  EXPECT_EQ(received(report()), 1U);
}

// A step of a scaling list as large as its code can say, which overflowed (UBSan tells).
TEST(H264, ScalingListsMayStepAsFarAsTheyLike) {
  // High profile with a scaling matrix: 31 zeros, then 2^31 - 2, is a step of 2^31 - 1.
  EXPECT_FALSE(h264::SequenceParameters::parse(
      *core::from_hex("67 64 00 1f ad 80 00 00 00 ff ff ff fe ff ff")));
}

}  // namespace
}  // namespace lucid::rtp
