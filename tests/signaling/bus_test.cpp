// Two servers on one bus behave as one.
#include "signaling/broadcast.hpp"
#include "signaling/chat.hpp"
#include "signaling/rooms.hpp"
#include "tests/signaling/servers.hpp"

namespace lucid::signaling {
namespace {

using namespace std::chrono_literals;

struct ChatBus : testing::Test {
  Servers<ChatServer> servers{2};
  void name(int client, const char* name) {
    servers.join(client);
    servers.say(client, {{"type", "username"}, {"name", name}});
  }
  json users(int client) {
    json users;
    for (const json& message : servers.hear(client)) {
      if (message.value("type", "") == "userlist") users = message.at("users");
    }
    return users;
  }
};

TEST_F(ChatBus, ListsTheUsersOfBothAndCallsAcross) {
  servers.connect_bus();
  name(1, "ann");
  name(101, "bob");
  EXPECT_EQ(users(1), (json{"ann", "bob"}));
  EXPECT_EQ(users(101), (json{"ann", "bob"}));
  const json offer{{"type", "video-offer"}, {"name", "ann"}, {"target", "bob"}, {"sdp", "v=0"}};
  servers.say(1, offer);
  EXPECT_EQ(servers.hear(101), std::vector{offer});
  EXPECT_TRUE(servers.hear(1).empty());
}

TEST_F(ChatBus, GivesANameOnceForBoth) {
  servers.connect_bus();
  name(1, "ann");
  name(101, "ann");
  EXPECT_EQ(users(1), (json{"ann", "ann1"}));
  EXPECT_EQ(servers.hear(101).at(1).at("name"), "ann1");
}

TEST_F(ChatBus, TellsAllOfBothOnce) {
  servers.connect_bus();
  name(1, "ann");
  name(101, "bob");
  servers.join(102);  // has not said its name
  servers.forget();
  servers.say(1, {{"type", "message"}, {"text", "hi"}});
  for (const int client : {1, 101, 102}) {
    const auto heard = servers.hear(client);
    ASSERT_EQ(heard.size(), 1U) << client;
    EXPECT_EQ(heard[0].at("text"), "hi");
  }
}

TEST_F(ChatBus, ForgetsTheUsersOfAServerThatIsSilent) {
  servers.connect_bus();
  name(1, "ann");
  name(101, "bob");
  servers.crash(1);
  servers.pass(9s);
  EXPECT_EQ(users(1), (json{"ann", "bob"}));
  servers.pass(5s);
  EXPECT_EQ(users(1), json{"ann"});
}

TEST_F(ChatBus, ForgetsTheUsersOfAServerThatSaysGoodbyeAtOnce) {
  servers.connect_bus();
  name(1, "ann");
  name(101, "bob");
  servers.at(1).farewell();
  servers.say(101, {{"type", "wave"}});  // carries what is queued
  EXPECT_EQ(users(1), json{"ann"});
}

TEST_F(ChatBus, GoesOnLocallyWithoutTheBusAndFindsTogetherAgain) {
  servers.connect_bus();
  name(1, "ann");
  name(101, "bob");
  servers.disconnect(0);
  servers.disconnect(1);
  name(2, "cat");
  name(102, "dan");
  servers.say(1, {{"type", "hey"}, {"target", "cat"}});
  servers.say(1, {{"type", "later"}, {"target", "bob"}});
  EXPECT_EQ(users(1), (json{"ann", "bob", "cat"}));
  servers.pass(60s);
  servers.forget();
  servers.connect_bus();
  EXPECT_EQ(users(1), (json{"ann", "bob", "cat", "dan"}));
  const auto types = servers.hear_types(101);
  EXPECT_EQ(std::ranges::count(types, "later"), 1);
}

TEST_F(ChatBus, RenamesTheLaterOfTwoWhoTookOneNameApart) {
  name(1, "ann");
  servers.pass(1s);
  name(101, "ann");
  servers.forget();
  servers.connect_bus();
  EXPECT_EQ(users(1), (json{"ann", "ann1"}));
  const auto heard = servers.hear(101);
  EXPECT_TRUE(std::ranges::any_of(heard, [](const json& it) {
    return it.at("type") == "rejectusername" && it.at("name") == "ann1";
  }));
}

TEST_F(ChatBus, ComesToKnowALateServer) {
  servers.connect(0);
  name(1, "ann");
  servers.connect(1);
  name(101, "bob");
  EXPECT_EQ(users(101), (json{"ann", "bob"}));
}

TEST_F(ChatBus, HealsAfterAMessageWasLost) {
  servers.connect_bus();
  name(1, "ann");
  servers.crash(1);
  name(2, "bob");  // server 1 does not hear of him
  servers.connect(1);
  name(101, "cat");
  servers.pass(4s);
  EXPECT_EQ(users(101), (json{"ann", "bob", "cat"}));
}

TEST(RoomsBus, FillsARoomFromBothAndCallsAcross) {
  Servers<RoomsServer> servers{2};
  servers.connect_bus();
  for (const int client : {1, 101, 2}) {
    servers.join(client);
    servers.say(client, {{"type", "join"}, {"room", "blue"}});
  }
  const json first = servers.hear(1).at(0), second = servers.hear(101).at(0);
  EXPECT_EQ(first.at("polite"), false);
  EXPECT_EQ(second.at("polite"), true);
  EXPECT_EQ(servers.hear_types(2), std::vector<std::string>{"full"});
  servers.say(101, {{"type", "offer"}, {"to", first.at("id")}, {"sdp", "v=0"}});
  EXPECT_EQ(servers.hear(1).at(0).at("from"), second.at("id"));
  servers.leave(101);
  EXPECT_EQ(servers.hear_types(1), (std::vector<std::string>{"left", "peers"}));
}

TEST(RoomsBus, HearsWhatIsSaidWhileEnteringAfterwards) {
  Servers<RoomsServer> servers{1};
  servers.connect_bus();
  servers.join(1);
  servers.crash(0);  // nothing comes back
  servers.say(1, {{"type", "join"}, {"room", "blue"}});
  servers.say(1, {{"type", "offer"}, {"to", "x"}});
  EXPECT_TRUE(servers.hear(1).empty());
  servers.pass(6s);
  EXPECT_EQ(servers.hear_types(1), (std::vector<std::string>{"joined", "error"}));
}

TEST(BroadcastBus, IsHeardByAllOthersOfBoth) {
  Servers<BroadcastServer> servers{2};
  servers.connect_bus();
  for (const int client : {1, 2, 101}) servers.join(client);
  servers.say(1, {{"candidate", nullptr}});
  EXPECT_TRUE(servers.hear(1).empty());
  EXPECT_EQ(servers.hear(2).size(), 1U);
  EXPECT_EQ(servers.hear(101).size(), 1U);
}

TEST(Bus, SurvivesNonsense) {
  Servers<ChatServer> servers{1};
  servers.connect_bus();
  for (const char* text :
       {"", "{", "[]", R"({"n":"x"})", R"({"n":"x","t":"enter"})",
        R"({"n":"x","t":"enter","m":{"i":"a","s":"b"}})", R"({"n":"x","t":"members","l":{"a":1}})",
        R"({"n":"x","t":"leave"})", R"({"n":"x","t":"told"})", R"({"n":1,"t":"told","i":[]})"}) {
    servers.at(0).handle_datagram(BusSaid{text}, servers.now);
  }
  EXPECT_EQ(servers.at(0).roster().member_count(), 0U);
}

TEST(Bus, AServerSpeaksForItsOwnMembersAlone) {
  Servers<RoomsServer> servers{2};
  servers.connect_bus();
  servers.join(1);
  servers.say(1, {{"type", "join"}, {"room", "blue"}, {"name", "ann"}});
  const std::string id = servers.hear(1).at(0).at("id");
  for (const json& forged :
       {json{{"t", "leave"}, {"i", id}},
        json{{"t", "enter"}, {"m", {{"i", id}, {"w", "eve"}, {"g", "red"}, {"s", 1}}}},
        json{{"t", "members"}, {"l", {{{"i", id}, {"w", "eve"}, {"g", "red"}, {"s", 1}}}}}}) {
    json message = forged;
    message["n"] = "evil";
    servers.at(0).handle_datagram(BusSaid{message.dump()}, servers.now);
  }
  const auto members = servers.at(0).roster().group("blue");
  ASSERT_EQ(members.size(), 1U);
  EXPECT_EQ(members[0]->name, "ann");
  EXPECT_EQ(servers.at(0).roster().group_count(), 1U);
}

TEST(Bus, AMemberThatEntersAnotherGroupIsOutOfTheFirst) {
  Servers<RoomsServer> servers{1};
  servers.connect_bus();
  for (const char* group : {"blue", "red"}) {
    const json member{{"i", "other-1"}, {"w", "eve"}, {"g", group}, {"s", 1}};
    const json message{{"n", "other"}, {"t", "enter"}, {"m", member}};
    servers.at(0).handle_datagram(BusSaid{message.dump()}, servers.now);
  }
  const auto& roster = servers.at(0).roster();
  EXPECT_TRUE(roster.group("blue").empty());
  EXPECT_EQ(roster.group("red").size(), 1U);
  servers.at(0).handle_datagram(BusSaid{R"({"n":"other","t":"leave","i":"other-1"})"}, servers.now);
  EXPECT_EQ(roster.group_count(), 0U);
}

TEST(Bus, AnEntryThatDoesNotComeBackIsAppliedAfterTwoSeconds) {
  Servers<RoomsServer> servers{1};
  servers.connect_bus();
  servers.pass(2500ms);  // the next sign of life is far from the end of the wait
  servers.join(1);
  servers.crash(0);
  servers.say(1, {{"type", "join"}, {"room", "blue"}, {"name", "ann"}});
  servers.pass(1900ms);
  EXPECT_TRUE(servers.hear(1).empty());
  servers.pass(200ms);
  EXPECT_EQ(servers.hear_types(1), (std::vector<std::string>{"joined"}));
}

}  // namespace
}  // namespace lucid::signaling
