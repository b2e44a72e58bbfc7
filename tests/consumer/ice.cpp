// What a stranger writes who wants ICE alone: an agent that gathers.
#include <core/random.hpp>
#include <ice/agent.hpp>

#include <array>

int main() {
  using namespace lucid;
  core::SeededRandom random{1};
  core::Pool pool;
  ice::Agent agent{{}, {random, pool}};
  const core::Time now{std::chrono::seconds{1}};
  const std::array interfaces{core::Interface{.name = "eth0", .ip = core::Ip::v4(0xC0000201)}};
  agent.interfaces(interfaces, now);
  agent.gather(now);
  while (auto event = agent.poll_event()) {
    if (std::holds_alternative<core::Effect>(*event)) return 0;  // it wants a socket
  }
  return 1;
}
