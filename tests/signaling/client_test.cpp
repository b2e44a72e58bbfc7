#include <nlohmann/json.hpp>

#include "signaling/broadcast.hpp"
#include "signaling/chat.hpp"
#include "signaling/client/broadcast.hpp"
#include "signaling/client/chat.hpp"
#include "tests/signaling/client_pair.hpp"

namespace lucid::signaling::client {
namespace {

using nlohmann::json;
using signaling::testing::answer;
using signaling::testing::candidate;
using signaling::testing::offer;

struct ChatClient : signaling::testing::World {
  signaling::testing::Table<ChatServer, Chat> table{context};
};

TEST_F(ChatClient, IsReadyOnceItStandsInTheList) {
  const auto ann = table.sit(Chat{"ann"});
  const auto bob = table.sit(Chat{"bob"});
  EXPECT_EQ(table.next<Ready>(ann)->name, "ann");
  EXPECT_EQ(table.next<Ready>(bob)->name, "bob");
  EXPECT_EQ(table.next<Peers>(bob)->peers, std::vector<std::string>{"ann"});
}

TEST_F(ChatClient, TakesTheNameThatTheServerGives) {
  table.sit(Chat{"ann"});
  const auto second = table.sit(Chat{"ann"});
  const std::string name = table.next<Ready>(second)->name;
  EXPECT_NE(name, "ann");
  EXPECT_EQ(table[second].name(), name);
}

TEST_F(ChatClient, TheFirstOfferRingsAndALaterOneDoesNot) {
  const auto ann = table.sit(Chat{"ann"});
  const auto bob = table.sit(Chat{"bob"});
  table[ann].invite("bob");
  EXPECT_EQ(table.next<Begin>(ann)->manners, Manners::impolite);
  table[ann].describe("bob", offer);
  EXPECT_EQ(table.next<Ring>(bob)->peer, "ann");
  EXPECT_EQ(table.next<Described>(bob)->description, offer);
  table[bob].accept("ann");
  const auto begin = table.next<Begin>(bob);
  EXPECT_EQ(begin->part, Part::answers);
  EXPECT_EQ(begin->manners, Manners::polite);
  table[bob].describe("ann", answer);
  EXPECT_EQ(table.next<Described>(ann)->description, answer);
  table[ann].describe("bob", offer);
  EXPECT_FALSE(table.next<Ring>(bob));
}

TEST_F(ChatClient, OfTwoWhoCallEachOtherAtOnceOneAnswers) {
  const auto ann = table.sit(Chat{"ann"});
  const auto bob = table.sit(Chat{"bob"});
  table[ann].invite("bob");
  table[bob].invite("ann");
  table[ann].describe("bob", offer);
  table[bob].describe("ann", offer);
  EXPECT_EQ(table.next<Begin>(ann)->part, Part::offers);
  EXPECT_EQ(table.next<Begin>(bob)->part, Part::offers);
  const auto again = table.next<Begin>(bob);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->part, Part::answers);
  EXPECT_EQ(table.next<Described>(bob)->description, offer);
  EXPECT_FALSE(table.next<Described>(ann));
}

TEST_F(ChatClient, CandidatesArriveAsTheyWere) {
  const auto ann = table.sit(Chat{"ann"});
  const auto bob = table.sit(Chat{"bob"});
  table[ann].trickle("bob", candidate);
  const auto heard = table.next<Trickled>(bob);
  EXPECT_EQ(heard->peer, "ann");
  EXPECT_EQ(heard->candidate, candidate);
}

TEST_F(ChatClient, ACandidateOfMdnsPageHasNoSender) {
  const auto bob = table.sit(Chat{"bob"});
  table.events(bob);
  table[bob].hear(
      R"({"type":"new-ice-candidate","target":"bob","candidate":{"candidate":"c","sdpMid":"0"}})");
  const auto heard = table.next<Trickled>(bob);
  EXPECT_EQ(heard->peer, "");
  EXPECT_EQ(heard->candidate->mid, "0");
}

TEST_F(ChatClient, HangUpAndDeclineReachThePeerAndItMayRingAgain) {
  const auto ann = table.sit(Chat{"ann"});
  const auto bob = table.sit(Chat{"bob"});
  for (int i = 0; i < 2; ++i) {
    table[ann].invite("bob");
    table[ann].describe("bob", offer);
    ASSERT_TRUE(table.next<Ring>(bob));
    table[bob].decline("ann");
    EXPECT_EQ(table.next<HungUp>(ann)->peer, "bob");
  }
}

TEST_F(ChatClient, HearsTheChatOfOthersButNotItself) {
  const auto ann = table.sit(Chat{"ann"});
  const auto bob = table.sit(Chat{"bob"});
  EXPECT_TRUE(table[ann].say("hello"));
  EXPECT_EQ(table.next<Chatted>(bob)->text, "hello");
  EXPECT_FALSE(table.next<Chatted>(ann));
}

TEST_F(ChatClient, RegistersAgainAfterTheConnectionBroke) {
  const auto ann = table.sit(Chat{"ann"});
  table.events(ann);
  table.disconnect(ann);
  table.connect(ann);
  EXPECT_EQ(table.next<Ready>(ann)->name, "ann");
}

TEST_F(ChatClient, NonsenseIsPassedOver) {
  const auto ann = table.sit(Chat{"ann"});
  table.events(ann);
  for (const char* text :
       {"", "{", "[]", "7", R"({"type":7})", R"({"type":"id","id":"x"})", R"({"type":"userlist"})",
        R"({"type":"userlist","users":7})", R"({"type":"userlist","users":[7]})",
        R"({"type":"video-offer","name":"bob","sdp":7})", R"({"type":"video-offer","sdp":{}})",
        R"({"type":"new-ice-candidate","candidate":7})"}) {
    table[ann].hear(text);
  }
  EXPECT_FALSE(table.next<Ring>(ann));
}

using Form = Broadcast::Form;
struct BroadcastClient : signaling::testing::World {
  signaling::testing::Table<BroadcastServer, Broadcast> table{context};
};

TEST_F(BroadcastClient, TheBareFormAsksBeforeItOffers) {
  const auto ann = table.sit(Broadcast{Form::bare});
  const auto bob = table.sit(Broadcast{Form::bare});
  table[ann].invite("");
  EXPECT_FALSE(table.next<Begin>(ann));
  ASSERT_TRUE(table.next<Ring>(bob));
  table[bob].accept(Broadcast::somebody);
  EXPECT_EQ(table.next<Begin>(bob)->part, Part::answers);
  const auto begin = table.next<Begin>(ann);
  EXPECT_EQ(begin->part, Part::offers);
  EXPECT_EQ(begin->manners, Manners::impolite);
  table[ann].describe("", offer);
  EXPECT_EQ(table.next<Described>(bob)->description, offer);
  table[bob].describe("", answer);
  EXPECT_EQ(table.next<Described>(ann)->description, answer);
  table[ann].hang_up("");
  EXPECT_TRUE(table.next<HungUp>(bob));
}

TEST_F(BroadcastClient, TheEnvelopedFormOffersAtOnceAndIsAnsweredInKind) {
  const auto ann = table.sit(Broadcast{Form::enveloped});
  const auto bob = table.sit(Broadcast{Form::bare});
  table[ann].invite("");
  ASSERT_TRUE(table.next<Begin>(ann));
  table[ann].describe("", offer);
  ASSERT_TRUE(table.next<Ring>(bob));
  EXPECT_EQ(table.next<Described>(bob)->description, offer);
  table[bob].accept("");
  table[bob].describe("", answer);
  const json said = json::parse(*table[bob].poll_text());
  EXPECT_EQ(said["message_type"], "SDP");
  EXPECT_EQ(said["content"]["type"], "answer");
}

TEST_F(BroadcastClient, BothMayAskAtOnceAndThenBothOffer) {
  const auto ann = table.sit(Broadcast{Form::bare, Manners::polite});
  const auto bob = table.sit(Broadcast{Form::bare, Manners::impolite});
  table[ann].invite("");
  table[bob].invite("");
  const auto left = table.next<Begin>(ann);
  const auto right = table.next<Begin>(bob);
  EXPECT_EQ(left->part, Part::offers);
  EXPECT_EQ(left->manners, Manners::polite);
  EXPECT_EQ(right->part, Part::offers);
  EXPECT_EQ(right->manners, Manners::impolite);
  EXPECT_FALSE(table.next<Begin>(ann));
}

TEST_F(BroadcastClient, AnOfferThatAnswersARequestDoesNotRing) {
  const auto ann = table.sit(Broadcast{Form::bare});
  table[ann].invite("");
  table.events(ann);
  table[ann].hear(R"({"type":"offer","sdp":"v=0 offer"})");
  const auto begin = table.next<Begin>(ann);
  ASSERT_TRUE(begin);
  EXPECT_EQ(begin->part, Part::answers);
  EXPECT_EQ(table.next<Described>(ann)->description, offer);
}

TEST_F(BroadcastClient, CandidatesOfAllFormsAreUnderstood) {
  const auto ann = table.sit(Broadcast{Form::bare});
  table.events(ann);
  const std::string inner = R"({"candidate":"c","sdpMid":"1","sdpMLineIndex":1})";
  for (const std::string& text : {R"({"candidate":)" + inner + "}", inner,
                                  R"({"message_type":"CANDIDATE","content":)" + inner + "}"}) {
    table[ann].hear(text);
    const auto heard = table.next<Trickled>(ann);
    ASSERT_TRUE(heard) << text;
    EXPECT_EQ(heard->candidate->candidate, "c") << text;
    EXPECT_EQ(heard->candidate->m_line_index, 1) << text;
  }
  for (const char* text :
       {R"({"candidate":null})", R"({"message_type":"CANDIDATE","content":null})"}) {
    table[ann].hear(text);
    const auto heard = table.next<Trickled>(ann);
    ASSERT_TRUE(heard) << text;
    EXPECT_FALSE(heard->candidate) << text;
  }
}

TEST_F(BroadcastClient, NonsenseIsPassedOver) {
  const auto ann = table.sit(Broadcast{Form::bare});
  table.events(ann);
  for (const char* text : {"", "[", "[]", "{}", R"({"call":7})", R"({"call":"x"})", R"({"sdp":7})",
                           R"({"message_type":"SDP"})", R"({"message_type":"SDP","content":[]})"}) {
    table[ann].hear(text);
  }
  EXPECT_EQ(table.events(ann), 0u);
}

}  // namespace
}  // namespace lucid::signaling::client
