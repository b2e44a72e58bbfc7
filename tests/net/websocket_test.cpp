#include "net/websocket.hpp"

#include <gmock/gmock.h>

#include "net/http_client.hpp"
#include "net/http_server.hpp"
#include "tests/heap.hpp"

namespace lucid::net {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

// A server that accepts every WebSocket, and a client on the same loop.
struct Pair {
  explicit Pair(HttpServerOptions options = {}) {
    options.listen = {core::Ip::loopback(core::Family::v4), 0};
    server = *HttpServer::listen(loop, std::move(options), [this](HttpExchange exchange) {
      far = exchange.accept(subprotocol);
      far.on({[this](std::string_view data, MessageKind) { far_heard.emplace_back(data); },
              [this](CloseCode code, std::string_view reason) {
                far_closed = code;
                far_reason = reason;
              }});
    });
  }
  std::string url() const { return "ws://127.0.0.1:" + std::to_string(server->local().port); }
  bool until(const std::function<bool()>& done) { return loop.run_until(done, 5s); }
  bool open(WebSocketOptions options = {}) {
    bool done = false;
    const WebSocketConnect connect{loop, url(), std::move(options), [&](auto outcome) {
                                     done = true;
                                     if (outcome) near = *std::move(outcome);
                                     if (!outcome) error = outcome.error();
                                   }};
    EXPECT_TRUE(until([&] { return done; }));
    near.on({[this](std::string_view data, MessageKind) { near_heard.emplace_back(data); },
             [this](CloseCode code, std::string_view) { near_closed = code; }});
    return near.open();
  }

