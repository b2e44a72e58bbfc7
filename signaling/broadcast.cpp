#include "signaling/broadcast.hpp"

#include <algorithm>

namespace lucid::signaling {

void BroadcastServer::handle_datagram(Incoming incoming, core::Time now) {
  roster_.handle_datagram(std::move(incoming), now);
  settle();
}

void BroadcastServer::handle_timeout(core::Time now) {
  roster_.handle_timeout(now);
  settle();
}

// Nobody enters a group: all clients of all servers hear.
void BroadcastServer::settle() {
  while (auto event = roster_.poll_event()) {
    if (const auto* said = std::get_if<Said>(&*event)) {
      std::vector<ClientId> others = roster_.clients();
      std::erase(others, said->client);
      roster_.publish_told({}, {}, said->text);
      roster_.say_all(std::move(others), said->text);
    } else if (const auto* told = std::get_if<Roster::Told>(&*event)) {
      roster_.say_all(roster_.clients(), told->text);
    }
  }
}

}  // namespace lucid::signaling
