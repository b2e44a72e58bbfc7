#include "tests/core/machine_contract.hpp"
#include "tests/dtls/pair.hpp"

namespace lucid::core {
namespace {

using namespace dtls::test;
using dtls::Session;

// What each end of a handshake receives; all of it comes out of one seed.
std::vector<std::vector<std::uint8_t>> received(dtls::Role role) {
  std::vector<std::vector<std::uint8_t>> out;
  Simulation sim{make(config_with(alice())), make(config_with(bob()))};
  const auto record = [&](sim::Packet& packet) {
    out.emplace_back(packet.bytes.data(), packet.bytes.data() + packet.bytes.size());
    return true;
  };
  (role == dtls::Role::client ? sim.right_to_left : sim.left_to_right).filter(record);
  introduce(sim);
  connect(sim);
  return out;
}

template <dtls::Role role>
struct SessionContract {
  using Machine = Session;
  static Session make(Context context) { return Session{config_with(alice()), context}; }
  static void start(Session& session, Time now) {
    session.set_remote_fingerprints({bob().fingerprint()}, now);
    session.start(role, dtls::SrtpUse::required, now);
  }
  static std::vector<std::vector<std::uint8_t>> inputs() {
    static const auto recorded = received(role);
    return recorded;
  }
  static void end(Session& session, Time now) { session.close(now); }
};

using Client = SessionContract<dtls::Role::client>;
using Server = SessionContract<dtls::Role::server>;
INSTANTIATE_TYPED_TEST_SUITE_P(DtlsClient, MachineContract, Client);
INSTANTIATE_TYPED_TEST_SUITE_P(DtlsServer, MachineContract, Server);

}  // namespace
}  // namespace lucid::core