  Loop loop;
  std::string subprotocol;
  std::unique_ptr<HttpServer> server;
  WebSocket far;
  WebSocket near;
  std::optional<ConnectError> error;
  std::vector<std::string> far_heard;
  std::vector<std::string> near_heard;
  std::optional<CloseCode> far_closed;
  std::optional<CloseCode> near_closed;
  std::string far_reason;
};

// RFC 6455 4, RFC 6455 5.6
TEST(WebSocket, CarriesTextAndBinaryBothWays) {
  Pair pair;
  ASSERT_TRUE(pair.open());
  const std::string large(300'000, 'x');
  pair.near.send("offer");
  pair.near.send(large);
  pair.far.send("answer");
  pair.far.send_binary(std::vector<std::uint8_t>{0, 1, 2});
  ASSERT_TRUE(
      pair.until([&] { return pair.far_heard.size() == 2 && pair.near_heard.size() == 2; }));
  EXPECT_THAT(pair.far_heard, ElementsAre("offer", large));
  EXPECT_THAT(pair.near_heard, ElementsAre("answer", std::string("\0\1\2", 3)));
}

TEST(WebSocket, TheServerMayGreetBeforeTheClientHasItsHandlers) {
  Pair pair;
  pair.server = *HttpServer::listen(
      pair.loop, {.listen = {core::Ip::loopback(core::Family::v4), 0}}, [&](HttpExchange exchange) {
        pair.far = exchange.accept();
        pair.far.send("welcome");
      });
  ASSERT_TRUE(pair.open());
  EXPECT_TRUE(pair.until([&] { return pair.near_heard.size() == 1; }));
}

// RFC 6455 1.9, RFC 6455 4.2.2
TEST(WebSocket, TheServerChoosesTheSubprotocol) {
  Pair pair;
  pair.subprotocol = "chat.2";
  ASSERT_TRUE(pair.open({.subprotocols = {"chat.3", "chat.2"}}));
  EXPECT_EQ(pair.near.subprotocol(), "chat.2");
}

// RFC 6455 4.1
TEST(WebSocket, TheClientRefusesASubprotocolItDidNotOffer) {
  Pair pair;
  pair.subprotocol = "other";
  EXPECT_FALSE(pair.open({.subprotocols = {"chat"}}));
  EXPECT_EQ(pair.error, ConnectError::bad_response);
}

// RFC 6455 7.1
TEST(WebSocket, ClosesWithACodeAndAReason) {
  Pair pair;
  ASSERT_TRUE(pair.open());
  pair.near.send("last words");
  pair.near.close(CloseCode{4001}, "room closed");
  ASSERT_TRUE(pair.until([&] { return pair.far_closed && pair.near_closed; }));
  EXPECT_THAT(pair.far_heard, ElementsAre("last words"));
  EXPECT_EQ(pair.far_closed, CloseCode{4001});
  EXPECT_EQ(pair.far_reason, "room closed");
  EXPECT_EQ(pair.near_closed, CloseCode{4001});
  EXPECT_FALSE(pair.far.open());
}

TEST(WebSocket, LettingGoIsAGoodbye) {
  Pair pair;
  ASSERT_TRUE(pair.open());
  pair.near.send("before I go");
  pair.near = WebSocket{};
  ASSERT_TRUE(pair.until([&] { return pair.far_closed.has_value(); }));
  EXPECT_EQ(pair.far_closed, CloseCode::going_away);
  EXPECT_THAT(pair.far_heard, ElementsAre("before I go"));
}

TEST(WebSocket, AHandlerMayDestroyItsOwnSocket) {
  Pair pair;
  ASSERT_TRUE(pair.open());
  pair.far.on({[&](std::string_view, MessageKind) { pair.far = WebSocket{}; }, {}});
  pair.near.send("one");
  pair.near.send("two");
  ASSERT_TRUE(pair.until([&] { return pair.near_closed.has_value(); }));
  EXPECT_EQ(pair.near_closed, CloseCode::going_away);
}

TEST(WebSocket, AReaderThatIsTooSlowIsClosed) {
  HttpServerOptions options;
  options.limits.websocket.queue = 100'000;
  Pair pair{options};
  ASSERT_TRUE(pair.open());
  // Nothing is read meanwhile: the loop does not run.
  const std::string chunk(50'000, 'x');
  for (int i = 0; i < 1000 && pair.far.open(); ++i) pair.far.send(chunk);
  EXPECT_FALSE(pair.far.open());
  EXPECT_FALSE(pair.far_closed);
  ASSERT_TRUE(pair.until([&] { return pair.near_closed && pair.far_closed; }));
  EXPECT_EQ(pair.far_closed, CloseCode::policy);
  EXPECT_EQ(pair.near_closed, CloseCode::abnormal);
}

// RFC 6455 7.1.7, RFC 6455 7.4.1
TEST(WebSocket, AMessageThatIsTooLargeEndsTheConnection) {
  HttpServerOptions options;
  options.limits.websocket.message = 1000;
  Pair pair{options};
  ASSERT_TRUE(pair.open());
  pair.near.send(std::string(1001, 'x'));
  ASSERT_TRUE(pair.until([&] { return pair.near_closed.has_value(); }));
  EXPECT_EQ(pair.near_closed, CloseCode::too_big);
  EXPECT_TRUE(pair.far_heard.empty());
}

// RFC 6455 5.5.2
TEST(WebSocket, PingsKeepASilentConnectionAlive) {
  HttpServerOptions options;
  options.limits.websocket.ping_every = 5ms;
  options.limits.websocket.silence = 200ms;
  Pair pair{options};
  ASSERT_TRUE(pair.open());
  EXPECT_FALSE(pair.loop.run_until([&] { return pair.far_closed.has_value(); }, 300ms));
  EXPECT_TRUE(pair.far.open());
}

TEST(WebSocket, APlainRequestIsToldToUpgrade) {
  Pair pair;
  std::optional<HttpResponse> response;
  const HttpCall call{
      pair.loop, "http" + pair.url().substr(2), {}, {}, [&](auto outcome) { response = *outcome; }};
  ASSERT_TRUE(pair.until([&] { return response.has_value(); }));
  EXPECT_EQ(response->status, 426);
}

TEST(WebSocket, GoesOverTls) {
  const Certificate certificate = self_signed_certificate({"127.0.0.1"});
  HttpServerOptions options;
  options.tls = *TlsContext::server(certificate);
  Pair pair{options};
  WebSocket near;
  const WebSocketConnect connect{pair.loop,
                                 "wss" + pair.url().substr(2),
                                 {.tls = *TlsContext::client(certificate.chain)},
                                 [&](auto outcome) { near = *std::move(outcome); }};
  ASSERT_TRUE(pair.until([&] { return near.open(); }));
  near.send(std::string(200'000, 's'));
  ASSERT_TRUE(pair.until([&] { return !pair.far_heard.empty(); }));
  EXPECT_EQ(pair.far_heard[0].size(), 200'000U);
}

TEST(WebSocket, KeepsNoRoomForALargeMessageThatHasGone) {
  Pair pair;
  ASSERT_TRUE(pair.open());
  const auto say = [&](std::size_t size) {
    pair.far.send(std::string(size, 'x'));
    EXPECT_TRUE(pair.until([&] { return !pair.near_heard.empty(); }));
    std::vector<std::string>{}.swap(pair.near_heard);
  };
  say(100);
  const std::size_t before = heap_in_use();
  say(300'000);
  EXPECT_LT(heap_in_use(), before + 16'000);
}

}  // namespace
}  // namespace lucid::net
