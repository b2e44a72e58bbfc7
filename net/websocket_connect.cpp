#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "net/detail/client_request.hpp"
#include "net/detail/websocket_session.hpp"
#include "net/websocket.hpp"

namespace lucid::net {

namespace {

// RFC 6455 4.1: sixteen random bytes in base64.
std::string new_key(core::Random& random) {
  std::array<std::uint8_t, 16> nonce;
  random.fill(nonce);
  std::array<unsigned char, 32> text;
  const int size = EVP_EncodeBlock(text.data(), nonce.data(), static_cast<int>(nonce.size()));
  return {reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(size)};
}

HttpRequest opening(const WebSocketOptions& options, const std::string& key) {
  HttpRequest request;
  request.headers = options.headers;
  request.headers.set("Connection", "Upgrade");
  request.headers.set("Upgrade", "websocket");
  request.headers.set("Sec-WebSocket-Version", "13");
  request.headers.set("Sec-WebSocket-Key", key);
  std::string offered;
  for (const std::string& one : options.subprotocols) {
    offered += (offered.empty() ? "" : ", ") + one;
  }
  if (!offered.empty()) request.headers.set("Sec-WebSocket-Protocol", std::move(offered));
  return request;
}

// RFC 6455 4.1: what a server must have answered.
bool opened(const HttpResponse& response, const std::string& key,
            const std::vector<std::string>& offered) {
  const std::string_view chosen = response.headers["Sec-WebSocket-Protocol"];
  return response.headers.lists("Upgrade", "websocket") &&
         response.headers.lists("Connection", "upgrade") &&
         response.headers["Sec-WebSocket-Accept"] == websocket_accept(key) &&
         !response.headers.has("Sec-WebSocket-Extensions") &&
         (chosen.empty() || std::ranges::find(offered, chosen) != offered.end());
}

}  // namespace

struct WebSocketConnect::State {
  State(Loop& on, std::string_view url, WebSocketOptions how, Done to)
      : loop{on},
        options{std::move(how)},
        key{new_key(on.context().random)},
        done{std::move(to)},
        request{on, url, opening(options, key),
                HttpClientOptions{.tls = options.tls, .answer_within = options.open_within},
                [this](std::expected<detail::ClientAnswer, ConnectError> answer) {
                  answered(std::move(answer));
                }} {}

  void answered(std::expected<detail::ClientAnswer, ConnectError> answer);

  Loop& loop;
  WebSocketOptions options;
  std::string key;
  Done done;
  detail::ClientRequest request;
};

void WebSocketConnect::State::answered(std::expected<detail::ClientAnswer, ConnectError> answer) {
  auto tell = std::move(done);  // it may destroy this
  if (!answer) return tell(std::unexpected(answer.error()));
  const HttpResponse& response = answer->response;
  if (response.status != 101) return tell(std::unexpected(ConnectError::rejected));
  if (!opened(response, key, options.subprotocols)) {
    return tell(std::unexpected(ConnectError::bad_response));
  }
  auto session = std::make_shared<detail::WebSocketSession>(
      loop, std::move(answer->channel), WebSocketRole::client, options.limits,
      std::string{response.headers["Sec-WebSocket-Protocol"]});
  session->start(std::move(answer->rest));
  tell(WebSocket{std::move(session)});
}

WebSocketConnect::WebSocketConnect(Loop& loop, std::string_view url, WebSocketOptions options,
                                   Done done)
    : state_{std::make_unique<State>(loop, url, std::move(options), std::move(done))} {}

WebSocketConnect::~WebSocketConnect() = default;

}  // namespace lucid::net
