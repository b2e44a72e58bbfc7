#include "signaling/rooms.hpp"

#include "tests/signaling/servers.hpp"

namespace lucid::signaling {
namespace {

using Rooms = Servers<RoomsServer>;

void enter(Rooms& rooms, int client, const char* room, const char* name = "") {
  rooms.join(client);
  rooms.say(client, {{"type", "join"}, {"room", room}, {"name", name}});
}

std::string id_of(const json& joined) { return joined.at("id"); }

TEST(RoomsServer, TellsWhoJoinsWhoIsThereAndThatItIsPolite) {
  Rooms rooms;
  enter(rooms, 1, "blue", "Ann");
  enter(rooms, 2, "blue", "Bob");
  const json ann = rooms.hear(1).at(0), bob = rooms.hear(2).at(0);
  EXPECT_EQ(ann.at("type"), "joined");
  EXPECT_EQ(ann.at("polite"), false);
  EXPECT_EQ(ann.at("peers"), json::array());
  EXPECT_EQ(bob.at("polite"), true);
  EXPECT_EQ(bob.at("peers"), (json{{{"id", id_of(ann)}, {"name", "Ann"}, {"polite", true}}}));
}

TEST(RoomsServer, TellsTheOthersWhoHasComeAndGone) {
  Rooms rooms;
  enter(rooms, 1, "blue");
  enter(rooms, 2, "blue", "Bob");
  const std::string bob = id_of(rooms.hear(2).at(0));
  EXPECT_EQ(rooms.hear(1).at(1),
            (json{{"type", "peers"},
                  {"room", "blue"},
                  {"peers", {{{"id", bob}, {"name", "Bob"}, {"polite", false}}}}}));
  rooms.leave(2);
  const auto heard = rooms.hear(1);
  ASSERT_EQ(heard.size(), 2U);
  EXPECT_EQ(heard[0], (json{{"type", "left"}, {"room", "blue"}, {"id", bob}, {"name", "Bob"}}));
  EXPECT_EQ(heard[1].at("peers"), json::array());
}

TEST(RoomsServer, HasRoomForTwoUnlessToldOtherwiseAndForSixAtMost) {
  for (const auto& [size, fit] : {std::pair{2, 2}, {4, 4}, {100, 6}}) {
    Rooms rooms{1, {.room = static_cast<std::size_t>(size)}};
    for (int client = 1; client <= fit + 1; ++client) enter(rooms, client, "blue");
    EXPECT_EQ(rooms.hear(fit).at(0).at("type"), "joined");
    EXPECT_EQ(rooms.hear(fit + 1).at(0), (json{{"type", "full"}, {"room", "blue"}, {"size", fit}}));
  }
}

TEST(RoomsServer, OfEachTwoInAMeshTheLaterIsPolite) {
  Rooms rooms{1, {.room = 6}};
  for (const int client : {1, 2, 3}) enter(rooms, client, "blue");
  const json second = rooms.hear(2).back(), third = rooms.hear(3).back();
  EXPECT_EQ(second.at("peers")[0].at("polite"), true);
  EXPECT_EQ(second.at("peers")[1].at("polite"), false);
  EXPECT_EQ(third.at("peers")[1].at("polite"), true);
}

TEST(RoomsServer, PassesOffersAnswersAndCandidatesWithTheSender) {
  Rooms rooms;
  enter(rooms, 1, "blue");
  enter(rooms, 2, "blue");
  const std::string ann = id_of(rooms.hear(1).at(0)), bob = id_of(rooms.hear(2).at(0));
  for (json message :
       {json{{"type", "offer"}, {"to", ann}, {"sdp", "v=0"}, {"from", "me"}},
        json{{"type", "candidate"}, {"to", ann}, {"candidate", nullptr}}, json{{"type", "wave"}}}) {
    rooms.say(2, message);
    message["from"] = bob;
    EXPECT_EQ(rooms.hear(1), std::vector{message});
    EXPECT_TRUE(rooms.hear(2).empty());
  }
}

TEST(RoomsServer, ReachesNobodyInAnotherRoom) {
  Rooms rooms;
  enter(rooms, 1, "blue");
  enter(rooms, 2, "red");
  const std::string ann = id_of(rooms.hear(1).at(0));
  rooms.forget();
  rooms.say(2, {{"type", "offer"}, {"to", ann}});
  rooms.say(2, {{"type", "wave"}});
  EXPECT_TRUE(rooms.hear(1).empty());
  EXPECT_EQ(rooms.hear(2).at(0).at("error"), "no-such-peer");
}

TEST(RoomsServer, SaysInWordsWhatWasWrong) {
  Rooms rooms;
  rooms.join(1);
  for (const auto& [text, error] : std::vector<std::pair<std::string, std::string>>{
           {"", "bad-message"},
           {"[1]", "bad-message"},
           {std::string(5000, '['), "bad-message"},
           {R"({"type":"offer"})", "not-joined"},
           {R"({"type":"join"})", "bad-room"},
           {R"({"type":"join","room":"<script>"})", "bad-room"},
           {R"({"type":"join","room":")" + std::string(65, 'a') + "\"}", "bad-room"}}) {
    rooms.say_text(1, text);
    EXPECT_EQ(rooms.hear(1).at(0).at("error"), error) << text;
  }
}

TEST(RoomsServer, KeepsNothingOfRoomsThatAreLeft) {
  Rooms rooms;
  rooms.join(1);
  for (int i = 0; i < 900; ++i)
    rooms.say(1, {{"type", "join"}, {"room", "room" + std::to_string(i)}});
  EXPECT_EQ(rooms.at(0).roster().group_count(), 1U);
  rooms.leave(1);
  EXPECT_EQ(rooms.at(0).roster().group_count(), 0U);
}

TEST(RoomsServer, ShowsNoMarkupInNames) {
  Rooms rooms;
  enter(rooms, 1, "blue", "<img src=x onerror=alert(1)>Ann\x07");
  EXPECT_EQ(rooms.hear(1).at(0).at("name"), "Ann");
}

}  // namespace
}  // namespace lucid::signaling
