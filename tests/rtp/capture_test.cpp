#include "rtp/file/capture.hpp"

#include <gtest/gtest.h>

namespace lucid::rtp::file {
namespace {

using namespace std::chrono_literals;

std::vector<std::uint8_t> bytes_of(std::string_view hex) { return *core::from_hex(hex); }

const std::vector<std::uint8_t> packet = bytes_of("80600001 00000002 00000003 aabb");
const std::vector<std::uint8_t> report = bytes_of("80c90001 00000003");

std::vector<Record> two_records() { return {{core::Time{}, packet}, {core::Time{20ms}, report}}; }

void expect_two(const std::vector<std::uint8_t>& file) {
  const auto records = read_capture(file);
  ASSERT_TRUE(records) << to_string(records.error());
  ASSERT_EQ(records->size(), 2U);
  EXPECT_TRUE(core::equal((*records)[0].datagram, packet));
  EXPECT_TRUE(core::equal((*records)[1].datagram, report));
  EXPECT_EQ((*records)[1].time, core::Time{20ms});
}

TEST(Capture, RtpdumpAndPcapRoundTrip) {
  expect_two(write_rtpdump(two_records()));
  expect_two(write_pcap(two_records()));
}

TEST(Capture, EveryTruncationIsAnErrorOrAWholeRecord) {
  for (const auto& file : {write_rtpdump(two_records()), write_pcap(two_records())}) {
    for (std::size_t size = 0; size < file.size(); ++size) {
      const auto records = read_capture(core::Bytes{file}.first(size));
      EXPECT_TRUE(!records || records->size() < 2) << size;
    }
  }
}

TEST(Capture, ReadsEthernetWithVlanAndIpv6InLittleEndianPcap) {
  // UDP over IPv6 behind a VLAN tag; the capture has nanoseconds.
  const std::string udp = "138c138c 0010 0000 80c9000100000003";
  const std::string ip =
      "60000000 0010 11 40 00000000000000000000000000000001"
      "00000000000000000000000000000001";
  const std::string frame = "020000000001 020000000002 8100 0005 86dd" + ip + udp;
  const std::string head = "4d3cb2a1 0200 0400 00000000 00000000 00000400 01000000";
  const auto file = bytes_of(head + "01000000 00000000 4a000000 4a000000" + frame);
  const auto records = read_capture(file);
  ASSERT_TRUE(records);
  ASSERT_EQ(records->size(), 1U);
  EXPECT_TRUE(core::equal(records->front().datagram, report));
}

TEST(Capture, ReadsPcapngWithItsOwnClockAndOrder) {
  const std::string section = "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c";
  // Raw IP, times in milliseconds.
  const std::string interface =
      "00000001 00000020 0065 0000 00000000 0009 0001 03000000 0000 0000 00000020";
  const std::string ip =
      "45000024 00000000 40110000 7f000001 7f000001 138c138c 0010 0000 80c9000100000003";
  const auto block = [&](const std::string& time) {
    return "00000006 00000044 00000000 00000000" + time + "00000024 00000024" + ip + "00000044";
  };
  const auto file = bytes_of(section + interface + block("00000064") + block("0000006e"));
  const auto records = read_capture(file);
  ASSERT_TRUE(records) << to_string(records.error());
  ASSERT_EQ(records->size(), 2U);
  EXPECT_EQ((*records)[1].time, core::Time{10ms});
  EXPECT_TRUE(core::equal(records->front().datagram, report));
}

TEST(Capture, LeavesOutWhatIsNoUdp) {
  const std::string head = "a1b2c3d4 0002 0004 00000000 00000000 00040000 00000065";
  const std::string tcp = "45000014 00000000 40060000 7f000001 7f000001";
  const std::string fragment =
      "45000024 00002000 40110000 7f000001 7f000001 138c138c 0010 0000 80c9000100000003";
  const auto file = bytes_of(head + "00000001 00000000 00000014 00000014" + tcp +
                             "00000001 00000000 00000024 00000024" + fragment);
  const auto records = read_capture(file);
  ASSERT_TRUE(records);
  EXPECT_TRUE(records->empty());
}

TEST(Capture, OneBarePacketIsACapture) {
  const auto records = read_capture(packet);
  ASSERT_TRUE(records);
  ASSERT_EQ(records->size(), 1U);
  EXPECT_EQ(read_capture(bytes_of("00010203")).error(), Error::not_recognised);
  EXPECT_EQ(read_capture({}).error(), Error::truncated);
}

}  // namespace
}  // namespace lucid::rtp::file
