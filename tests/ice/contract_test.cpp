// The rules of core/machine.hpp, for the agent and the TURN client.
#include "ice/agent.hpp"
#include "ice/turn_client.hpp"
#include "stun/builder.hpp"
#include "tests/core/machine_contract.hpp"

namespace lucid::ice {
namespace {

struct AgentContract {
  using Machine = Agent;
  static Agent make(core::Context context) {
    Config config{.role = Role::controlling};
    config.servers.push_back({.host = "192.0.2.53", .url = "stun:192.0.2.53"});
    return Agent{config, context};
  }
  // One interface, one socket, one remote candidate: checks are under way.
  static void start(Agent& machine, core::Time now) {
    core::Interface interface;
    interface.name = "eth0";
    interface.ip = path().local.ip;
    machine.interfaces({{interface}}, now);
    machine.gather(now);
    while (auto event = machine.poll_event()) {
      const auto* effect = std::get_if<core::Effect>(&*event);
      const auto* bind = effect != nullptr ? std::get_if<core::BindUdp>(effect) : nullptr;
      if (bind != nullptr) machine.bound(bind->id, path().local, now);
    }
    machine.set_remote_credentials({"frag", "passwordpasswordpassword"}, now);
    Candidate remote;
    remote.foundation = "1";
    remote.address = path().remote;
    remote.priority = 1000;
    machine.add_remote_candidate(remote, now);
  }
  static std::vector<std::vector<std::uint8_t>> inputs() {
    core::Pool pool;
    std::vector<std::vector<std::uint8_t>> inputs;
    for (const auto message_class : {stun::Class::request, stun::Class::success, stun::Class::error,
                                     stun::Class::indication}) {
      stun::Builder out{pool, message_class, stun::Method::binding, {1, 2, 3}};
      out.text(stun::AttributeType::username, "left:frag");
      out.u32(stun::AttributeType::priority, 0x6E0001FF);
      out.u64(stun::AttributeType::ice_controlled, 42);
      out.address(stun::AttributeType::xor_mapped_address, path().local);
      out.integrity(stun::Key::short_term("passwordpasswordpassword"));
      out.fingerprint();
      const core::Buffer bytes = std::move(out).finish();
      inputs.emplace_back(bytes.bytes().begin(), bytes.bytes().end());
    }
    return inputs;
  }
  static void end(Agent& machine, core::Time now) { machine.close(now); }
  static core::Path path() {
    return {core::Transport::udp,
            {core::Ip::v4(0xC0000201), 50'000},
            {core::Ip::v4(0xC6336401), 60'000}};
  }
};

struct TurnClientContract {
  using Machine = TurnClient;
  static TurnClient make(core::Context context) {
    TurnClient::Config config;
    config.server = {.kind = Server::Kind::turn,
                     .host = "198.51.100.1",
                     .username = "user",
                     .password = "secret"};
    config.address = AgentContract::path().remote;
    config.local = AgentContract::path().local;
    return TurnClient{config, context};
  }
  // The server answers twice: there is an allocation, and a peer that is written to.
  static void start(TurnClient& machine, core::Time now) {
    machine.start(now);
    for (const bool challenge : {true, false}) {
      const auto request = machine.poll_transmit();
      if (!request) return;
      const auto asked = stun::Message::parse(request->bytes);
      core::Pool pool;
      stun::Builder out{pool, challenge ? stun::Class::error : stun::Class::success,
                        stun::Method::allocate, asked->transaction()};
      if (challenge) out.error(stun::ErrorCode::unauthenticated);
      out.text(stun::AttributeType::realm, "realm");
      out.text(stun::AttributeType::nonce, "nonce");
      out.address(stun::AttributeType::xor_relayed_address, {core::Ip::v4(0xC6336401), 55'555});
      out.integrity(stun::Key::long_term("user", "realm", "secret"));
      machine.handle_datagram({path(), core::Ecn::not_ect, std::move(out).finish()}, now);
    }
    core::Pool pool;
    machine.send({{core::Transport::udp, {}, peer()}, core::Ecn::not_ect, pool.copy({{1, 2}})},
                 now);
    machine.bind_channel(peer(), now);
  }
  static std::vector<std::vector<std::uint8_t>> inputs() {
    core::Pool pool;
    std::vector<std::vector<std::uint8_t>> inputs{{0x40, 0x00, 0x00, 0x02, 9, 9}};
    for (const auto message_class :
         {stun::Class::success, stun::Class::error, stun::Class::indication}) {
      for (const auto method : {stun::Method::data, stun::Method::refresh}) {
        stun::Builder out{pool, message_class, method, {1, 2, 3}};
        out.address(stun::AttributeType::xor_peer_address, peer());
        out.text(stun::AttributeType::data, "data");
        const core::Buffer bytes = std::move(out).finish();
        inputs.emplace_back(bytes.bytes().begin(), bytes.bytes().end());
      }
    }
    return inputs;
  }
  static void end(TurnClient& machine, core::Time now) { machine.close(now); }
  static core::Path path() { return AgentContract::path(); }
  static core::Address peer() { return {core::Ip::v4(0xCB007109), 7000}; }
};

}  // namespace
}  // namespace lucid::ice

namespace lucid::core {

INSTANTIATE_TYPED_TEST_SUITE_P(Agent, MachineContract, ice::AgentContract);
INSTANTIATE_TYPED_TEST_SUITE_P(TurnClient, MachineContract, ice::TurnClientContract);

}  // namespace lucid::core
