// The rules of core/machine.hpp, for the machines that receive, report and pace.
#include "rtp/receive/stream.hpp"
#include "rtp/receive/transport_feedback.hpp"
#include "rtp/rtcp/session.hpp"
#include "rtp/send/pacer.hpp"
#include "tests/core/machine_contract.hpp"

namespace lucid::rtp {
namespace {

using Inputs = std::vector<std::vector<std::uint8_t>>;

Inputs from_hex(std::initializer_list<const char*> texts) {
  Inputs inputs;
  for (const char* text : texts) inputs.push_back(*core::from_hex(text));
  return inputs;
}

struct RtcpContract {
  using Machine = rtcp::Session;
  static rtcp::Session make(core::Context context) {
    return rtcp::Session{{.cname = "contract"}, context};
  }
  static void start(rtcp::Session& machine, core::Time now) {
    machine.add_source(1, 90'000);
    machine.add_remote(0xDEADBEEF, 90'000);
    machine.start(now);
  }
  // A sender report, PLI, NACK and BYE.
  static Inputs inputs() {
    return from_hex({"80c80006deadbeefe0000000000000000000000000000001000003e8",
                     "81ce0002deadbeef00000001", "81cd0003deadbeef0000000100640003",
                     "81cb0001deadbeef"});
  }
  static void end(rtcp::Session& machine, core::Time now) { machine.close("done", now); }
};

// VP8 in packets that leave gaps, so that there is something to ask for.
struct ReceiveStreamContract {
  using Machine = ReceiveStream;
  static ReceiveStream make(core::Context context) {
    ReceiveStreamConfig config;
    config.ssrc = 0xDEADBEEF;
    config.formats[96] = core::Codec::vp8;
    return ReceiveStream{config, context};
  }
  static void start(ReceiveStream&, core::Time) {}
  static Inputs inputs() {
    return from_hex({"80e0000100000bb8deadbeef10000102", "80e0000200001770deadbeef10010203",
                     "80e000050000232fdeadbeef10010203", "80e0000900002ee0deadbeef10010203"});
  }
  static std::string text(const rtcp::Message& message) { return std::to_string(message.index()); }
};

struct FeedbackContract {
  using Machine = TransportFeedbackRecorder;
  static TransportFeedbackRecorder make(core::Context context) { return {1, context}; }
  static void start(TransportFeedbackRecorder&, core::Time) {}
  static Inputs inputs() { return {{0, 1}, {0, 2}, {0, 9}, {1, 0}}; }
  static TransportFeedbackRecorder::Datagram datagram(const std::vector<std::uint8_t>& bytes,
                                                      core::Pool&) {
    return {core::ByteReader{bytes}.u16(), 7};
  }
  static std::string text(const rtcp::Message& message) { return std::to_string(message.index()); }
};

struct PacerContract {
  using Machine = Pacer;
  static Pacer make(core::Context context) {
    static congestion::Fixed controller{1'000'000};
    return Pacer{controller, context};
  }
  static void start(Pacer&, core::Time) {}
  static Inputs inputs() { return {Inputs::value_type(1200, 1), Inputs::value_type(80, 2)}; }
  static Outgoing datagram(const std::vector<std::uint8_t>& bytes, core::Pool& pool) {
    Outgoing packet;
    packet.kind = bytes.size() < 200 ? PacketKind::audio : PacketKind::video;
    packet.bytes = pool.copy(bytes);
    return packet;
  }
  static std::string text(const Outgoing& packet) {
    return std::to_string(packet.id) + " " + core::to_hex(packet.bytes);
  }
};

}  // namespace
}  // namespace lucid::rtp

namespace lucid::core {

INSTANTIATE_TYPED_TEST_SUITE_P(Rtcp, MachineContract, rtp::RtcpContract);
INSTANTIATE_TYPED_TEST_SUITE_P(ReceiveStream, MachineContract, rtp::ReceiveStreamContract);
INSTANTIATE_TYPED_TEST_SUITE_P(TransportFeedback, MachineContract, rtp::FeedbackContract);
INSTANTIATE_TYPED_TEST_SUITE_P(Pacer, MachineContract, rtp::PacerContract);

}  // namespace lucid::core
