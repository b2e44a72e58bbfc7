#include "net/http_server.hpp"

#include <gmock/gmock.h>

#include <sys/socket.h>
#include <unistd.h>

#include <deque>

#include "net/detail/acceptor.hpp"
#include "net/detail/byte_channel.hpp"
#include "net/detail/sockaddr.hpp"
#include "net/http_client.hpp"

namespace lucid::net {
namespace {

using namespace std::chrono_literals;
using ::testing::StartsWith;

const core::Address loopback{core::Ip::loopback(core::Family::v4), 0};

// A server on a loop that keeps the requests it gets, and answers those it has an answer for.
struct Served {
  explicit Served(HttpServerOptions options = {}) {
    options.listen = loopback;
    secure = options.tls.has_value();
    server = *HttpServer::listen(loop, std::move(options), [this](HttpExchange exchange) {
      if (answer) return answer(std::move(exchange));
      kept.push_back(std::move(exchange));
    });
  }
  std::string url(std::string_view target = "/") const {
    return (secure ? "https://127.0.0.1:" : "http://127.0.0.1:") +
           std::to_string(server->local().port) + std::string{target};
  }
  bool until(const std::function<bool()>& done) { return loop.run_until(done, 5s); }

  Loop loop;
  bool secure = false;
  std::function<void(HttpExchange)> answer;
  std::deque<HttpExchange> kept;
  std::unique_ptr<HttpServer> server;
};

// Bytes to the server, and what comes back.
struct RawClient final : detail::ByteChannel::Owner {
  RawClient(Served& to, int fd)
      : channel{to.loop, *this, fd, detail::Connection{fd}, detail::ByteChannel::Side::connecting} {
  }
  static RawClient connect(Served& to) {
    return RawClient{to, *detail::start_connect(loopback, to.server->local())};
  }
  void channel_received(core::Bytes bytes) override { heard += core::as_text(bytes); }
  void channel_ended(core::PathError) override { ended = true; }

