// What a stranger writes who wants SCTP alone: a data channel in memory.
#include <core/random.hpp>
#include <sctp/data_channels.hpp>

using namespace lucid;

int main() {
  core::SeededRandom random{1};
  core::Pool pool;
  const core::Time now{std::chrono::seconds{1}};
  sctp::DataChannels left{{}, {random, pool}};
  sctp::DataChannels right{{}, {random, pool}};
  left.set_role(sctp::Role::client, now);
  right.set_role(sctp::Role::server, now);
  const auto channel = left.open({.label = "chat"}, now);
  if (!channel || !left.connect(now) || !right.connect(now)) return 1;
  for (int flight = 0; flight < 10; ++flight) {
    while (auto packet = left.poll_transmit()) right.handle_datagram(*packet, now);
    while (auto packet = right.poll_transmit()) left.handle_datagram(*packet, now);
  }
  return left.find(*channel)->state == sctp::ChannelState::open ? 0 : 1;
}
