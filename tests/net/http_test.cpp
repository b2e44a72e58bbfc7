#include "net/http.hpp"

#include <gmock/gmock.h>

#include "net/static_files.hpp"

namespace lucid::net {
namespace {

// RFC 9110 5.1, RFC 9110 5.6.1
TEST(Http, FieldsAreFoundWhateverTheirCase) {
  HttpHeaders headers{{"Connection", "keep-alive, Upgrade"}, {"X-One", "1"}};
  EXPECT_EQ(headers["x-one"], "1");
  EXPECT_EQ(headers["absent"], "");
  EXPECT_TRUE(headers.lists("connection", "upgrade"));
  EXPECT_FALSE(headers.lists("connection", "alive"));
  headers.set("x-ONE", "2");
  EXPECT_EQ(headers["X-One"], "2");
  EXPECT_EQ(headers.size(), 2U);
}

TEST(Http, ParametersOfAQueryAreDecoded) {
  HttpRequest request;
  request.target = "/a/b?room=caf%C3%A9+1&empty=&odd=100%&%72=r";
  EXPECT_EQ(request.resource(), "/a/b");
  EXPECT_EQ(request.parameter("room"), "caf\xC3\xA9 1");
  EXPECT_EQ(request.parameter("empty"), "");
  EXPECT_EQ(request.parameter("odd"), "100%");
  EXPECT_EQ(request.parameter("r"), "r");
  EXPECT_EQ(request.parameter("absent"), std::nullopt);
}

// RFC 3986 3.2.2
TEST(Http, UrlsComeApart) {
  const auto url = Url::parse("WSS://[2001:db8::1]:8443/chat?room=1#top");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "wss");
  EXPECT_EQ(url->host, "2001:db8::1");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->target, "/chat?room=1");
  EXPECT_EQ(url->authority(), "[2001:db8::1]:8443");
  EXPECT_TRUE(url->secure());
  EXPECT_EQ(Url::parse("http://example.org")->target, "/");
  EXPECT_EQ(Url::parse("http://example.org?q")->target, "/?q");
  EXPECT_EQ(Url::parse("https://example.org/")->port, 443);
  EXPECT_EQ(Url::parse("https://example.org/")->authority(), "example.org");
}

// RFC 3986 2
TEST(Http, RefusesUrlsThatLeadNowhere) {
  for (const auto* text :
       {"", "example.org", "ftp://example.org", "http://", "http://a:b/", "http://a:99999/",
        "http://[::1", "http://me@a/", "http://a/b c", "http://a/\r\nX: y", "http://a\tb/"}) {
    EXPECT_FALSE(Url::parse(text)) << text;
  }
}

// RFC 6455 4.2.1
TEST(Http, AWebSocketIsWantedWithAKeyOfSixteenBytes) {
  HttpRequest request;
  request.headers = {{"Connection", "keep-alive, Upgrade"},
                     {"Upgrade", "websocket"},
                     {"Sec-WebSocket-Version", "13"},
                     {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  EXPECT_TRUE(request.wants_websocket());
  for (const auto* key :
       {"", "dGhlIHNhbXBsZSBub25jZQ", "!!!!!!!!!!!!!!!!!!!!!!!!", "dGhlIHNhbXBsZSBub25jZQAA"}) {
    request.headers.set("Sec-WebSocket-Key", key);
    EXPECT_FALSE(request.wants_websocket()) << key;
  }
}

// RFC 9110 8.8.3, RFC 9110 13.1.2
TEST(StaticFiles, AreGivenOutOnceAndThenOnlyConfirmed) {
  StaticFiles files;
  files.add("/", "<!doctype html>");
  files.add("/app.js", "let a = 1");
  HttpRequest request;
  request.target = "/app.js?v=2";
  const auto first = files.answer(request);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->body, "let a = 1");
  EXPECT_EQ(first->headers["Content-Type"], "text/javascript; charset=utf-8");
  request.headers.add("If-None-Match", std::string{first->headers["ETag"]});
  EXPECT_EQ(files.answer(request)->status, 304);
  request.target = "/";
  EXPECT_EQ(files.answer(request)->headers["Content-Type"], "text/html; charset=utf-8");
  request.method = "POST";
  EXPECT_EQ(files.answer(request)->status, 405);
  request.target = "/absent";
  EXPECT_FALSE(files.answer(request));
}

TEST(StaticFiles, APageIsShownForEverythingBelowItsName) {
  StaticFiles files;
  files.add("/", "start");
  files.add_page("/room", "a room");
  HttpRequest request;
  for (const char* path : {"/room", "/room/", "/room/blue", "/room/blue?token=1"}) {
    request.target = path;
    const auto page = files.answer(request);
    ASSERT_TRUE(page) << path;
    EXPECT_EQ(page->body, "a room") << path;
    EXPECT_EQ(page->headers["Content-Type"], "text/html; charset=utf-8") << path;
  }
  for (const char* path : {"/rooms", "/roo", "/blue/room"}) {
    request.target = path;
    EXPECT_FALSE(files.answer(request)) << path;
  }
}

}  // namespace
}  // namespace lucid::net