  std::string heard;
  bool ended = false;
  detail::ByteChannel channel;
};

std::expected<HttpResponse, ConnectError> call(Served& served, std::string_view url,
                                               HttpRequest request = {},
                                               HttpClientOptions options = {}) {
  std::optional<std::expected<HttpResponse, ConnectError>> result;
  const HttpCall running{served.loop, url, std::move(request), std::move(options),
                         [&](auto outcome) { result = std::move(outcome); }};
  EXPECT_TRUE(served.until([&] { return result.has_value(); }));
  return *result;
}

void echo(HttpExchange exchange) {
  const HttpRequest& request = exchange.request();
  exchange.respond({201,
                    {{"Location", "/made/1"}, {"X-Method", request.method}},
                    std::string{request.target} + "|" + request.body});
}

TEST(HttpServer, AnswersEveryMethodWithBodyAndHeaders) {
  Served served;
  served.answer = echo;
  for (const auto* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    HttpRequest request{.method = method};
    if (request.method != "GET") request.body = "candidate";
    const auto response = call(served, served.url("/a?b=c"), request);
    ASSERT_TRUE(response) << to_string(response.error());
    EXPECT_EQ(response->status, 201);
    EXPECT_EQ(response->headers["x-method"], method);
    EXPECT_EQ(response->body, "/a?b=c|" + request.body);
  }
}

TEST(HttpServer, AnswersHeadWithoutABody) {
  Served served;
  served.answer = echo;
  const auto response = call(served, served.url(), {.method = "HEAD"});
  ASSERT_TRUE(response);
  EXPECT_EQ(response->headers["Content-Length"], "2");
  EXPECT_EQ(response->body, "");
}

// Long polling
TEST(HttpServer, AnAnswerMayComeLater) {
  Served served;
  std::optional<std::string> body;
  const HttpCall waiting{served.loop, served.url(), {}, {}, [&](auto outcome) {
                           if (outcome) body = outcome->body;
                         }};
  ASSERT_TRUE(served.until([&] { return served.kept.size() == 1; }));
  EXPECT_FALSE(body);
  served.kept[0].respond(HttpResponse::text(200, "at last"));
  ASSERT_TRUE(served.until([&] { return body.has_value(); }));
  EXPECT_EQ(*body, "at last");
}

TEST(HttpServer, TellsWhenTheClientGivesUpWaiting) {
  Served served;
  bool gone = false;
  {
    const HttpCall impatient{served.loop, served.url(), {}, {}, [](auto) {}};
    ASSERT_TRUE(served.until([&] { return served.kept.size() == 1; }));
    served.kept[0].on_gone([&] { gone = true; });
  }
  ASSERT_TRUE(served.until([&] { return gone; }));
  served.kept[0].respond(HttpResponse::text(200, "nobody hears this"));
}

TEST(HttpServer, AForgottenExchangeIsAnInternalError) {
  Served served;
  served.answer = [](HttpExchange) {};
  EXPECT_EQ(call(served, served.url())->status, 500);
}

// RFC 9112 9.3.2
TEST(HttpServer, AnswersPipelinedRequestsInOrderOnOneConnection) {
  Served served;
  served.answer = echo;
  auto client = RawClient::connect(served);
  client.channel.send(
      core::as_bytes("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
                     "GET /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  ASSERT_TRUE(served.until([&] { return client.ended; }));
  const auto first = client.heard.find("/1|");
  const auto second = client.heard.find("/2|");
  ASSERT_NE(second, std::string::npos);
  EXPECT_LT(first, second);
  EXPECT_EQ(served.server->stats().connections, 1U);
}

// RFC 9110 10.1.1
TEST(HttpServer, InvitesTheBodyOfASenderThatWaits) {
  Served served;
  served.answer = echo;
  auto client = RawClient::connect(served);
  client.channel.send(core::as_bytes(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"));
  ASSERT_TRUE(served.until([&] { return !client.heard.empty(); }));
  EXPECT_THAT(client.heard, StartsWith("HTTP/1.1 100 Continue\r\n\r\n"));
  client.channel.send(core::as_bytes("body"));
  EXPECT_TRUE(served.until([&] { return client.heard.ends_with("/|body"); }));
}

TEST(HttpServer, RefusesHeadersAndBodiesThatAreTooLarge) {
  Served served;
  served.answer = echo;
  HttpRequest request;
  request.headers.add("X-Long", std::string(20'000, 'x'));
  EXPECT_EQ(call(served, served.url(), request)->status, 431);
  EXPECT_EQ(
      call(served, served.url(), {.method = "POST", .body = std::string(2 << 20, 'x')})->status,
      413);
}

// RFC 9110 15
TEST(HttpServer, RefusesWhatIsNotHttp) {
  Served served;
  auto client = RawClient::connect(served);
  client.channel.send(core::as_bytes("\x16\x03\x01 hello\r\n\r\n"));
  ASSERT_TRUE(served.until([&] { return client.ended; }));
  EXPECT_THAT(client.heard, StartsWith("HTTP/1.1 400 Bad Request\r\n"));
}

// What comes back first for these bytes.
std::string answer_to(std::string_view bytes,
                      const std::function<void(HttpExchange)>& answer = echo) {
  Served served;
  served.answer = answer;
  auto client = RawClient::connect(served);
  client.channel.send(core::as_bytes(bytes));
  EXPECT_TRUE(served.until([&] { return client.ended || !client.heard.empty(); }));
  return client.heard;
}

// RFC 9112 6.1, RFC 9112 6.3: else a proxy and we would see different requests in one stream.
TEST(HttpServer, RefusesRequestsWhoseLengthReadersMayDisagreeOn) {
  for (const auto* coding : {"gzip", "xchunked", "chunked, identity", "gzip, chunked"}) {
    const std::string request =
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: " + std::string{coding} +
        "\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n";
    EXPECT_THAT(answer_to(request), StartsWith("HTTP/1.1 400")) << coding;
  }
  EXPECT_THAT(answer_to("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
                        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 400"));
}

// RFC 9112 3.2
TEST(HttpServer, WantsOneHostField) {
  EXPECT_THAT(answer_to("GET / HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(answer_to("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
              StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(answer_to("GET / HTTP/1.0\r\n\r\n"), StartsWith("HTTP/1.1 201"));
}

// RFC 9110 6.5.1
TEST(HttpServer, TakesNoFieldFromBehindTheBody) {
  Served served;
  auto client = RawClient::connect(served);
  client.channel.send(
      core::as_bytes("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                     "\r\n1\r\nx\r\n0\r\nAuthorization: me\r\n\r\n"));
  ASSERT_TRUE(served.until([&] { return !served.kept.empty(); }));
  EXPECT_EQ(served.kept[0].request().body, "x");
  EXPECT_FALSE(served.kept[0].request().headers.has("Authorization"));
}

// RFC 9110 7.8
TEST(HttpServer, UpgradesNoConnectionOfHttp10) {
  EXPECT_THAT(answer_to("GET / HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        "Sec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                        [](HttpExchange exchange) { (void)exchange.accept(); }),
              StartsWith("HTTP/1.1 426"));
}

TEST(HttpServer, RefusesTrailersAndChunkExtensionsWithoutEnd) {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_THAT(answer_to(head + "1;" + std::string(20'000, 'x')), StartsWith("HTTP/1.1 431"));
  EXPECT_THAT(answer_to(head + "0\r\nX: " + std::string(20'000, 'x')), StartsWith("HTTP/1.1 431"));
}

TEST(HttpServer, ReadsNoFurtherRequestsWhileItsAnswersWaitToBeRead) {
  Served served;
  served.answer = [](HttpExchange exchange) {
    exchange.respond(HttpResponse::text(200, std::string(1 << 20, 'x')));
  };
  const int fd = *detail::start_connect(loopback, served.server->local());
  std::string requests;
  for (int i = 0; i < 200; ++i) requests += "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  ASSERT_TRUE(served.until([&] { return send(fd, requests.data(), requests.size(), 0) > 0; }));
  ASSERT_TRUE(served.until([&] { return served.server->stats().requests > 0; }));
  (void)served.loop.run_until([] { return false; }, 50ms);
  EXPECT_LT(served.server->stats().requests, 20U);
  std::string room(1 << 20, '\0');
  EXPECT_TRUE(served.until([&] {
    while (recv(fd, room.data(), room.size(), MSG_DONTWAIT) > 0) {
    }
    return served.server->stats().requests == 200;
  }));
  close(fd);
}

TEST(HttpServer, ClosesAConnectionWhoseRequestNeverEnds) {
  HttpServerOptions options;
  options.limits.request = 20ms;
  Served served{options};
  auto client = RawClient::connect(served);
  client.channel.send(core::as_bytes("GET / HTTP/1.1\r\nHost:"));
  ASSERT_TRUE(served.until([&] { return client.ended; }));
  EXPECT_EQ(served.server->stats().timed_out, 1U);
}

TEST(HttpServer, HasSoManyConnectionsForOneAddress) {
  HttpServerOptions options;
  options.limits.connections_per_address = 2;
  Served served{options};
  std::deque<RawClient> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back(served, *detail::start_connect(loopback, served.server->local()));
  }
  ASSERT_TRUE(served.until([&] { return clients.back().ended; }));
  EXPECT_EQ(served.server->stats().refused_full, 1U);
}

// RFC 9112 11.1
TEST(HttpServer, KeepsLineBreaksOutOfTheHeader) {
  Served served;
  served.answer = [](HttpExchange exchange) {
    exchange.respond({200, {{"X-Echo", "a\r\nSet-Cookie: b"}, {"X-Fine", "c"}}, {}});
  };
  const auto response = call(served, served.url());
  EXPECT_FALSE(response->headers.has("Set-Cookie"));
  EXPECT_EQ(response->headers["X-Fine"], "c");
}

TEST(HttpServer, SpeaksTlsToWhoTrustsItsCertificate) {
  const Certificate certificate = self_signed_certificate({"127.0.0.1"});
  HttpServerOptions options;
  options.tls = *TlsContext::server(certificate);
  Served served{options};
  served.answer = echo;
  HttpClientOptions trusting;
  trusting.tls = *TlsContext::client(certificate.chain);
  EXPECT_EQ(call(served, served.url(), {}, trusting)->status, 201);
  EXPECT_EQ(call(served, served.url()).error(), ConnectError::bad_certificate);
}

// A server that says these bytes to whoever connects, and closes.
struct Babbler final : detail::Acceptor::Owner, detail::ByteChannel::Owner {
  Babbler(Loop& on, std::string says)
      : loop{on}, text{std::move(says)}, acceptor{on, *detail::start_listen(loopback), *this} {}
  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(detail::local_address(acceptor.fd()).port);
  }
  void accepted(int fd) override {
    channel.emplace(loop, static_cast<detail::ByteChannel::Owner&>(*this), fd,
                    detail::Connection{fd}, detail::ByteChannel::Side::accepted);
  }
  void channel_received(core::Bytes) override {
    channel->send(core::as_bytes(text));
    channel->finish();
  }
  void channel_ended(core::PathError) override { channel.reset(); }

  Loop& loop;
  std::string text;
  std::optional<detail::ByteChannel> channel;
  detail::Acceptor acceptor;
};

// RFC 9110 15.2, RFC 9112 6.3
TEST(HttpCall, ReadsOverInterimAnswersAndUntilTheEndOfOneWithoutALength) {
  Served served;
  Babbler server{served.loop,
                 "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\nto the end"};
  const auto response = call(served, server.url());
  ASSERT_TRUE(response) << to_string(response.error());
  EXPECT_EQ(response->body, "to the end");
}

// RFC 9112 7.1
TEST(HttpCall, PutsChunksTogetherAndRefusesWhatEndsTooEarly) {
  Served served;
  Babbler chunks{
      served.loop,
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"};
  EXPECT_EQ(call(served, chunks.url())->body, "abc");
  Babbler cut{served.loop, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"};
  EXPECT_EQ(call(served, cut.url()).error(), ConnectError::bad_response);
}

TEST(HttpCall, SaysWhyItFailed) {
  Served served;
  EXPECT_EQ(call(served, "gopher://x").error(), ConnectError::bad_url);
  EXPECT_EQ(call(served, "http://name.invalid/").error(), ConnectError::unknown_host);
  EXPECT_EQ(call(served, "http://127.0.0.1:1/").error(), ConnectError::refused);
  HttpClientOptions hasty;
  hasty.answer_within = 10ms;
  EXPECT_EQ(call(served, served.url(), {}, hasty).error(), ConnectError::timed_out);
}

// RFC 8446 6
TEST(HttpCall, SaysThatWhatAnswersIsNoTls) {
  Served served;
  const auto response =
      call(served, "https://127.0.0.1:" + std::to_string(served.server->local().port) + "/");
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error(), ConnectError::bad_response);
}

}  // namespace
}  // namespace lucid::net
