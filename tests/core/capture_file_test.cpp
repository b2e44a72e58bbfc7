#include "core/capture_file.hpp"

#include <gtest/gtest.h>

#include <string>

namespace lucid::core {
namespace {

// One UDP datagram, 192.0.2.1:5000 -> 192.0.2.2:6000, "hello", in an Ethernet frame.
constexpr std::string_view frame =
    "020000000002 020000000001 0800"
    "45000021 00000000 4011 0000 c0000201 c0000202"
    "1388 1770 000d 0000 68656c6c6f";  // 47 bytes

std::vector<std::uint8_t> bytes(const std::string& hex) { return *from_hex(hex); }

std::string pcap() {
  return "d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000"
         "01000000 20a10700 2f000000 2f000000" +
         std::string{frame};
}

std::string pcapng() {
  return "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c"
         "00000001 00000020 0001 0000 00000000 0009 0001 09000000 0000 0000 00000020"
         "00000006 00000050 00000000 00000000 5fb9ac00 0000002f 0000002f" +
         std::string{frame} + "00 00000050";
}

TEST(CaptureFile, ReadsPcapOfTheOtherByteOrder) {
  const auto file = bytes(pcap());
  const auto packets = read_capture(file);
  ASSERT_TRUE(packets);
  ASSERT_EQ(packets->size(), 1U);
  EXPECT_EQ(packets->at(0).path.text(), "udp 192.0.2.1:5000 -> 192.0.2.2:6000");
  EXPECT_EQ(as_text(packets->at(0).payload), "hello");
  EXPECT_EQ(packets->at(0).unix_time, std::chrono::microseconds{1'500'000});
}

TEST(CaptureFile, ReadsPcapngWithNanoseconds) {
  const auto file = bytes(pcapng());
  const auto packets = read_capture(file);
  ASSERT_TRUE(packets);
  ASSERT_EQ(packets->size(), 1U);
  EXPECT_EQ(as_text(packets->at(0).payload), "hello");
  EXPECT_EQ(packets->at(0).unix_time, std::chrono::microseconds{1'606'003});
}

TEST(CaptureFile, TakesThePacketForWholeWhereIpTellsNoLengthYet) {
  std::string text = pcap();
  text.replace(text.find("45000021"), 8, "45000000");
  const auto file = bytes(text);
  const auto packets = read_capture(file);
  ASSERT_TRUE(packets);
  ASSERT_EQ(packets->size(), 1U);
  EXPECT_EQ(as_text(packets->at(0).payload), "hello");
}

// RFC 1071, RFC 768: 192.0.2.1:5000 -> 192.0.2.2:6000, by hand.
TEST(CapturedAs, WritesUdpInIpWithItsSums) {
  const Path path{Transport::udp, *Address::parse("192.0.2.1:5000"),
                  *Address::parse("192.0.2.2:6000")};
  EXPECT_EQ(captured_as(path, as_bytes("hello")),
            bytes("45000021 00004000 4011 b6c8 c0000201 c0000202"
                  "1388 1770 000d 0d06 68656c6c6f"));
}

TEST(CaptureFile, RefusesWhatIsNoneAndWhatIsCut) {
  EXPECT_EQ(read_capture(as_bytes("hello, world")).error(), CaptureError::not_a_capture);
  auto file = bytes(pcap());
  file.pop_back();
  EXPECT_EQ(read_capture(file).error(), CaptureError::truncated);
}

TEST(CaptureFile, NoTruncationOrChangeOfAByteReadsPastTheEnd) {
  for (const std::string& text : {pcap(), pcapng()}) {
    auto file = bytes(text);
    for (std::size_t size = 0; size < file.size(); ++size) {
      static_cast<void>(read_capture(Bytes{file}.first(size)));
    }
    for (std::uint8_t& byte : file) {
      const std::uint8_t before = byte;
      for (const int value : {0, 1, 127, 128, 255}) {
        byte = static_cast<std::uint8_t>(value);
        static_cast<void>(read_capture(file));
      }
      byte = before;
    }
  }
}

}  // namespace
}  // namespace lucid::core
