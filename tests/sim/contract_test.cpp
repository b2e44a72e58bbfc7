#include "sim/stun_server.hpp"
#include "sim/turn_server.hpp"
#include "tests/core/machine_contract.hpp"
#include "tests/sim/echo.hpp"

namespace lucid::core {
namespace {

std::vector<std::uint8_t> request(stun::Method method) {
  Pool pool;
  stun::Builder out{pool, stun::Class::request, method, {1, 2, 3}};
  out.requested_transport(17);
  out.fingerprint();
  const Buffer bytes = std::move(out).finish();
  return {bytes.bytes().begin(), bytes.bytes().end()};
}

struct StunServerContract {
  using Machine = sim::StunServer;
  static Machine make(Context context) {
    return {{.address = *Address::parse("192.0.2.1:3478")}, context};
  }
  static void start(Machine&, Time) {}
  static std::vector<std::vector<std::uint8_t>> inputs() {
    Pool pool;
    stun::Builder out{pool, stun::Class::request, stun::Method::binding, {1}};
    out.fingerprint();
    const Buffer bytes = std::move(out).finish();
    return {{bytes.bytes().begin(), bytes.bytes().end()}};
  }
};

struct TurnServerContract {
  using Machine = sim::TurnServer;
  static Machine make(Context context) {
    sim::TurnServer::Config config;
    config.addresses = {*Address::parse("192.0.2.1:3478")};
    config.relays = {*Ip::parse("192.0.2.1")};
    return {config, context};
  }
  static void start(Machine&, Time) {}
  static std::vector<std::vector<std::uint8_t>> inputs() {
    return {request(stun::Method::allocate),
            request(stun::Method::refresh),
            request(stun::Method::channel_bind),
            request(stun::Method::create_permission),
            {0x40, 0, 0, 4, 1, 2, 3, 4}};
  }
};

struct AskerContract {
  using Machine = sim::test::PathAsker;
  static Machine make(Context context) { return {3, context}; }
  static void start(Machine& machine, Time now) { machine.start(now); }
  static std::vector<std::vector<std::uint8_t>> inputs() { return {{0}, {1}, {2}, {9}}; }
};

INSTANTIATE_TYPED_TEST_SUITE_P(StunServer, MachineContract, StunServerContract);
INSTANTIATE_TYPED_TEST_SUITE_P(TurnServer, MachineContract, TurnServerContract);
INSTANTIATE_TYPED_TEST_SUITE_P(Asker, MachineContract, AskerContract);

}  // namespace
}  // namespace lucid::core
