#pragma once
#include <expected>
#include <functional>
#include <memory>

#include "net/http.hpp"
#include "net/loop.hpp"
#include "net/tls.hpp"
#include "net/websocket.hpp"

namespace lucid::net {

struct HttpClientOptions {
  std::optional<TlsContext> tls;  // by default the system's authorities are trusted
  std::size_t max_header = 16 << 10;
  std::size_t max_body = 4 << 20;
  core::Duration answer_within = std::chrono::seconds{30};
};

// One HTTP/1.1 request and its response, over a connection of its own; destroying it gives up.
// `done` is called once, and never from within the constructor. `request.target` is taken from the
// URL.
class HttpCall {
 public:
  using Done = std::move_only_function<void(std::expected<HttpResponse, ConnectError>)>;

  HttpCall(Loop& loop, std::string_view url, HttpRequest request, HttpClientOptions options,
           Done done);
  ~HttpCall();
  HttpCall(const HttpCall&) = delete;
  HttpCall& operator=(const HttpCall&) = delete;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lucid::net
