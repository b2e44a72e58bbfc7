// The rules of core/machine.hpp, for the whole connection (an offer of a data channel and of media
// that nobody answers) and for one transport by itself.
#include "peer/detail/transport.hpp"
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

struct TransportContract {
  using Machine = detail::Transport;
  static Machine make(core::Context context) {
    const dtls::Certificate::Config certificate{.wall_clock = sim::virtual_wall_clock};
    Machine::Config config{
        .ice = {},
        .dtls = {.certificate = *dtls::Certificate::generate(certificate, sim::virtual_start)}};
    config.dtls.wall_clock = sim::virtual_wall_clock;
    return Machine{std::move(config), context};
  }
  // Checks are under way, and DTLS waits for a path.
  static void start(Machine& machine, core::Time now) {
    core::Interface interface;
    interface.name = "eth0";
    interface.ip = core::Ip::v4(0xC0000201);
    machine.ice().interfaces({{interface}}, now);
    machine.ice().gather(now);
    machine.settle(now);
    while (auto event = machine.poll_event()) {
      const auto* effect = std::get_if<core::Effect>(&*event);
      const auto* bind = effect != nullptr ? std::get_if<core::BindUdp>(effect) : nullptr;
      if (bind != nullptr) machine.ice().bound(bind->id, {interface.ip, 50'000}, now);
    }
    machine.ice().set_remote_credentials({"frag", "passwordpasswordpassword"}, now);
    machine.set_remote({.fingerprints = {{dtls::Hash::sha256, std::vector<std::uint8_t>(32, 7)}}},
                       now);
  }
  static std::vector<std::vector<std::uint8_t>> inputs() { return ConnectionContract::inputs(); }
  static void end(Machine& machine, core::Time now) { machine.close(now); }
};

}  // namespace
}  // namespace lucid::peer

namespace lucid::core {

INSTANTIATE_TYPED_TEST_SUITE_P(PeerConnection, MachineContract, peer::ConnectionContract);
INSTANTIATE_TYPED_TEST_SUITE_P(Transport, MachineContract, peer::TransportContract);

}  // namespace lucid::core
