#include "signaling/chat.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>

namespace lucid::signaling {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

struct Chat : testing::Test {
  core::SeededRandom random{1};
  core::Pool pool;
  core::Time now{1s};
  ChatServer server{
      {}, core::WallClock{core::WallClock::Microseconds{1'700'000'000'000'000}}, {random, pool}};

  void join(int client, const char* name = nullptr) {
    server.handle_datagram(Joined{ClientId(client)}, now);
    if (name != nullptr) say(client, {{"type", "username"}, {"name", name}});
  }
  void say(int client, const json& message) {
    server.handle_datagram(Said{ClientId(client), message.dump()}, now);
  }
  // What each client hears, until now.
  std::map<int, std::vector<json>> hear() {
    std::map<int, std::vector<json>> heard;
    while (auto out = server.poll_transmit()) {
      if (const auto* words = std::get_if<Say>(&*out)) {
        heard[static_cast<int>(words->client)].push_back(json::parse(words->text));
      } else if (const auto* all = std::get_if<SayAll>(&*out)) {
        for (const ClientId client : all->clients)
          heard[static_cast<int>(client)].push_back(json::parse(all->text));
      } else {
        heard[static_cast<int>(std::get<Dismiss>(*out).client)].push_back(
            {{"dismissed", std::get<Dismiss>(*out).reason}});
      }
    }
    return heard;
  }
};

TEST_F(Chat, GivesEachClientAnIdAndTheUserListUnderBothNames) {
  join(7, "ann");
  const auto heard = hear().at(7);
  ASSERT_EQ(heard.size(), 3U);
  EXPECT_EQ(heard[0], (json{{"type", "id"}, {"id", 1}}));
  EXPECT_EQ(heard[1], (json{{"type", "userlist"}, {"users", {"ann"}}}));
  EXPECT_EQ(heard[2], (json{{"type", "user-list"}, {"users", {"ann"}}}));
}

TEST_F(Chat, ChangesATakenNameAndSaysSo) {
  join(1, "ann");
  join(2, "ann");
  const auto heard = hear();
  const auto& second = heard.at(2);
  EXPECT_EQ(second[1], (json{{"type", "rejectusername"}, {"id", 2}, {"name", "ann1"}}));
  EXPECT_EQ(second[2].at("users"), (json{"ann", "ann1"}));
}

TEST_F(Chat, SendsMessagesToAllWithoutMarkupAndStamped) {
  join(1, "ann");
  join(2, "bob");
  (void)hear();
  say(1, {{"type", "message"},
          {"text", "hi <script>alert(1)</script><b>bob</b> 1 < 2"},
          {"name", "somebody else"}});
  for (const auto& [client, heard] : hear()) {
    EXPECT_EQ(heard.at(0).at("text"), "hi alert(1)bob 1  2") << client;
    EXPECT_EQ(heard.at(0).at("name"), "ann");
    EXPECT_EQ(heard.at(0).at("date"), 1'700'000'001'000);
  }
}

TEST_F(Chat, PassesAMessageWithATargetToThatUserAlone) {
  join(1, "ann");
  join(2, "bob");
  join(3, "eve");
  (void)hear();
  const json offer{{"type", "video-offer"},
                   {"name", "ann"},
                   {"target", "bob"},
                   {"sdp", {{"type", "offer"}, {"sdp", "v=0"}}}};
  say(1, offer);
  const auto heard = hear();
  EXPECT_EQ(heard.size(), 1U);
  EXPECT_EQ(heard.at(2).at(0), offer);
}

TEST_F(Chat, PassesUnknownTypesWithoutTargetToAllTheSenderIncluded) {
  join(1, "ann");
  join(2, "bob");
  (void)hear();
  for (const json& message : {json{{"type", "wave"}}, json{{"type", "wave"}, {"target", nullptr}},
                              json{{"type", "wave"}, {"target", ""}}}) {
    say(1, message);
    const auto heard = hear();
    EXPECT_EQ(heard.size(), 2U);
    EXPECT_EQ(heard.at(1).at(0), message);
  }
}

TEST_F(Chat, LetsNobodySpeakAsSomebodyElse) {
  join(1, "ann");
  join(2, "bob");
  join(3);
  (void)hear();
  say(1, {{"type", "video-offer"}, {"target", "bob"}, {"name", "eve"}, {"sdp", "v=0"}});
  say(3, {{"type", "video-offer"}, {"target", "bob"}, {"name", 7}});
  const auto calls = hear().at(2);
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[0].at("name"), "ann");
  EXPECT_EQ(calls[0].at("sdp"), "v=0");
  EXPECT_EQ(calls[1].at("name"), "");
}

TEST_F(Chat, LetsNobodySpeakAsTheServer) {
  join(1, "ann");
  join(2, "bob");
  (void)hear();
  for (const char* type : {"id", "userlist", "user-list", "rejectusername"}) {
    say(1, {{"type", type}, {"target", "bob"}, {"id", 2}, {"name", "eve"}});
    say(1, {{"type", type}, {"users", json::array()}});
  }
  EXPECT_TRUE(hear().empty());
  EXPECT_EQ(server.stats().malformed, 8U);
}

TEST_F(Chat, TellsTheOthersWhoHasLeft) {
  join(1, "ann");
  join(2, "bob");
  (void)hear();
  server.handle_datagram(Left{ClientId(2)}, now);
  const auto heard = hear();
  EXPECT_EQ(heard.size(), 1U);
  EXPECT_EQ(heard.at(1).at(0).at("users"), json{"ann"});
}

TEST_F(Chat, DismissesWhoSaysTooMuch) {
  join(1, "ann");
  (void)hear();
  for (int i = 0; i < 2000; ++i) say(1, {{"type", "message"}, {"text", "x"}});
  EXPECT_EQ(hear().at(1).back(), (json{{"dismissed", "too many messages"}}));
  EXPECT_EQ(server.roster().client_count(), 0U);
  join(2, "bob");
  server.handle_datagram(Said{ClientId(2), std::string(1 << 20, 'x')}, now);
  EXPECT_EQ(server.roster().client_count(), 0U);
}

TEST_F(Chat, SendsLongListsToManyInTurns) {
  for (int client = 1; client <= 300; ++client) join(client, "somebody with a long name");
  std::size_t bytes = 0;
  while (auto out = server.poll_transmit()) {
    if (const auto* all = std::get_if<SayAll>(&*out))
      bytes += all->clients.size() * all->text.size();
  }
  EXPECT_LT(bytes, 8'000'000U);  // 300 lists to 300 each would be 400 MB
  std::map<int, std::size_t> latest;
  while (const auto next = server.next_timeout()) {
    now = *next;
    server.handle_timeout(now);
    for (const auto& [client, heard] : hear()) latest[client] = heard.back().at("users").size();
  }
  EXPECT_EQ(latest.size(), 300U);
  for (const auto& [client, users] : latest) EXPECT_EQ(users, 300U) << client;
  EXPECT_LT(now, core::Time{4s});
}

TEST_F(Chat, CutsNamesBetweenCharacters) {
  join(1, "ääääääääääääääääää");
  EXPECT_EQ(hear().at(1).at(1).at("name"), "ääääääääääääääää");
}

TEST_F(Chat, SurvivesNonsense) {
  join(1);
  for (const char* text :
       {"", "{", "[]", "1", "{\"type\":7}", "{\"type\":\"username\",\"name\":[]}", "\xff\xfe",
        "{\"type\":\"username\",\"name\":\"<b>\"}"}) {
    server.handle_datagram(Said{ClientId(1), text}, now);
  }
  server.handle_datagram(Said{ClientId(99), "{}"}, now);
  server.handle_datagram(Left{ClientId(99)}, now);
  EXPECT_EQ(server.roster().member_count(), 1U);
  EXPECT_EQ(hear().at(1).back().at("users"), json{"guest"});
}

}  // namespace
}  // namespace lucid::signaling
