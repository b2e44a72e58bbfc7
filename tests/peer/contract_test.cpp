// The rules of core/machine.hpp, for the whole connection: an offer of a data channel and of media
// that nobody answers.
#include "peer/peer_connection.hpp"
#include "tests/core/machine_contract.hpp"

namespace lucid::peer {
namespace {

struct ConnectionContract {
  using Machine = PeerConnection;
  static PeerConnection make(core::Context context) {
    Configuration configuration;
    configuration.wall_clock = sim::virtual_wall_clock;
    configuration.gather_tcp = false;
    return std::move(*PeerConnection::create(configuration, context, sim::virtual_start));
  }
  static void start(PeerConnection& machine, core::Time now) {
    core::Interface interface;
    interface.name = "eth0";
    interface.ip = core::Ip::v4(0xC0000201);
    machine.interfaces({{interface}}, now);
    EXPECT_TRUE(machine.create_data_channel("chat", now));
    EXPECT_TRUE(machine.add_transceiver(core::MediaKind::audio));
    EXPECT_TRUE(machine.set_local_description(now));
    while (auto event = machine.poll_event()) {
      const auto* effect = std::get_if<core::Effect>(&*event);
      const auto* bind = effect != nullptr ? std::get_if<core::BindUdp>(effect) : nullptr;
      if (bind != nullptr) machine.bound(bind->id, {interface.ip, 50'000}, now);
    }
  }
  // One of each kind that RFC 7983 tells apart.
  static std::vector<std::vector<std::uint8_t>> inputs() {
    std::vector<std::vector<std::uint8_t>> inputs;
    for (const char* hex : {"000100002112a442000102030405060708090a0b",            // STUN
                            "16fefd0000000000000000000c010000000000000000000000",  // DTLS
                            "40000004deadbeef",                                    // TURN
                            "80600001000003e8deadbeef10000000",                    // RTP
                            "80c8000100000001"}) {                                 // RTCP
      inputs.push_back(*core::from_hex(hex));
    }
    return inputs;
  }
  static void end(PeerConnection& machine, core::Time now) { machine.close(now); }
};

}  // namespace
}  // namespace lucid::peer

namespace lucid::core {

INSTANTIATE_TYPED_TEST_SUITE_P(PeerConnection, MachineContract, peer::ConnectionContract);

}  // namespace lucid::core
