#include <gmock/gmock.h>

#include <array>

#include "net/tls.hpp"
#include "tests/net/player.hpp"
#include "tests/net/tls_echo.hpp"

namespace lucid::net {
namespace {

using test::Player;

constexpr core::StreamId one{1};

core::Address loopback(std::uint16_t port = 0) {
  return {core::Ip::loopback(core::Family::v4), port};
}

// RFC 4571 2, RFC 6544 10.1
TEST(NetStream, CarriesMessagesBothWaysBetweenConnectorAndListener) {
  Loop loop;
  Player server{loop};
  Player client{loop};
  server.toy.echo = true;
  server.ask(core::Listen{one, core::Framing::rfc4571, loopback()});
  ASSERT_TRUE(server.listening);
  client.ask(core::OpenStream{.id = one, .local = loopback(), .remote = *server.listening});
  ASSERT_TRUE(client.until([&] { return client.opened.has_value(); }));
  EXPECT_EQ(client.opened->transport, core::Transport::tcp);

  const std::string large(60000, 'L');
  client.say(*client.opened, "hello");
  client.say(*client.opened, large);
  ASSERT_TRUE(client.until([&] { return client.heard.size() == 2; }));
  EXPECT_EQ(client.heard[0].text, "hello");
  EXPECT_EQ(client.heard[1].text, large);
  EXPECT_EQ(client.heard[0].path, *client.opened);
}

TEST(NetStream, TellsBothEndsThatAStreamIsClosed) {
  Loop loop;
  Player server{loop};
  Player client{loop};
  server.ask(core::Listen{one, core::Framing::rfc4571, loopback()});
  client.ask(core::OpenStream{.id = one, .remote = *server.listening});
  ASSERT_TRUE(client.until([&] { return client.opened.has_value(); }));
  client.say(*client.opened, "bye");
  client.ask(core::CloseStream{one});
  ASSERT_TRUE(server.until([&] { return !server.refused.empty(); }));
  EXPECT_EQ(server.heard.at(0).text, "bye");
  EXPECT_EQ(server.refused[0].error, core::PathError::closed);
  EXPECT_EQ(server.refused[0].path, server.heard[0].path);
}

TEST(NetStream, TellsThatNobodyListens) {
  Loop loop;
  Player client{loop};
  client.toy.bind();
  client.driver.pump();  // a port where there is no TCP listener
  client.ask(core::OpenStream{.id = one, .remote = client.toy.local});
  ASSERT_TRUE(client.until([&] { return client.closed.has_value(); }));
  EXPECT_EQ(*client.closed, core::PathError::refused);
}

TEST(NetStream, ClosesAConnectionThatSpeaksSomethingElse) {
  Loop loop;
  Player server{loop};
  Player client{loop};
  server.ask(core::Listen{one, core::Framing::stun, loopback()});
  client.ask(core::OpenStream{.id = one, .remote = *server.listening});
  ASSERT_TRUE(client.until([&] { return client.opened.has_value(); }));
  client.say(*client.opened, std::string(300, '\xFF'));
  ASSERT_TRUE(client.until([&] { return client.closed.has_value(); }));
  EXPECT_TRUE(server.heard.empty());
}

// RFC 8656 3.1: TLS between client and server
TEST(NetStream, CarriesMessagesOverTlsToTheServerItWasNamed) {
  const Certificate certificate = self_signed_certificate({"turn.example", "127.0.0.1"});
  test::TlsEcho server{certificate};
  Loop loop;
  Player client{loop, {.tls = *TlsContext::client(certificate.chain)}};
  client.ask(core::OpenStream{.id = one,
                              .transport = core::Transport::tls,
                              .remote = server.address(),
                              .server_name = "turn.example"});
  ASSERT_TRUE(client.until([&] { return client.opened.has_value(); }));
  client.say(*client.opened, "in confidence");
  ASSERT_TRUE(client.until([&] { return !client.heard.empty(); }));
  EXPECT_EQ(client.heard[0].text, "in confidence");
  EXPECT_EQ(client.opened->transport, core::Transport::tls);
}

// RFC 6066 3, RFC 5280 4.2.1.6
TEST(NetStream, RefusesATlsServerWithAnotherName) {
  const Certificate certificate = self_signed_certificate({"turn.example"});
  test::TlsEcho server{certificate};
  Loop loop;
  Player client{loop, {.tls = *TlsContext::client(certificate.chain)}};
  client.ask(core::OpenStream{.id = one,
                              .transport = core::Transport::tls,
                              .remote = server.address(),
                              .server_name = "other.example"});
  ASSERT_TRUE(client.until([&] { return client.closed.has_value(); }));
  EXPECT_EQ(*client.closed, core::PathError::bad_certificate);
}

TEST(NetStream, RefusesATlsServerThatNoAuthorityVouchesFor) {
  test::TlsEcho server{self_signed_certificate({"turn.example"})};
  Loop loop;
  Player client{loop};
  client.ask(core::OpenStream{.id = one,
                              .transport = core::Transport::tls,
                              .remote = server.address(),
                              .server_name = "turn.example"});
  ASSERT_TRUE(client.until([&] { return client.closed.has_value(); }));
  EXPECT_EQ(*client.closed, core::PathError::bad_certificate);
}

TEST(NetTls, SaysWhatIsWrongWithACertificate) {
  const Certificate good = self_signed_certificate({"a.example"});
  const Certificate other = self_signed_certificate({"b.example"});
  EXPECT_TRUE(TlsContext::server(good));
  EXPECT_EQ(TlsContext::server({"no PEM", good.key}).error(), TlsError::bad_certificate);
  EXPECT_EQ(TlsContext::server({good.chain, "no PEM"}).error(), TlsError::bad_key);
  EXPECT_EQ(TlsContext::server({good.chain, other.key}).error(), TlsError::bad_key);
  EXPECT_EQ(TlsContext::client("no PEM").error(), TlsError::bad_authority);
}

}  // namespace
}  // namespace lucid::net
