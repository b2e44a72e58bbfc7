// The rules of core/machine.hpp, for the probe.
#include "stun/builder.hpp"
#include "stun/nat_probe.hpp"
#include "tests/core/machine_contract.hpp"

namespace lucid::stun {
namespace {

struct NatProbeContract {
  using Machine = NatProbe;
  static NatProbe make(core::Context context) {
    return NatProbe{{.server = "198.51.100.1"}, context};
  }
  // It has a socket, and its first request is under way.
  static void start(NatProbe& machine, core::Time now) {
    core::Interface interface;
    interface.name = "eth0";
    interface.ip = path().local.ip;
    machine.interfaces({{interface}}, now);
    machine.bound(core::SocketId{1}, path().local, now);
  }
  static std::vector<std::vector<std::uint8_t>> inputs() {
    core::Pool pool;
    std::vector<std::vector<std::uint8_t>> inputs;
    for (const auto message_class : {Class::request, Class::success, Class::error}) {
      Builder out{pool, message_class, Method::binding, {1, 2, 3}};
      out.address(AttributeType::xor_mapped_address, path().local);
      out.fingerprint();
      const core::Buffer bytes = std::move(out).finish();
      inputs.emplace_back(bytes.bytes().begin(), bytes.bytes().end());
    }
    return inputs;
  }
  static core::Path path() {
    return {
        core::Transport::udp, {core::Ip::v4(0xC0000201), 50'000}, {core::Ip::v4(0xC6336401), 3478}};
  }
};

}  // namespace
}  // namespace lucid::stun

namespace lucid::core {

INSTANTIATE_TYPED_TEST_SUITE_P(NatProbe, MachineContract, stun::NatProbeContract);

}  // namespace lucid::core
