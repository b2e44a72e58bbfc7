#pragma once
#include <memory>
#include <string>

#include "net/detail/byte_channel.hpp"
#include "net/websocket.hpp"

namespace lucid::net::detail {

// A WebSocket from the end of its handshake to the end of its connection. The loop keeps it until
// then, so that it can close gracefully after its owner has let go of it.
//
//   open --close sent--> closing --close received--> closed --(connection ends)--> gone
//     |                     +--------close_wait------->^
//     +--close received, answered; or the connection broke--^
class WebSocketSession final : private ByteChannel::Owner,
                               public std::enable_shared_from_this<WebSocketSession> {
 public:
  WebSocketSession(Loop& loop, std::unique_ptr<ByteChannel> channel, WebSocketRole role,
                   const WebSocketLimits& limits, std::string subprotocol);
  ~WebSocketSession() override;

  // Takes the connection over, with what has been read of it already.
  void start(std::vector<std::uint8_t> rest);
  void on(WebSocketHandlers handlers);
  void send(MessageKind kind, core::Bytes payload);
  void close(CloseCode code, std::string_view reason);
  void abandon();  // the owner has let go

  bool open() const { return state_ == State::open; }
  std::size_t queued() const { return channel_ ? channel_->queued() : 0; }
  const std::string& subprotocol() const { return subprotocol_; }
  const core::Path& path() const { return path_; }

 private:
  enum class State : std::uint8_t { open, closing, closed };

  void channel_received(core::Bytes bytes) override;
  void channel_ended(core::PathError error) override;
  void read_items();
  void handle(WebSocketMessage& message);
  void handle(WebSocketPing& ping);
  void handle(WebSocketPong& pong);
  void handle(WebSocketClose& close);
  void send_item(const WebSocketItem& item);
  std::optional<MaskingKey> masking_key();
  void close_with(CloseCode code, std::string_view reason);
  void tell_closed(CloseCode code, std::string_view reason);
  void alarm();
  void leave();

  Loop& loop_;
  std::unique_ptr<ByteChannel> channel_;  // null once it is gone
  core::Path path_;
  WebSocketRole role_;
  WebSocketLimits limits_;
  std::string subprotocol_;
  WebSocketHandlers handlers_;
  unsigned changes_ = 0;  // of the handlers
  WebSocketReader reader_;
  State state_ = State::open;
  core::Time last_heard_;
  Timer timer_;
};

}  // namespace lucid::net::detail
