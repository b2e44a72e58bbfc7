#include "app/relay.hpp"

#include "app/ice_servers.hpp"
#include "core/handle.hpp"

namespace lucid::app {

namespace {

using namespace std::chrono_literals;

// Many who come at once need one key frame.
constexpr core::Duration key_frame_every = 300ms;

}  // namespace

Relay::Relay(net::Loop& loop, const ServeOptions& options, core::trace::Sink* sink)
    : loop_{loop},
      options_{options},
      sink_{sink},
      server_{{.token = options.gate.token, .body = options.limits.message}, loop.context()},
      key_frames_{loop, [this] { ask_due(); }} {}

void Relay::serve(net::HttpExchange exchange) {
  const net::HttpRequest& request = exchange.request();
  Server::Asked asked{.id = Server::RequestId{next_++},
                      .method = request.method,
                      .path = std::string{request.resource()},
                      .content_type = std::string{request.headers["Content-Type"]},
                      .if_match = std::string{request.headers["If-Match"]},
                      .authorization = std::string{request.headers["Authorization"]},
                      .body = std::move(exchange.request().body)};
  requests_.emplace(asked.id, std::move(exchange));
  server_.handle_datagram(std::move(asked), loop_.now());
  settle();
}

void Relay::settle() {
  while (const auto event = server_.poll_event()) {
    std::visit(core::Overloaded{[&](const Server::Offered& it) { offered(it); },
                                [&](const Server::Trickled& it) {
                                  if (const auto peer = peers_.find(it.id); peer != peers_.end())
                                    peer->second.leg->trickle(it.fragment);
                                },
                                [&](const Server::RestartAsked& it) { restart(it); },
                                [&](const Server::Ended& it) { end(it.id); }},
               *event);
  }
  while (auto answer = server_.poll_transmit()) {
    auto request = requests_.extract(answer->id);
    if (request.empty()) continue;
    net::HttpResponse response{answer->status, {}, std::move(answer->body)};
    for (auto& [name, value] : answer->headers) response.headers.add(name, std::move(value));
    request.mapped().respond(response);
  }
}

void Relay::offered(const Server::Offered& offered) {
  const SessionId id = offered.id;
  const bool publishes = offered.role == Server::Role::publisher;
  const auto room = rooms_.find(offered.room);
  RelayLeg* source = room == rooms_.end() ? nullptr : peers_.at(room->second.publisher).leg.get();
  if (publishes && source != nullptr) {
    const peer::ConnectionState state = source->state();
    const bool lost = state == peer::ConnectionState::disconnected ||
                      state == peer::ConnectionState::failed ||
                      state == peer::ConnectionState::closed;
    if (!lost) return server_.refused(id, 409, "Somebody publishes in this room already.");
    end(room->second.publisher);
  }
  if (!publishes && source == nullptr)
    return server_.refused(id, 409, "Nobody publishes in this room yet.");
  Peer& peer = peers_[id];
  peer.role = offered.role;
  peer.room = offered.room;
  peer.leg = std::make_unique<RelayLeg>(
      loop_, sink_, static_cast<std::uint32_t>(id),
      RelayLeg::Handlers{[this, id] { ready(id); },
                         [this, id](const peer::events::Packet& packet) { pass_on(id, packet); },
                         [this, name = offered.room] { want_key_frame(name); },
                         [this, id](peer::ConnectionState state) { changed(id, state); }});
  if (publishes) rooms_[offered.room] = {.publisher = id};
  const auto taken =
      publishes ? peer.leg->publish(offered.sdp) : peer.leg->view(offered.sdp, source->codecs());
  if (taken) return;
  server_.refused(id, 400, taken.error());
  end(id);
}

void Relay::restart(const Server::RestartAsked& asked) {
  const auto peer = peers_.find(asked.id);
  if (peer == peers_.end()) return server_.refused(asked.id, 404, "The session has ended.");
  peer->second.restarting = true;
  if (const auto taken = peer->second.leg->restart(asked.fragment); !taken)
    server_.refused(asked.id, 400, taken.error());
}

void Relay::ready(SessionId id) {
  const auto found = peers_.find(id);
  if (found == peers_.end()) return;
  const std::string answer = found->second.leg->answer();
  if (std::exchange(found->second.restarting, false)) {
    server_.restarted(id, signaling::SdpFragment::of(answer).value_or(signaling::SdpFragment{}));
  } else {
    const std::int64_t now =
        std::chrono::duration_cast<std::chrono::seconds>(loop_.wall_clock().unix_time(loop_.now()))
            .count();
    std::vector<Server::IceServer> servers;
    for (const auto& it : ice_servers(options_, now, loop_.context().random.text(8)))
      servers.push_back({it.urls, it.username, it.credential});
    server_.answered(id, answer, servers);
  }
  settle();
}

void Relay::changed(SessionId id, peer::ConnectionState state) {
  const auto found = peers_.find(id);
  if (found == peers_.end()) return;
  if (state == peer::ConnectionState::connected) want_key_frame(found->second.room);
  if (state != peer::ConnectionState::failed && state != peer::ConnectionState::closed) return;
  loop_.post([this, id] { end(id); });  // it is calling
}

void Relay::pass_on(SessionId publisher, const peer::events::Packet& packet) {
  const auto source = peers_.find(publisher);
  if (source == peers_.end() || source->second.role != Server::Role::publisher) return;
  const auto room = rooms_.find(source->second.room);
  if (room == rooms_.end()) return;
  std::string& rid = room->second.rid;
  if (rid.empty()) rid = packet.packet.rid;
  if (packet.packet.rid != rid && !packet.packet.rid.empty()) return;
  ++packets_;
  for (auto& [id, peer] : peers_) {
    if (peer.role == Server::Role::viewer && peer.room == room->first) peer.leg->pass_on(packet);
  }
}

void Relay::want_key_frame(const std::string& name) {
  const auto room = rooms_.find(name);
  if (room == rooms_.end()) return;
  room->second.key_frame_due = true;
  ask_due();
}

void Relay::ask_due() {
  for (auto& [name, room] : rooms_) {
    if (!room.key_frame_due) continue;
    if (loop_.now() - room.key_frame_at < key_frame_every) {
      key_frames_.set(loop_.now() + key_frame_every);
      continue;
    }
    room.key_frame_at = loop_.now();
    room.key_frame_due = false;
    peers_.at(room.publisher).leg->request_key_frame(room.rid);
  }
}

void Relay::end(SessionId id) {
  auto peer = peers_.extract(id);
  if (peer.empty()) return;
  server_.end(id);
  const auto room = rooms_.find(peer.mapped().room);
  const bool published = room != rooms_.end() && room->second.publisher == id;
  // It may be asking for its end itself: let it come back first.
  loop_.post([leg = std::move(peer.mapped().leg)] {});
  if (!published) return;
  // There is nothing to watch any more.
  std::vector<SessionId> viewers;
  for (const auto& [other, one] : peers_) {
    if (one.room == room->first) viewers.push_back(other);
  }
  rooms_.erase(room);
  for (const SessionId viewer : viewers) end(viewer);
}

void Relay::farewell() {
  while (!peers_.empty()) end(peers_.begin()->first);
  settle();
}

}  // namespace lucid::app
