#include "app/signaling_link.hpp"

#include <algorithm>

namespace lucid::app {

namespace {

using namespace std::chrono_literals;

constexpr core::Duration first_wait = 500ms;
constexpr core::Duration longest_wait = 10s;

}  // namespace

SignalingLink::SignalingLink(net::Loop& loop, std::string url, net::WebSocketOptions options,
                             Handlers handlers)
    : loop_{loop},
      url_{std::move(url)},
      options_{std::move(options)},
      handlers_{std::move(handlers)},
      again_{loop, [this] { open(); }},
      wait_{first_wait} {}

void SignalingLink::open() {
  wanted_ = true;
  connecting_ = std::make_unique<net::WebSocketConnect>(
      loop_, url_, options_, [this](std::expected<net::WebSocket, net::ConnectError> opened) {
        if (!opened) return lost(std::string{to_string(opened.error())});
        socket_ = std::move(*opened);
        open_ = true;
        wait_ = first_wait;
        socket_.on(
            {[this](std::string_view text, net::MessageKind) { handlers_.text(std::string{text}); },
             [this](net::CloseCode, std::string_view reason) {
               lost(reason.empty() ? "the connection ended" : std::string{reason});
             }});
        handlers_.opened();
      });
}

void SignalingLink::lost(std::string why) {
  open_ = false;
  if (!wanted_) return;
  again_.set(loop_.now() + wait_);
  handlers_.closed(std::move(why), std::exchange(wait_, std::min(wait_ * 2, longest_wait)));
}

void SignalingLink::close() {
  wanted_ = false;
  open_ = false;
  again_.set(std::nullopt);
  connecting_.reset();
  socket_ = {};
}

}  // namespace lucid::app
