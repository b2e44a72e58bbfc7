#include "signaling/broadcast.hpp"

#include "core/handle.hpp"

namespace lucid::signaling {

void BroadcastServer::handle_datagram(Incoming incoming, core::Time now) {
  std::visit(core::Overloaded{[&](const Joined& it) {
                                if (clients_.size() >= limits_.clients) {
                                  return dismiss(it.client, "the server is full");
                                }
                                clients_.try_emplace(it.client, limits_.messages_a_second, now);
                              },
                              [&](const Said& it) { said(it, now); },
                              [&](const Left& it) { clients_.erase(it.client); }},
             incoming);
}

void BroadcastServer::said(const Said& said, core::Time now) {
  const auto found = clients_.find(said.client);
  if (found == clients_.end()) return;
  if (said.text.size() > limits_.message) return dismiss(said.client, "the message is too long");
  if (!found->second.take(now)) return dismiss(said.client, "too many messages");
  for (const auto& [client, allowance] : clients_) {
    if (client != said.client) out_.push_back(Say{client, said.text});
  }
}

void BroadcastServer::dismiss(ClientId client, std::string reason) {
  clients_.erase(client);
  out_.push_back(Dismiss{client, std::move(reason)});
}

std::optional<Outgoing> BroadcastServer::poll_transmit() {
  if (out_.empty()) return std::nullopt;
  Outgoing outgoing = std::move(out_.front());
  out_.pop_front();
  return outgoing;
}

}  // namespace lucid::signaling
