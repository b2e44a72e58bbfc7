// Property: servers survive what clients (digit, words; 3 leaves) and the bus (b, u, d) say.
#include "signaling/broadcast.hpp"
#include "signaling/chat.hpp"
#include "signaling/rooms.hpp"
#include "signaling/socket_io.hpp"

using namespace lucid;
using signaling::ClientId;
static core::Pool pool;
static core::SeededRandom entropy{1};

template <class Server>
void play(std::string_view script) {
  Server server{{}, {}, {entropy, pool}};
  core::Time now;
  for (const int client : {0, 1, 2})
    server.handle_datagram(signaling::Joined{ClientId(client)}, now);
  while (!script.empty()) {
    const auto line = script.substr(0, script.find('\n'));
    script.remove_prefix(std::min(script.size(), line.size() + 1));
    const std::string words{line.substr(std::min<std::size_t>(1, line.size()))};
    if (line.empty()) continue;
    if (line[0] == 'b') server.handle_datagram(signaling::BusSaid{words}, now);
    if (line[0] == 'u') server.handle_datagram(signaling::BusUp{}, now);
    if (line[0] == 'd') server.handle_datagram(signaling::BusDown{}, now);
    if (line[0] == '3') server.handle_datagram(signaling::Left{ClientId(0)}, now);
    if (line[0] < '3') server.handle_datagram(signaling::Said{ClientId(line[0] - '0'), words}, now);
    server.handle_timeout(now += std::chrono::milliseconds{10});
    while (server.poll_transmit()) continue;
  }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto script = core::as_text({data, size});
  play<signaling::ChatServer>(script);
  play<signaling::BroadcastServer>(script);
  play<signaling::RoomsServer>(script);
  play<signaling::SocketIoServer>(script);
  return 0;
}
