#include "net/detail/http_connection.hpp"

#include "net/detail/sockaddr.hpp"
#include "net/detail/websocket_session.hpp"

namespace lucid::net::detail {

namespace {

Connection connection_on(int fd, const std::optional<TlsContext>& tls) {
  return tls ? Connection{fd, *tls, std::nullopt} : Connection{fd};
}

// RFC 9112 6.3: these never have a body, nor say how long it would be.
bool without_body(int status) { return status < 200 || status == 204 || status == 304; }

std::string head_of(const HttpResponse& response) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head += reason_phrase(response.status);
  head += "\r\n";
  for (const auto& [name, value] : response.headers) {
    // RFC 9112 11.1: a line break in a field would begin another one.
    if ((name + value).find_first_of("\r\n") != std::string::npos) continue;
    head += name;
    head += ": ";
    head += value;
    head += "\r\n";
  }
  return head;
}

}  // namespace

HttpConnection::HttpConnection(Loop& loop, HttpServerState& server, int fd)
    : loop_{loop},
      server_{&server},
      remote_{remote_address(fd).ip},
      parser_{HttpParser::Expects::requests, server.options.limits.header,
              server.options.limits.body},
      timer_{loop, [this] { alarm(); }},
      channel_{std::make_unique<ByteChannel>(loop, static_cast<ByteChannel::Owner&>(*this), fd,
                                             connection_on(fd, server.options.tls),
                                             ByteChannel::Side::accepted)} {
  timer_.set(loop.now() + server.options.limits.request);
}

HttpConnection::~HttpConnection() = default;

void HttpConnection::channel_received(core::Bytes bytes) {
  if (state_ == State::finishing || state_ == State::gone) return;
  const HttpLimits& limits = server_->options.limits;
  if (state_ == State::reading && parser_.idle()) timer_.set(loop_.now() + limits.request);
  parser_.feed(bytes);
  // Requests may be sent ahead of their answers (RFC 9112 9.3.2), but not without end.
  const bool later = state_ == State::busy || answers_wait();
  if (later && parser_.waiting() > limits.header + limits.body) {
    const auto self = shared_from_this();
    return channel_ended(core::PathError::closed);
  }
  if (state_ == State::reading) serve();
}

// Answers what can be answered now. The handler may respond at once, which brings the next turn.
// The next request has its turn once the answers before it are written, so that they do not pile up
// for somebody who only asks.
void HttpConnection::serve() {
  const auto self = shared_from_this();
  serving_ = true;
  while (state_ == State::reading && !answers_wait()) {
    const HttpParser::State found = parser_.parse();
    if (found == HttpParser::State::more) {
      wait_for_request();
      break;
    }
    if (found != HttpParser::State::complete) {
      refuse(found);
      break;
    }
    keep_alive_ = parser_.keep_alive();
    HttpRequest request = parser_.take_request();
    request.path = channel_->path();
    head_ = request.method == "HEAD";
    state_ = State::busy;
    timer_.set(std::nullopt);
    ++server_->stats.requests;
    server_->handler(HttpExchange{self, std::move(request)});
  }
  serving_ = false;
}

void HttpConnection::wait_for_request() {
  if (parser_.wants_continue() && !continued_) {
    channel_->send(core::as_bytes("HTTP/1.1 100 Continue\r\n\r\n"));
    continued_ = true;
  }
  if (parser_.idle()) timer_.set(loop_.now() + server_->options.limits.idle);
}

void HttpConnection::refuse(HttpParser::State state) {
  ++server_->stats.bad_requests;
  keep_alive_ = false;
  state_ = State::busy;
  switch (state) {
    case HttpParser::State::header_too_large:
      return respond(HttpResponse::text(431, "the header is too large\n"));
    case HttpParser::State::body_too_large:
      return respond(HttpResponse::text(413, "the body is too large\n"));
    case HttpParser::State::malformed:
    case HttpParser::State::more:
    case HttpParser::State::complete:
      break;
  }
  respond(HttpResponse::text(400, "this is not HTTP/1.1\n"));
}

void HttpConnection::respond(const HttpResponse& response) {
  if (state_ != State::busy) return;
  gone_ = nullptr;
  continued_ = false;
  if (response.headers.lists("Connection", "close")) keep_alive_ = false;
  std::string out = head_of(response);
  if (!without_body(response.status)) {
    out += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
  }
  if (!keep_alive_ && !response.headers.has("Connection")) out += "Connection: close\r\n";
  out += "\r\n";
  if (!head_ && !without_body(response.status)) out += response.body;
  channel_->send(core::as_bytes(out));
  timer_.set(loop_.now() + server_->options.limits.idle);
  if (!keep_alive_) {
    state_ = State::finishing;
    return channel_->finish();
  }
  state_ = State::reading;
  if (!serving_ && !parser_.idle()) serve();
}

WebSocket HttpConnection::accept(const HttpRequest& request, std::string_view subprotocol) {
  if (state_ != State::busy) return WebSocket{};
  if (!request.wants_websocket()) {
    HttpResponse response = HttpResponse::text(426, "this is for WebSockets\n");
    response.headers.add("Sec-WebSocket-Version", "13");
    respond(response);
    return WebSocket{};
  }
  // RFC 6455 4.2.2
  HttpResponse response{101, {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}}, {}};
  response.headers.add("Sec-WebSocket-Accept",
                       websocket_accept(request.headers["Sec-WebSocket-Key"]));
  if (!subprotocol.empty()) {
    response.headers.add("Sec-WebSocket-Protocol", std::string{subprotocol});
  }
  channel_->send(core::as_bytes(head_of(response) + "\r\n"));
  ++server_->stats.websockets;
  auto session = std::make_shared<WebSocketSession>(
      loop_, std::move(channel_), WebSocketRole::server, server_->options.limits.websocket,
      std::string{subprotocol});
  session->start(parser_.take_rest());
  leave();
  return WebSocket{std::move(session)};
}

void HttpConnection::channel_drained() {
  if (state_ == State::reading && !parser_.idle()) serve();
}

void HttpConnection::channel_ended(core::PathError) {
  const auto self = shared_from_this();
  const bool waited_for = state_ == State::busy;
  leave();
  if (auto gone = std::exchange(gone_, nullptr); gone && waited_for) gone();
}

void HttpConnection::alarm() {
  // A long answer takes its time, as long as it moves.
  if (channel_->queued() > 0 && channel_->queued() != queued_before_) {
    queued_before_ = channel_->queued();
    return timer_.set(loop_.now() + server_->options.limits.idle);
  }
  if (state_ == State::reading && !parser_.idle()) ++server_->stats.timed_out;
  channel_ended(core::PathError::timed_out);
}

void HttpConnection::leave() {
  state_ = State::gone;
  timer_.set(std::nullopt);
  const auto self = shared_from_this();
  if (server_ == nullptr || server_->connections.erase(self) == 0) return;
  const auto address = server_->addresses.find(remote_);
  if (--address->second == 0) server_->addresses.erase(address);
}

// Called while the server goes through its connections. A WebSocket has left before.
void HttpConnection::server_gone() {
  server_ = nullptr;
  state_ = State::gone;
  gone_ = nullptr;
  timer_.set(std::nullopt);
  channel_.reset();
}

}  // namespace lucid::net::detail
