#pragma once
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "net/http.hpp"
#include "net/loop.hpp"
#include "net/tls.hpp"
#include "net/websocket_frames.hpp"

namespace lucid::net {

namespace detail {
class WebSocketSession;
}

struct WebSocketLimits {
  std::size_t message = 1 << 20;  // bytes of one message that comes in
  std::size_t queue = 4 << 20;  // bytes waiting to be written: a reader slower than that is closed
  core::Duration ping_every = std::chrono::seconds{25};  // so that middleboxes keep the way open
  core::Duration silence = std::chrono::seconds{60};     // without a sign of life it is closed
  core::Duration close_wait = std::chrono::seconds{5};   // for the other side's close frame
};

// What happens to a WebSocket, on the loop's thread. Each may destroy the WebSocket.
struct WebSocketHandlers {
  std::move_only_function<void(std::string_view data, MessageKind kind)> message;
  // The last call. CloseCode::abnormal: the connection broke.
  std::move_only_function<void(CloseCode code, std::string_view reason)> closed;
};

// One end of a WebSocket connection (RFC 6455). Destroying it closes the connection gracefully, and
// nothing is heard of it any more.
class WebSocket {
 public:
  WebSocket() = default;  // none: everything sent is dropped
  explicit WebSocket(std::shared_ptr<detail::WebSocketSession> session);
  WebSocket(WebSocket&&) noexcept = default;
  WebSocket& operator=(WebSocket&& other) noexcept;
  ~WebSocket();

  void on(WebSocketHandlers handlers);
  void send(std::string_view text);
  void send_binary(core::Bytes bytes);
  void close(CloseCode code = CloseCode::normal, std::string_view reason = {});

  bool open() const;
  std::size_t queued() const;  // bytes not written yet
  const std::string& subprotocol() const;
  core::Path path() const;

 private:
  std::shared_ptr<detail::WebSocketSession> session_;
};

struct WebSocketOptions {
  std::vector<std::string> subprotocols;  // in order of preference
  HttpHeaders headers;                    // more of them for the request
  std::optional<TlsContext> tls;          // by default the system's authorities are trusted
  WebSocketLimits limits;
  core::Duration open_within = std::chrono::seconds{15};
};

// Why a WebSocket did not open.
enum class ConnectError : std::uint8_t {
  bad_url,
  unknown_host,
  unreachable,
  refused,
  timed_out,
  bad_certificate,
  bad_response,  // not HTTP, or not what was asked for
  rejected,      // the server answered with another status
};
std::string_view to_string(ConnectError error);

// A connection on its way; destroying it gives up. `done` is called once, and never from within the
// constructor.
class WebSocketConnect {
 public:
  using Done = std::move_only_function<void(std::expected<WebSocket, ConnectError>)>;

  WebSocketConnect(Loop& loop, std::string_view url, WebSocketOptions options, Done done);
  ~WebSocketConnect();
  WebSocketConnect(const WebSocketConnect&) = delete;
  WebSocketConnect& operator=(const WebSocketConnect&) = delete;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lucid::net
