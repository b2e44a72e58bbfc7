#include "glass/pcapng_sink.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "core/capture_file.hpp"
#include "tests/glass/shell.hpp"

namespace lucid::glass {
namespace {

using namespace std::chrono_literals;
namespace trace = core::trace;

core::Path udp(std::string_view from, std::string_view to) {
  return {core::Transport::udp, *core::Address::parse(from), *core::Address::parse(to)};
}
std::vector<std::uint8_t> hex(std::string_view text) { return *core::from_hex(text); }

class PcapngSinkTest : public testing::Test {
 protected:
  const test::Capture capture{"pcapng_sink_test"};
  const core::WallClock wall{1'767'225'600s};
};

constexpr std::string_view binding_request =
    "000100082112A442000102030405060708090A0B"
    "002400046E0001FF";
// One VP8 packet of 12 + 4 bytes, payload type 96.
constexpr std::string_view rtp = "80600001000003e8deadbeef10000000";

// RFC 1071 1, RFC 8200 8.1
TEST_F(PcapngSinkTest, TsharkReadsStunAndRtpOverBothFamilies) {
  if (!test::have_tshark()) GTEST_SKIP() << "tshark is not installed";
  {
    PcapngSink sink{File{capture.open()}, Secrets::leave_out, wall};
    const trace::Tracer peer{&sink, {"peer", 1}};
    peer.packet(core::Time{1s}, trace::Direction::out, udp("10.0.0.1:5000", "192.0.2.1:6000"),
                hex(binding_request));
    peer.packet(core::Time{2s}, trace::Direction::in,
                udp("[2001:db8::1]:5000", "[2001:db8::2]:6000"), hex(binding_request));
    const trace::Tracer inside{&sink, {"srtp", 3}};
    inside.packet(core::Time{3s}, trace::Direction::out, udp("10.0.0.1:5000", "192.0.2.1:6000"),
                  hex(rtp));
  }
  EXPECT_EQ(capture.tshark(
                "--enable-heuristic rtp_udp -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE "
                "-T fields -E separator=, -e frame.time_epoch -e _ws.col.Protocol "
                "-e ip.src -e ipv6.src -e udp.dstport -e udp.checksum.status "
                "-e frame.interface_name -e frame.comment"),
            "1767225601.000000000,STUN,10.0.0.1,,6000,1,peer,peer#1\n"
            "1767225602.000000000,STUN,,2001:db8::2,5000,1,peer,peer#1\n"
            "1767225603.000000000,RTP,10.0.0.1,,6000,1,srtp,srtp#3\n");
}

// RFC 6951 6
TEST_F(PcapngSinkTest, TsharkFollowsTcpAndFindsSctpInside) {
  if (!test::have_tshark()) GTEST_SKIP() << "tshark is not installed";
  {
    PcapngSink sink{File{capture.open()}, Secrets::leave_out, wall};
    core::Path path = udp("10.0.0.1:5000", "192.0.2.1:3478");
    path.transport = core::Transport::tcp;
    const trace::Tracer ice{&sink, {"ice", 1}};
    for (const auto direction :
         {trace::Direction::out, trace::Direction::in, trace::Direction::out}) {
      ice.packet(core::Time{1s}, direction, path, hex(binding_request));
    }
    // RFC 4960 3: a COOKIE ACK behind the common header.
    const trace::Tracer sctp{&sink, {"sctp", 2}};
    sctp.packet(core::Time{2s}, trace::Direction::out, {},
                hex("138813880000000100000000"
                    "0b000004"));
  }
  EXPECT_EQ(
      capture.tshark("-o tcp.check_checksum:TRUE -T fields -E separator=, -e _ws.col.Protocol "
                     "-e tcp.seq_raw -e tcp.ack_raw -e tcp.checksum.status -e sctp.chunk_type"),
      "STUN,1,1,1,\nSTUN,1,29,1,\nSTUN,29,29,1,\nSCTP,,,,11\n");
}

// RFC 791 3.1
TEST_F(PcapngSinkTest, AMessageLongerThanAPacketOfIpTakesTwo) {
  {
    PcapngSink sink{File{capture.open()}, Secrets::leave_out, wall};
    for (const auto* from : {"10.0.0.1:5000", "[2001:db8::1]:5000"}) {
      core::Path path = udp(from, from);
      path.transport = core::Transport::tcp;
      const std::vector<std::uint8_t> message(65'535, 0x55);
      trace::Tracer{&sink, {"ice", 1}}.packet(core::Time{1s}, trace::Direction::out, path, message);
    }
  }
  std::ifstream file{capture.name, std::ios::binary};
  const std::string content{std::istreambuf_iterator<char>{file}, {}};
  const auto read = core::read_capture(core::as_bytes(content));
  ASSERT_TRUE(read);
  std::size_t bytes = 0;
  for (const core::CapturedPacket& one : *read) bytes += one.payload.size();
  EXPECT_EQ(read->size(), 4U);
  EXPECT_EQ(bytes, 2U * 65'535);
}

TEST_F(PcapngSinkTest, SecretsAreWrittenOnlyWhereAskedFor) {
  for (const Secrets secrets : {Secrets::leave_out, Secrets::include}) {
    {
      PcapngSink sink{File{capture.open()}, secrets, wall};
      EXPECT_EQ(sink.wants_secrets(), secrets == Secrets::include);
      sink.report(trace::Secret{core::Time{}, {"dtls", 1}, "CLIENT_RANDOM 0a 0b"});
    }
    std::ifstream file{capture.name, std::ios::binary};
    const std::string content{std::istreambuf_iterator<char>{file}, {}};
    EXPECT_EQ(content.find("CLIENT_RANDOM 0a 0b\n") != std::string::npos,
              secrets == Secrets::include);
    EXPECT_EQ(content.size() % 4, 0U);
  }
}

}  // namespace
}  // namespace lucid::glass
