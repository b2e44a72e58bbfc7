// A DTLS session in simulated time, captured with and without its keys, and read by tshark.
#include <gtest/gtest.h>

#include "glass/pcapng_sink.hpp"
#include "tests/dtls/pair.hpp"
#include "tests/glass/shell.hpp"

namespace lucid::glass {
namespace {

namespace trace = core::trace;

void capture_session(const test::Capture& capture, Secrets secrets) {
  PcapngSink sink{File{capture.open()}, secrets, sim::virtual_wall_clock};
  const trace::Tracer wire{&sink, {"wire", 1}};
  const core::Path path{
      core::Transport::udp, {core::Ip::v4(0xC0000201), 5000}, {core::Ip::v4(0xC0000202), 5001}};
  dtls::test::Simulation sim{[&](core::Context context) {
                               context.sink = &sink;
                               return dtls::Session{dtls::test::config_with(dtls::test::alice()),
                                                    context};
                             },
                             dtls::test::make(dtls::test::config_with(dtls::test::bob()))};
  const auto tap = [&](sim::Channel& channel, trace::Direction direction) {
    channel.filter([&, direction](sim::Packet& packet) {
      wire.packet(sim.now(), direction, path, packet.bytes);
      return true;
    });
  };
  tap(sim.left_to_right, trace::Direction::out);
  tap(sim.right_to_left, trace::Direction::in);
  dtls::test::introduce(sim);
  ASSERT_TRUE(dtls::test::connect(sim));
  ASSERT_TRUE(sim.left->send(core::as_bytes("plain as day"), sim.now()));
  sim.run_for(std::chrono::seconds{1});
}

std::string inside_of(const test::Capture& capture) {
  return capture.tshark("-Y dtls -T fields -e data.data | tail -n 1");
}

TEST(Decryption, KeysInTheCaptureOpenIt) {
  if (!test::have_tshark()) GTEST_SKIP() << "tshark is not installed";
  const test::Capture capture{"decryption_test"};
  capture_session(capture, Secrets::include);
  EXPECT_EQ(inside_of(capture), core::to_hex(core::as_bytes("plain as day")) + "\n");
}

TEST(Decryption, WithoutKeysItStaysClosed) {
  if (!test::have_tshark()) GTEST_SKIP() << "tshark is not installed";
  const test::Capture capture{"decryption_test"};
  capture_session(capture, Secrets::leave_out);
  EXPECT_NE(capture.tshark("-Y dtls.handshake.type==1"), "");
  EXPECT_EQ(inside_of(capture), "\n");
}

}  // namespace
}  // namespace lucid::glass
