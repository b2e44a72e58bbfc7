#pragma once
#include "app/gate.hpp"
#include "app/hub.hpp"
#include "net/http_server.hpp"

namespace lucid::app {

// A client by WebSocket, one message a word.
class SocketCarrier final : public Carrier {
 public:
  SocketCarrier(net::WebSocket socket, Gate::Pass pass)
      : pass_{std::move(pass)}, socket_{std::move(socket)} {}

  void say(std::string_view text) override { socket_.send(text); }
  void dismiss(std::string_view reason) override {
    if (reason.empty()) {
      socket_.close(net::CloseCode::going_away, "the server is going away");
    } else {
      socket_.close(net::CloseCode::policy, reason);
    }
  }

 private:
  Gate::Pass pass_;
  net::WebSocket socket_;
};

// A browser that has offered subprotocols wants one of them: "json" or its first.
inline std::string subprotocol_of(const net::HttpRequest& request) {
  if (request.headers.lists("Sec-WebSocket-Protocol", "json")) return "json";
  const std::string_view offered = request.headers["Sec-WebSocket-Protocol"];
  return std::string{offered.substr(0, offered.find_first_of(", "))};
}

template <class Server>
void accept(Hub<Server>& hub, net::HttpExchange exchange, Gate::Pass pass) {
  net::WebSocket socket = exchange.accept(subprotocol_of(exchange.request()));
  if (!socket.open()) return;
  const auto client = hub.next_client();
  socket.on({[&hub, client](std::string_view text, net::MessageKind) {
               hub.take(signaling::Said{client, std::string{text}});
             },
             [&hub, client](net::CloseCode, std::string_view) { hub.remove(client); }});
  hub.add(client, std::make_unique<SocketCarrier>(std::move(socket), std::move(pass)));
}

}  // namespace lucid::app
