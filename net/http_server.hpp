#pragma once
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/effects.hpp"
#include "net/http.hpp"
#include "net/loop.hpp"
#include "net/tls.hpp"
#include "net/websocket.hpp"

namespace lucid::net {

namespace detail {
class HttpConnection;
struct HttpServerState;
}  // namespace detail

struct HttpLimits {
  std::size_t header = 16 << 10;
  std::size_t body = 1 << 20;
  std::size_t connections = 10'000;
  std::size_t connections_per_address = 10'000;       // so that one cannot take them all
  core::Duration request = std::chrono::seconds{30};  // from its first byte to its last
  core::Duration idle = std::chrono::seconds{60};     // between requests on one connection
  WebSocketLimits websocket;
};

struct HttpServerOptions {
  core::Address listen;
  std::optional<TlsContext> tls;  // set: HTTPS and WSS, and nothing else
  HttpLimits limits;
};

// A request that waits for its answer, which may come now or later (long polling). Left without one
// it answers 500 by itself.
class HttpExchange {
 public:
  HttpExchange(std::shared_ptr<detail::HttpConnection> connection, HttpRequest request);
  HttpExchange(HttpExchange&&) noexcept = default;
  HttpExchange& operator=(HttpExchange&&) = delete;
  ~HttpExchange();

  const HttpRequest& request() const { return request_; }
  HttpRequest& request() { return request_; }
  void respond(const HttpResponse& response);
  // Answers a request that wants_websocket(). The subprotocol is one of those it offers, or none.
  WebSocket accept(std::string_view subprotocol = {});
  // Called when the client gives up before it was answered.
  void on_gone(std::move_only_function<void()> gone);

 private:
  std::shared_ptr<detail::HttpConnection> connection_;
  HttpRequest request_;
};

// An HTTP/1.1 and WebSocket server. Destroying it (not within its handler: post() that) closes its
// listener and its HTTP connections; WebSockets belong to those who accepted them.
class HttpServer {
 public:
  using Handler = std::move_only_function<void(HttpExchange)>;
  struct Stats {
    std::uint64_t connections = 0;
    std::uint64_t requests = 0;
    std::uint64_t websockets = 0;
    std::uint64_t refused_full = 0;
    std::uint64_t bad_requests = 0;
    std::uint64_t timed_out = 0;
  };

  [[nodiscard]] static std::expected<std::unique_ptr<HttpServer>, core::PathError> listen(
      Loop& loop, HttpServerOptions options, Handler handler);
  ~HttpServer();

  core::Address local() const;
  const Stats& stats() const;

 private:
  explicit HttpServer(std::unique_ptr<detail::HttpServerState> state);
  std::unique_ptr<detail::HttpServerState> state_;
};

}  // namespace lucid::net
