#include "app/engine_door.hpp"

namespace lucid::app {

namespace {

std::string parameter(const net::HttpRequest& request, std::string_view name) {
  return request.parameter(name).value_or("");
}

// A page from elsewhere reads the answers only if they say that it may, by its name where the
// browser sends cookies along.
void allow_origin(const net::HttpRequest& request, net::HttpResponse& response) {
  const std::string_view origin = request.headers["Origin"];
  if (origin.empty()) return;
  response.headers.add("Access-Control-Allow-Origin", std::string{origin});
  response.headers.add("Access-Control-Allow-Credentials", "true");
  response.headers.add("Vary", "Origin");
}

}  // namespace

class EngineDoor::SessionCarrier final : public Carrier {
 public:
  SessionCarrier(EngineDoor& door, Engine::SessionId id) : door_{door}, id_{id} {}
  void say(std::string_view text) override {
    door_.engine_.send(id_, std::string{text}, door_.loop_.now());
    door_.pump();
  }
  void dismiss(std::string_view) override {
    door_.engine_.close(id_, door_.loop_.now());
    door_.pump();
  }

 private:
  EngineDoor& door_;
  Engine::SessionId id_;
};

EngineDoor::EngineDoor(net::Loop& loop, Hub<signaling::SocketIoServer>& hub, Gate& gate,
                       Engine::Config config)
    : loop_{loop},
      hub_{hub},
      gate_{gate},
      engine_{config, loop.context()},
      timer_{loop, [this] {
               engine_.handle_timeout(loop_.now());
               pump();
             }} {}

void EngineDoor::serve(net::HttpExchange exchange) {
  const net::HttpRequest& request = exchange.request();
  if (request.wants_websocket()) return open_socket(std::move(exchange));
  net::HttpResponse refusal{204, {}, {}};
  const auto checked = gate_.check(request);
  if (request.method == "OPTIONS" && gate_.allows(request)) {
    refusal.headers.add("Access-Control-Allow-Methods", "GET, POST, OPTIONS");
    refusal.headers.add("Access-Control-Allow-Headers", "Content-Type, Authorization");
    refusal.headers.add("Access-Control-Max-Age", "86400");
  } else if (checked) {
    const auto id = Engine::RequestId{next_++};
    Engine::Asked asked{.id = id,
                        .method = request.method,
                        .body = std::move(exchange.request().body),
                        .bytes = request.headers["Content-Type"] == "application/octet-stream",
                        .revision = parameter(request, "EIO"),
                        .transport = parameter(request, "transport"),
                        .sid = parameter(request, "sid"),
                        .from = request.path.remote.ip.text()};
    const auto held = requests_.emplace(id, std::move(exchange)).first;
    held->second.on_gone([this, id] {
      requests_.erase(id);
      feed(Engine::GaveUp{id});
    });
    return feed(std::move(asked));
  } else {
    refusal = checked.error();
  }
  allow_origin(request, refusal);
  exchange.respond(refusal);
}

void EngineDoor::open_socket(net::HttpExchange exchange) {
  auto pass = gate_.admit(exchange.request());
  if (!pass) return exchange.respond(pass.error());
  Engine::Opened opened{Engine::SocketId{next_++}, parameter(exchange.request(), "EIO"),
                        parameter(exchange.request(), "sid"),
                        exchange.request().path.remote.ip.text()};
  net::WebSocket socket = exchange.accept();
  if (!socket.open()) return;
  const auto id = opened.id;
  socket.on({[this, id](std::string_view data, net::MessageKind kind) {
               feed(Engine::Heard{id, std::string{data}, kind == net::MessageKind::binary});
             },
             [this, id](net::CloseCode, std::string_view) {
               feed(Engine::Closed{id});
               loop_.post([this, id] { sockets_.erase(id); });
             }});
  sockets_.emplace(id, Socket{std::move(socket), std::move(*pass)});
  feed(std::move(opened));
}

void EngineDoor::feed(Engine::Datagram datagram) {
  engine_.handle_datagram(std::move(datagram), loop_.now());
  pump();
}

// The hub may have something to say to a session while another one's events are handled.
void EngineDoor::pump() {
  if (pumping_) return;
  pumping_ = true;
  for (bool more = true; more;) {
    more = false;
    while (const auto transmit = engine_.poll_transmit()) {
      handle(*transmit);
      more = true;
    }
    while (const auto event = engine_.poll_event()) {
      handle(*event);
      more = true;
    }
  }
  timer_.set(engine_.next_timeout());
  pumping_ = false;
}

void EngineDoor::handle(const Engine::Transmit& transmit) {
  std::visit(core::Overloaded{[&](const Engine::Answer& it) { answer(it); },
                              [&](const Engine::Send& it) {
                                const auto found = sockets_.find(it.id);
                                if (found != sockets_.end()) found->second.socket.send(it.data);
                              },
                              [&](const Engine::Close& it) {
                                const auto found = sockets_.find(it.id);
                                if (found == sockets_.end()) return;
                                found->second.socket.close(it.reason.empty()
                                                               ? net::CloseCode::normal
                                                               : net::CloseCode::policy,
                                                           it.reason);
                              }},
             transmit);
}

void EngineDoor::answer(const Engine::Answer& answer) {
  auto held = requests_.extract(answer.id);
  if (held.empty()) return;
  net::HttpResponse response{
      answer.status, {{"Content-Type", answer.type}, {"Cache-Control", "no-store"}}, answer.body};
  allow_origin(held.mapped().request(), response);
  held.mapped().respond(response);
}

void EngineDoor::handle(const Engine::Event& event) {
  std::visit(core::Overloaded{[&](const Engine::SessionOpened& it) {
                                const auto client = clients_[it.id] = hub_.next_client();
                                if (it.revision == 3) hub_.server().is_revision_3(client, it.sid);
                                hub_.add(client, std::make_unique<SessionCarrier>(*this, it.id));
                              },
                              [&](const Engine::Message& it) {
                                const auto found = clients_.find(it.id);
                                if (found != clients_.end() && !it.binary)
                                  hub_.take(signaling::Said{found->second, it.data});
                              },
                              [&](const Engine::SessionClosed& it) {
                                const auto client = clients_.extract(it.id);
                                if (!client.empty()) hub_.remove(client.mapped());
                              }},
             event);
}

}  // namespace lucid::app
