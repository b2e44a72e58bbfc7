#pragma once
#include <functional>
#include <memory>
#include <string>

#include "net/websocket.hpp"

namespace lucid::app {

// A WebSocket to the signaling server that is opened again whenever it breaks, after half a second,
// then after twice as long each time, ten seconds at most.
class SignalingLink {
 public:
  struct Handlers {
    std::move_only_function<void()> opened;
    std::move_only_function<void(const std::string&)> text;
    // It broke, or could not be opened: why, and when it is tried again.
    std::move_only_function<void(std::string why, core::Duration again_in)> closed;
  };

  SignalingLink(net::Loop& loop, std::string url, net::WebSocketOptions options, Handlers handlers);

  void open();
  void close();
  void send(std::string_view text) { socket_.send(text); }
  bool is_open() const { return open_; }
  std::size_t queued() const { return socket_.queued(); }

 private:
  void lost(std::string why);

  net::Loop& loop_;
  std::string url_;
  net::WebSocketOptions options_;
  Handlers handlers_;
  std::unique_ptr<net::WebSocketConnect> connecting_;
  net::WebSocket socket_;
  net::Timer again_;
  core::Duration wait_;
  bool open_ = false;
  bool wanted_ = false;
};

}  // namespace lucid::app
