#include "signaling/client/rooms.hpp"
#include "signaling/client/socket_io.hpp"
#include "signaling/rooms.hpp"
#include "signaling/socket_io.hpp"
#include "tests/signaling/client_pair.hpp"

namespace lucid::signaling::client {
namespace {

using signaling::testing::answer;
using signaling::testing::candidate;
using signaling::testing::offer;

struct RoomsClient : signaling::testing::World {
  signaling::testing::Table<RoomsServer, Rooms> table{context};
};

TEST_F(RoomsClient, WhoComesLaterOffersAndIsPolite) {
  const auto ann = table.sit(Rooms{"blue", "ann"});
  EXPECT_EQ(table.next<Ready>(ann)->name, "ann");
  EXPECT_FALSE(table.next<Begin>(ann));
  const auto bob = table.sit(Rooms{"blue", "bob"});
  const auto begin = table.next<Begin>(bob);
  ASSERT_TRUE(begin);
  EXPECT_EQ(begin->peer, "ann");
  EXPECT_EQ(begin->part, Part::offers);
  EXPECT_EQ(begin->manners, Manners::polite);
  table[bob].describe("ann", offer);
  EXPECT_EQ(table.next<Ring>(ann)->peer, "bob");
  EXPECT_EQ(table.next<Described>(ann)->description, offer);
  table[ann].accept("bob");
  EXPECT_EQ(table.next<Begin>(ann)->manners, Manners::impolite);
  table[ann].describe("bob", answer);
  EXPECT_EQ(table.next<Described>(bob)->description, answer);
  table[ann].trickle("bob", candidate);
  table[ann].trickle("bob", std::nullopt);
  EXPECT_EQ(table.next<Trickled>(bob)->candidate, candidate);
  EXPECT_FALSE(table.next<Trickled>(bob)->candidate);
}

TEST_F(RoomsClient, WhoHangsUpLeavesTheRoom) {
  const auto ann = table.sit(Rooms{"blue", "ann"});
  const auto bob = table.sit(Rooms{"blue", "bob"});
  ASSERT_TRUE(table.next<Begin>(bob));
  table[bob].hang_up("ann");
  EXPECT_EQ(table.next<HungUp>(ann)->peer, "bob");
  const auto eve = table.sit(Rooms{"blue", "eve"});
  EXPECT_EQ(table.next<Begin>(eve)->peer, "ann");
  EXPECT_FALSE(table.next<Begin>(eve));
}

TEST_F(RoomsClient, AFullRoomRefuses) {
  table.sit(Rooms{"blue", "ann"});
  table.sit(Rooms{"blue", "bob"});
  const auto eve = table.sit(Rooms{"blue", "eve"});
  ASSERT_TRUE(table.next<Refused>(eve));
}

TEST_F(RoomsClient, TwoOfTheSameNameAreToldApart) {
  table.sit(Rooms{"blue", "ann"});
  const auto other = table.sit(Rooms{"blue", "ann"});
  const auto begin = table.next<Begin>(other);
  table[other].describe(begin->peer, offer);
  EXPECT_TRUE(table.next<Described>(0));
}

TEST_F(RoomsClient, WhoseConnectionBreaksHangsUpAndCallsAnew) {
  const auto ann = table.sit(Rooms{"blue", "ann"});
  const auto bob = table.sit(Rooms{"blue", "bob"});
  table.events(bob);
  table.disconnect(bob);
  EXPECT_EQ(table.next<HungUp>(ann)->peer, "bob");
  table.connect(bob);
  EXPECT_EQ(table.next<Begin>(bob)->peer, "ann");
}

TEST_F(RoomsClient, NonsenseIsPassedOver) {
  const auto ann = table.sit(Rooms{"blue", "ann"});
  table.events(ann);
  for (const char* text : {"", "[", "{}", R"({"type":"joined","peers":7})",
                           R"({"type":"offer","from":"9","sdp":"x"})", R"({"type":"left"})"}) {
    table[ann].hear(text);
  }
  EXPECT_FALSE(table.next<Ring>(ann));
}

struct SocketIoClient : signaling::testing::World {
  signaling::testing::Table<SocketIoServer, SocketIo> table{context};

