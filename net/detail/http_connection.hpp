#pragma once
#include <functional>
#include <map>
#include <memory>
#include <set>

#include "net/detail/acceptor.hpp"
#include "net/detail/byte_channel.hpp"
#include "net/detail/http_parser.hpp"
#include "net/http_server.hpp"

namespace lucid::net::detail {

struct HttpServerState final : private Acceptor::Owner {
  HttpServerState(Loop& loop, HttpServerOptions options, HttpServer::Handler handler, int fd);
  ~HttpServerState() override;

  Loop& loop;
  HttpServerOptions options;
  HttpServer::Handler handler;
  HttpServer::Stats stats;
  core::Address local;
  std::set<std::shared_ptr<HttpConnection>> connections;
  std::map<core::Ip, std::size_t> addresses;  // of these connections
  Acceptor acceptor;

 private:
  void accepted(int fd) override;
};

// One connection of a server: requests come in, and are answered one after the other.
//
//   reading --request--> busy --response--> reading ... --last response--> finishing --> gone
//                          +--accept()--> (a WebSocketSession has the connection)
class HttpConnection final : private ByteChannel::Owner,
                             public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(Loop& loop, HttpServerState& server, int fd);
  ~HttpConnection() override;

  void respond(const HttpResponse& response);
  WebSocket accept(const HttpRequest& request, std::string_view subprotocol);
  void on_gone(std::move_only_function<void()> gone) { gone_ = std::move(gone); }
  void server_gone();
  const core::Ip& remote() const { return remote_; }

 private:
  enum class State : std::uint8_t { reading, busy, finishing, gone };

  void channel_received(core::Bytes bytes) override;
  void channel_drained() override;
  void channel_ended(core::PathError error) override;
  bool answers_wait() const { return channel_->queued() > 0; }
  void serve();
  void wait_for_request();
  void refuse(HttpParser::State state);
  void alarm();
  void leave();

  Loop& loop_;
  HttpServerState* server_;  // null once the server is gone
  core::Ip remote_;
  State state_ = State::reading;
  bool serving_ = false;
  bool keep_alive_ = true;
  bool head_ = false;
  bool continued_ = false;
  std::size_t queued_before_ = 0;
  HttpParser parser_;
  std::move_only_function<void()> gone_;
  Timer timer_;
  std::unique_ptr<ByteChannel> channel_;
};

}  // namespace lucid::net::detail
