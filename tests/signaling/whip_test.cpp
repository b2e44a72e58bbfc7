#include "signaling/whip.hpp"

#include <gtest/gtest.h>

namespace lucid::signaling {
namespace {

const std::string offer =
    "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:secret\r\n";

struct Whip : ::testing::Test {
  core::SeededRandom random{1};
  core::Pool pool;
  WhipServer server{{.token = {}, .sessions = 3}, {random, pool}};
  std::vector<WhipServer::Event> events;
  int next = 1;

  WhipServer::Answer ask(WhipServer::Asked asked) {
    asked.id = WhipServer::RequestId(next++);
    server.handle_datagram(asked, {});
    while (auto event = server.poll_event()) events.push_back(std::move(*event));
    return server.poll_transmit().value_or(WhipServer::Answer{.status = 0});
  }
  WhipServer::Answer post(std::string path, std::string body = offer) {
    return ask({.method = "POST",
                .path = std::move(path),
                .content_type = "application/sdp",
                .body = std::move(body)});
  }
  WhipServer::Answer patch(std::string path, std::string match, std::string ufrag = "abcd") {
    return ask({.method = "PATCH",
                .path = std::move(path),
                .content_type = "application/trickle-ice-sdpfrag",
                .if_match = std::move(match),
                .body = "a=ice-ufrag:" + ufrag +
                        "\r\na=ice-pwd:secret\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n"
                        "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n"});
  }
  WhipServer::Answer publish(const std::vector<WhipServer::IceServer>& servers = {}) {
    EXPECT_EQ(post("/whip/blue").status, 0);
    server.answered(std::get<WhipServer::Offered>(events.back()).id, "v=0 answer", servers);
    return server.poll_transmit().value();
  }
  static std::string header(const WhipServer::Answer& answer, std::string_view name) {
    for (const auto& [key, value] : answer.headers) {
      if (key == name) return value;
    }
    return {};
  }
};

// RFC 9725 4.2
TEST_F(Whip, AnswersAnOfferWithALocationAndATag) {
  const auto answer = publish();
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.body, "v=0 answer");
  EXPECT_EQ(header(answer, "Content-Type"), "application/sdp");
  EXPECT_TRUE(header(answer, "Location").starts_with("/whip/blue/"));
  EXPECT_EQ(header(answer, "ETag").front(), '"');
  const auto& offered = std::get<WhipServer::Offered>(events.at(0));
  EXPECT_EQ(offered.role, WhipServer::Role::publisher);
  EXPECT_EQ(offered.room, "blue");
  EXPECT_EQ(offered.sdp, offer);
}

TEST_F(Whip, ViewersComeByWhep) {
  (void)post("/whep/blue");
  EXPECT_EQ(std::get<WhipServer::Offered>(events.at(0)).role, WhipServer::Role::viewer);
}

// RFC 9725 4.6
TEST_F(Whip, NamesIceServersInLinks) {
  const auto answer = publish({{{"stun:example.org"}, "", ""}, {{"turn:example.org"}, "u", "p"}});
  std::vector<std::string> links;
  for (const auto& [name, value] : answer.headers) {
    if (name == "Link") links.push_back(value);
  }
  EXPECT_EQ(links, (std::vector<std::string>{
                       R"(<stun:example.org>; rel="ice-server")",
                       R"(<turn:example.org>; rel="ice-server"; username="u"; credential="p"; )"
                       R"(credential-type="password")"}));
}

// RFC 9725 4.3.1
TEST_F(Whip, TakesCandidatesWithTheRightTagAlone) {
  const auto answer = publish();
  const std::string path = header(answer, "Location"), tag = header(answer, "ETag");
  EXPECT_EQ(patch(path, tag).status, 204);
  const auto& trickled = std::get<WhipServer::Trickled>(events.back());
  EXPECT_EQ(
      trickled.fragment.candidates,
      (std::vector<SdpFragment::Candidate>{{"0", "candidate:1 1 udp 1 192.0.2.1 9 typ host"}}));
  EXPECT_EQ(patch(path, "").status, 428);
  EXPECT_EQ(patch(path, "\"other\"").status, 412);
  EXPECT_EQ(patch(path, tag, "wxyz").status, 422);
  EXPECT_EQ(events.size(), 2U);
}

// RFC 9725 4.3.3
TEST_F(Whip, RestartsIceAndGivesANewTag) {
  const auto answer = publish();
  const std::string path = header(answer, "Location"), tag = header(answer, "ETag");
  EXPECT_EQ(patch(path, "*", "wxyz").status, 0);
  const auto& asked = std::get<WhipServer::RestartAsked>(events.back());
  EXPECT_EQ(patch(path, tag).status, 409);  // while it waits
  server.restarted(asked.id, {.ufrag = "new", .pwd = "credentials"});
  const auto restarted = server.poll_transmit().value();
  EXPECT_EQ(restarted.status, 200);
  EXPECT_EQ(restarted.body, "a=ice-ufrag:new\r\na=ice-pwd:credentials\r\n");
  EXPECT_NE(header(restarted, "ETag"), tag);
  EXPECT_EQ(patch(path, tag, "wxyz").status, 412);
  EXPECT_EQ(patch(path, header(restarted, "ETag"), "wxyz").status, 204);
}

TEST_F(Whip, EndsASessionByDelete) {
  const std::string path = header(publish(), "Location");
  EXPECT_EQ(ask({.method = "DELETE", .path = path}).status, 200);
  EXPECT_TRUE(std::holds_alternative<WhipServer::Ended>(events.back()));
  EXPECT_EQ(ask({.method = "DELETE", .path = path}).status, 404);
  EXPECT_EQ(server.sessions(), 0U);
}

TEST_F(Whip, SaysInASentenceWhatIsWrong) {
  const std::string path = header(publish(), "Location");
  const auto expect = [](const WhipServer::Answer& answer, int status) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_TRUE(answer.body.ends_with(".\n")) << answer.body;
  };
  expect(ask({.method = "POST", .path = "/whip/blue", .body = offer}), 415);
  expect(post("/whip/blue", "hello"), 400);
  expect(post("/whip/<script>"), 404);
  expect(post("/whip/blue/nosuchsession"), 404);
  expect(post("/whip/blue", offer + std::string(300'000, 'x')), 413);
  expect(ask({.method = "GET", .path = "/whip/blue"}), 405);
  expect(ask({.method = "GET", .path = path}), 405);
  expect(ask({.method = "PATCH", .path = path, .content_type = "text/plain"}), 415);
  (void)post("/whip/a");
  (void)post("/whip/b");
  expect(post("/whip/c"), 503);
}

TEST_F(Whip, ForgetsWhomItsOwnerRefuses) {
  (void)post("/whep/blue");
  server.refused(std::get<WhipServer::Offered>(events.back()).id, 409,
                 "Nobody publishes here yet.");
  const auto answer = server.poll_transmit().value();
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(header(answer, "Retry-After"), "2");  // RFC 9725 4.5
  EXPECT_EQ(server.sessions(), 0U);
}

TEST_F(Whip, AsksForTheToken) {
  WhipServer guarded{{.token = "sesame"}, {random, pool}};
  const auto status = [&](std::string authorization) {
    guarded.handle_datagram({.method = "POST",
                             .path = "/whip/blue",
                             .content_type = "application/sdp; charset=utf-8",
                             .authorization = std::move(authorization),
                             .body = offer},
                            {});
    const auto answer = guarded.poll_transmit();
    return answer ? answer->status : 0;
  };
  EXPECT_EQ(status(""), 401);
  EXPECT_EQ(status("Bearer sesam"), 401);
  EXPECT_EQ(status("Basic sesame"), 401);
  EXPECT_EQ(status("Bearer sesame"), 0);
}

TEST_F(Whip, TellsPagesElsewhereWhatTheyMayDo) {
  const auto answer = ask({.method = "OPTIONS", .path = "/whip/blue"});
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(header(answer, "Accept-Post"), "application/sdp");
  EXPECT_EQ(header(answer, "Access-Control-Allow-Origin"), "*");
  EXPECT_NE(header(answer, "Access-Control-Expose-Headers").find("Location"), std::string::npos);
}

// RFC 8840 9
TEST_F(Whip, RefusesAFragmentThatIsTooLong) {
  const auto answer = publish();
  const std::string path = header(answer, "Location");
  const std::size_t before = events.size();
  EXPECT_EQ(patch(path, header(answer, "ETag"), std::string(300'000, 'u')).status, 413);
  EXPECT_EQ(patch(path, "*", std::string(300'000, 'u')).status, 413);
  EXPECT_EQ(events.size(), before);
}

// RFC 8840 9.2
TEST(SdpFragmentText, IsReadAndWritten) {
  const SdpFragment fragment{
      .ufrag = "u",
      .pwd = "p",
      .candidates = {{"0", "candidate:1"}, {"0", "candidate:2"}, {"1", "candidate:3"}},
      .end = true};
  EXPECT_EQ(SdpFragment::parse(fragment.text()), fragment);
  EXPECT_FALSE(SdpFragment::parse("nonsense"));
  EXPECT_EQ(with_credentials("v=0\r\na=ice-ufrag:a\na=ice-pwd:b\r\na=candidate:1\r\n", "c", "d"),
            "v=0\r\na=ice-ufrag:c\r\na=ice-pwd:d\r\n");
}

}  // namespace
}  // namespace lucid::signaling