  SocketIoClient() {
    table.carry_up = [](std::string& text) {
      if (!text.starts_with('4')) return false;
      text.erase(0, 1);
      return true;
    };
    table.carry_down = [](std::string& text) { text.insert(0, "4"); };
  }
  std::size_t sit(const char* room) {
    SocketIo client{room};
    client.hear(R"(0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000})");
    return table.sit(std::move(client));
  }
};

TEST_F(SocketIoClient, WhoWasThereFirstOffersAtJoin) {
  const auto ann = sit("blue");
  ASSERT_TRUE(table.next<Ready>(ann));
  const auto bob = sit("blue");
  ASSERT_TRUE(table.next<Ready>(bob));
  const auto begin = table.next<Begin>(ann);
  ASSERT_TRUE(begin);
  EXPECT_EQ(begin->part, Part::offers);
  table[ann].describe("", offer);
  ASSERT_TRUE(table.next<Ring>(bob));
  EXPECT_EQ(table.next<Described>(bob)->description, offer);
  table[bob].accept("");
  table[bob].describe("", answer);
  EXPECT_EQ(table.next<Described>(ann)->description, answer);
  table[bob].trickle("", candidate);
  const auto heard = table.next<Trickled>(ann);
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->candidate->candidate, candidate.candidate);
  EXPECT_EQ(heard->candidate->mid, candidate.mid);
  EXPECT_EQ(heard->candidate->m_line_index, candidate.m_line_index);
}

TEST_F(SocketIoClient, AnOfferWaitsForTheOthersCameraOrASecond) {
  for (const bool says : {true, false}) {
    SocketIo ann{"blue"};
    ann.hear("40");
    ann.hear(R"(42["join","blue"])");
    std::vector<Event> before;
    while (auto event = ann.poll_event()) before.push_back(*event);
    ASSERT_EQ(before.size(), 2);
    EXPECT_EQ(std::get<Wait>(before[1]).time, std::chrono::seconds{1});
    if (says) ann.hear(R"(42["message","got user media"])");
    ann.wake();
    const auto begin = ann.poll_event();
    ASSERT_TRUE(begin);
    EXPECT_EQ(std::get<Begin>(*begin).part, Part::offers);
    EXPECT_FALSE(ann.poll_event());
  }
}

// Between `ann`, who has offered, and a page that has had no camera so far.
TEST_F(SocketIoClient, WhoHasACameraOnlyNowHearsTheOfferAgain) {
  SocketIo ann{"blue"};
  ann.hear("40");
  ann.hear(R"(42["join","blue"])");
  ann.wake();
  ann.describe("", offer);
  ann.trickle("", candidate);
  const auto said = [&] {
    std::vector<std::string> texts;
    while (auto text = ann.poll_text()) texts.push_back(*text);
    return texts;
  };
  const auto first = said();
  ASSERT_EQ(first.size(), 3);  // "create or join" before it
  ann.hear(R"(42["message","got user media"])");
  EXPECT_EQ(said(), (std::vector{first[1], first[2]}));
  // Both may be answered; what comes after the first answer is none.
  const char* reply = R"(42["message",{"type":"answer","sdp":"v=0"}])";
  for (int i = 0; i < 2; ++i) ann.hear(reply);
  int answers = 0;
  while (auto event = ann.poll_event()) answers += std::holds_alternative<Described>(*event);
  EXPECT_EQ(answers, 1);
  ann.hear(R"(42["message","got user media"])");
  EXPECT_TRUE(said().empty());
}

TEST_F(SocketIoClient, AnOfferThatIsSaidTwiceIsHeardOnce) {
  SocketIo bob{"blue"};
  bob.hear("40");
  for (int i = 0; i < 2; ++i) bob.hear(R"(42["message",{"type":"offer","sdp":"v=0"}])");
  int offers = 0;
  while (auto event = bob.poll_event()) offers += std::holds_alternative<Described>(*event);
  EXPECT_EQ(offers, 1);
}

TEST_F(SocketIoClient, ByeAndGoneAreTheSame) {
  const auto ann = sit("blue");
  const auto bob = sit("blue");
  table.events(ann);
  table[bob].hang_up("");
  EXPECT_TRUE(table.next<HungUp>(ann));
  table.disconnect(bob);
  table.connect(bob);
  table.events(ann);
}

TEST_F(SocketIoClient, AFullRoomRefuses) {
  sit("blue");
  sit("blue");
  const auto eve = sit("blue");
  EXPECT_TRUE(table.next<Refused>(eve));
}

TEST_F(SocketIoClient, PingsAreAnswered) {
  SocketIo client{"blue"};
  client.hear("2");
  EXPECT_EQ(client.poll_text(), "3");
  client.hear("2probe");
  EXPECT_EQ(client.poll_text(), "3probe");
}

TEST_F(SocketIoClient, NonsenseIsPassedOver) {
  SocketIo client{"blue"};
  for (const char* text : {"", "4", "42", "42[", "42[]", "42[7]", R"(42["message"])",
                           R"(42["message",{"type":"offer"}])", "7x", R"(43[1])"}) {
    client.hear(text);
  }
  EXPECT_FALSE(client.poll_event());
}

}  // namespace
}  // namespace lucid::signaling::client
