#include "net/websocket.hpp"

#include "net/detail/loop_state.hpp"
#include "net/detail/websocket_session.hpp"

namespace lucid::net {

namespace detail {

WebSocketSession::WebSocketSession(Loop& loop, std::unique_ptr<ByteChannel> channel,
                                   WebSocketRole role, const WebSocketLimits& limits,
                                   std::string subprotocol)
    : loop_{loop},
      channel_{std::move(channel)},
      path_{channel_->path()},
      role_{role},
      limits_{limits},
      subprotocol_{std::move(subprotocol)},
      reader_{role, limits.message},
      last_heard_{loop.now()},
      timer_{loop, [this] { alarm(); }} {}

WebSocketSession::~WebSocketSession() = default;

void WebSocketSession::start(std::vector<std::uint8_t> rest) {
  channel_->hand_over(*this);
  loop_.state().websockets.insert(shared_from_this());
  timer_.set(last_heard_ + limits_.ping_every);
  if (rest.empty()) return;
  // Whoever takes the WebSocket gets the time to set its handlers.
  reader_.feed(rest);
  loop_.post([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->read_items();
  });
}

void WebSocketSession::leave() {
  const auto self = shared_from_this();
  timer_.set(std::nullopt);
  channel_.reset();
  loop_.state().websockets.erase(self);
}

void WebSocketSession::on(WebSocketHandlers handlers) {
  ++changes_;
  handlers_ = std::move(handlers);
}

void WebSocketSession::abandon() {
  on({});
  if (state_ == State::open) close(CloseCode::going_away, {});
}

// RFC 6455 5.3: a client masks each frame with a key that nobody can foresee.
std::optional<MaskingKey> WebSocketSession::masking_key() {
  if (role_ == WebSocketRole::server) return std::nullopt;
  MaskingKey key;
  loop_.context().random.fill(key);
  return key;
}

void WebSocketSession::send(MessageKind kind, core::Bytes payload) {
  if (state_ != State::open) return;
  if (channel_->queued() + payload.size() > limits_.queue) {
    // Whoever does not read will not read a close frame either. The handler is not called from
    // here, as the caller may be in the midst of a list of sockets.
    state_ = State::closing;
    loop_.post([weak = weak_from_this()] {
      if (const auto self = weak.lock()) {
        self->tell_closed(CloseCode::policy, "it reads too slowly");
        self->leave();
      }
    });
    return;
  }
  std::vector<std::uint8_t> frame;
  append_message(kind, payload, masking_key(), frame);
  channel_->send(frame);
}

void WebSocketSession::send_item(const WebSocketItem& item) {
  std::vector<std::uint8_t> frame;
  append_frame(item, masking_key(), frame);
  channel_->send(frame);
}

void WebSocketSession::close(CloseCode code, std::string_view reason) {
  if (state_ != State::open) return;
  state_ = State::closing;
  send_item(WebSocketClose{code, std::string{reason}});
  timer_.set(loop_.now() + limits_.close_wait);
}

void WebSocketSession::channel_received(core::Bytes bytes) {
  last_heard_ = loop_.now();
  if (state_ == State::closed) return;
  reader_.feed(bytes);
  read_items();
}

void WebSocketSession::read_items() {
  const auto self = shared_from_this();  // a handler may let go of this
  while (state_ != State::closed) {
    auto item = reader_.next();
    if (!item) break;
    std::visit([this](auto& one) { handle(one); }, *item);
  }
  if (state_ != State::closed && reader_.error()) close_with(*reader_.error(), "protocol error");
}

void WebSocketSession::handle(WebSocketMessage& message) {
  if (state_ != State::open || !handlers_.message) return;
  // While it runs, the handler may be replaced, or destroyed together with its owner.
  const unsigned before = changes_;
  auto handler = std::exchange(handlers_.message, nullptr);
  handler(message.data, message.kind);
  if (changes_ == before) handlers_.message = std::move(handler);
}

// RFC 6455 5.5.2, 5.5.3: a pong has the ping's data.
void WebSocketSession::handle(WebSocketPing& ping) {
  if (channel_->queued() < limits_.queue) send_item(WebSocketPong{std::move(ping.data)});
}

void WebSocketSession::handle(WebSocketPong&) {}  // that it came is all

// RFC 6455 5.5.1, 7.1.1: the answer to a close frame is one with its code, and then the connection
// is closed.
void WebSocketSession::handle(WebSocketClose& close) {
  if (state_ == State::open) send_item(WebSocketClose{close.code, {}});
  state_ = State::closed;
  channel_->finish();
  timer_.set(loop_.now() + limits_.close_wait);
  tell_closed(close.code, close.reason);
}

// RFC 6455 7.1.7: fails the connection.
void WebSocketSession::close_with(CloseCode code, std::string_view reason) {
  if (state_ == State::open) send_item(WebSocketClose{code, std::string{reason}});
  state_ = State::closed;
  channel_->finish();
  timer_.set(loop_.now() + limits_.close_wait);
  tell_closed(code, reason);
}

void WebSocketSession::tell_closed(CloseCode code, std::string_view reason) {
  ++changes_;
  WebSocketHandlers last = std::exchange(handlers_, {});
  if (last.closed) last.closed(code, reason);
}

void WebSocketSession::channel_ended(core::PathError) {
  const auto self = shared_from_this();
  state_ = State::closed;
  tell_closed(CloseCode::abnormal, "the connection broke");
  leave();
}

void WebSocketSession::alarm() {
  const core::Time now = loop_.now();
  const auto self = shared_from_this();
  if (state_ != State::open || now - last_heard_ >= limits_.silence) {
    state_ = State::closed;
    tell_closed(CloseCode::abnormal, "no sign of life");
    return leave();
  }
  send_item(WebSocketPing{});
  timer_.set(now + limits_.ping_every);
}

}  // namespace detail

WebSocket::WebSocket(std::shared_ptr<detail::WebSocketSession> session)
    : session_{std::move(session)} {}

WebSocket& WebSocket::operator=(WebSocket&& other) noexcept {
  if (this != &other) {
    if (const auto old = std::exchange(session_, std::move(other.session_))) old->abandon();
  }
  return *this;
}

WebSocket::~WebSocket() {
  if (session_) session_->abandon();
}

void WebSocket::on(WebSocketHandlers handlers) {
  if (session_) session_->on(std::move(handlers));
}
void WebSocket::send(std::string_view text) {
  if (session_) session_->send(MessageKind::text, core::as_bytes(text));
}
void WebSocket::send_binary(core::Bytes bytes) {
  if (session_) session_->send(MessageKind::binary, bytes);
}
void WebSocket::close(CloseCode code, std::string_view reason) {
  if (session_) session_->close(code, reason);
}
bool WebSocket::open() const { return session_ && session_->open(); }
std::size_t WebSocket::queued() const { return session_ ? session_->queued() : 0; }
const std::string& WebSocket::subprotocol() const {
  static const std::string none;
  return session_ ? session_->subprotocol() : none;
}
core::Path WebSocket::path() const { return session_ ? session_->path() : core::Path{}; }

}  // namespace lucid::net
