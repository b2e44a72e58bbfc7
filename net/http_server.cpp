#include "net/http_server.hpp"

#include <unistd.h>

#include "net/detail/http_connection.hpp"
#include "net/detail/sockaddr.hpp"

namespace lucid::net {

std::expected<std::unique_ptr<HttpServer>, core::PathError> HttpServer::listen(
    Loop& loop, HttpServerOptions options, Handler handler) {
  const auto fd = detail::start_listen(options.listen);
  if (!fd) return std::unexpected(fd.error());
  auto state =
      std::make_unique<detail::HttpServerState>(loop, std::move(options), std::move(handler), *fd);
  return std::unique_ptr<HttpServer>{new HttpServer{std::move(state)}};
}

HttpServer::HttpServer(std::unique_ptr<detail::HttpServerState> state) : state_{std::move(state)} {}
HttpServer::~HttpServer() = default;

core::Address HttpServer::local() const { return state_->local; }
const HttpServer::Stats& HttpServer::stats() const { return state_->stats; }

namespace detail {

HttpServerState::HttpServerState(Loop& on, HttpServerOptions how, HttpServer::Handler to, int fd)
    : loop{on},
      options{std::move(how)},
      handler{std::move(to)},
      local{local_address(fd)},
      acceptor{on, fd, *this} {}

HttpServerState::~HttpServerState() {
  for (const auto& one : connections) one->server_gone();
}

void HttpServerState::accepted(int fd) {
  const core::Ip remote = remote_address(fd).ip;
  const auto of_address = addresses.find(remote);
  if (connections.size() >= options.limits.connections ||
      (of_address != addresses.end() &&
       of_address->second >= options.limits.connections_per_address)) {
    ++stats.refused_full;
    ::close(fd);
    return;
  }
  ++addresses[remote];
  ++stats.connections;
  connections.insert(std::make_shared<HttpConnection>(loop, *this, fd));
}

}  // namespace detail

HttpExchange::HttpExchange(std::shared_ptr<detail::HttpConnection> connection, HttpRequest request)
    : connection_{std::move(connection)}, request_{std::move(request)} {}

HttpExchange::~HttpExchange() {
  if (connection_) respond(HttpResponse::text(500, "no answer\n"));
}

void HttpExchange::respond(const HttpResponse& response) {
  if (const auto connection = std::exchange(connection_, nullptr)) {
    connection->respond(response);
  }
}

WebSocket HttpExchange::accept(std::string_view subprotocol) {
  const auto connection = std::exchange(connection_, nullptr);
  return connection ? connection->accept(request_, subprotocol) : WebSocket{};
}

void HttpExchange::on_gone(std::move_only_function<void()> gone) {
  if (connection_) connection_->on_gone(std::move(gone));
}

}  // namespace lucid::net
