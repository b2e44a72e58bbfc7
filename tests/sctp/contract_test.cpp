// The rules of core/machine.hpp, for both machines.
#include "sctp/data_channels.hpp"
#include "tests/core/machine_contract.hpp"

namespace lucid::sctp {
namespace {

// What the other end says to a machine with the same seed: a handshake and some data. Its INIT is
// left out: the answer holds a state cookie, which names the machine to the engine, and the tests
// keep two machines of one seed alive at once.
constexpr std::size_t first_chunk = 12;
constexpr std::uint8_t init = 1;

template <class Machine>
std::vector<std::vector<std::uint8_t>> handshake(void (*start)(Machine&, core::Time),
                                                 Machine (*make)(core::Context)) {
  core::SeededRandom random{1};
  core::SeededRandom other_random{2};
  core::Pool pool;
  const core::Time now = sim::virtual_start;
  const sim::VirtualTimeScope scope{now, random};
  Machine left = make({random, pool});
  Machine right = make({other_random, pool});
  start(left, now);
  start(right, now);
  std::vector<std::vector<std::uint8_t>> inputs;
  for (int i = 0; i < 10; ++i) {
    while (auto packet = right.poll_transmit()) {
      const core::Bytes bytes = packet->bytes();
      if (bytes[first_chunk] == init) continue;
      inputs.emplace_back(bytes.begin(), bytes.end());
      left.handle_datagram(bytes, now);
    }
    while (auto packet = left.poll_transmit()) right.handle_datagram(packet->bytes(), now);
  }
  return inputs;
}

struct AssociationContract {
  using Machine = Association;
  static Association make(core::Context context) { return Association{{}, context}; }
  static void start(Association& machine, core::Time now) {
    EXPECT_TRUE(machine.connect(now));
    EXPECT_TRUE(machine.send({StreamId{1}, PayloadProtocol::string}, core::as_bytes("hi"), now));
  }
  static std::vector<std::vector<std::uint8_t>> inputs() { return handshake(start, make); }
  static void end(Association& machine, core::Time now) { machine.abort(now); }
};

struct DataChannelsContract {
  using Machine = DataChannels;
  static DataChannels make(core::Context context) { return DataChannels{{}, context}; }
  static void start(DataChannels& machine, core::Time now) {
    machine.set_role(Role::client, now);
    EXPECT_TRUE(machine.open({.label = "chat"}, now));
    EXPECT_TRUE(machine.connect(now));
  }
  static std::vector<std::vector<std::uint8_t>> inputs() { return handshake(start, make); }
  static void end(DataChannels& machine, core::Time now) { machine.close(now); }
};

}  // namespace
}  // namespace lucid::sctp

namespace lucid::core {

INSTANTIATE_TYPED_TEST_SUITE_P(Association, MachineContract, sctp::AssociationContract);
INSTANTIATE_TYPED_TEST_SUITE_P(DataChannels, MachineContract, sctp::DataChannelsContract);

}  // namespace lucid::core
