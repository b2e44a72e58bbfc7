#include "signaling/socket_io.hpp"

#include "tests/signaling/servers.hpp"

namespace lucid::signaling {
namespace {

using Sockets = Servers<SocketIoServer>;

TEST(SocketPacket, IsReadAndWritten) {
  for (const char* text : {"0", R"(0{"sid":"x"})", R"(2["message","hi"])", R"(212["a"])", "37[]",
                           R"(4/admin,{"message":"Invalid namespace"})", R"(2/admin,5["a",1])"}) {
    EXPECT_EQ(SocketPacket::parse(text).value().text(), text);
  }
  EXPECT_EQ(SocketPacket::parse(R"(212["a"])")->id, 12U);
  for (const char* text : {"", "7", "x", "5[]", "21234567890123456789[]"})
    EXPECT_FALSE(SocketPacket::parse(text)) << text;
}

// A client that has connected; what it heard is forgotten.
void connect(Sockets& sockets, int client) {
  sockets.join(client);
  sockets.say_text(client, "0");
  (void)sockets.hear(client);
}

void emit(Sockets& sockets, int client, const json& event, const std::string& id = "") {
  sockets.say_text(client, "2" + id + event.dump());
}

// The events that a client has heard, without logs.
std::vector<json> events(Sockets& sockets, int client) {
  std::vector<json> events;
  for (const json& heard : sockets.hear(client)) {
    const auto packet = SocketPacket::parse(heard.get<std::string>()).value();
    json event = json::parse(packet.data);
    if (packet.type == SocketPacket::Type::ack)
      event.insert(event.begin(), "ack " + std::to_string(packet.id.value()));
    if (event.at(0) != "log") events.push_back(std::move(event));
  }
  return events;
}

std::vector<std::string> names(Sockets& sockets, int client) {
  std::vector<std::string> names;
  for (const json& event : events(sockets, client)) names.push_back(event.at(0));
  return names;
}

TEST(SocketIoServer, ConnectsRevision4WhenAskedAndRevision3AtOnce) {
  Sockets sockets;
  sockets.join(1);
  EXPECT_TRUE(sockets.hear(1).empty());
  sockets.say_text(1, "0");
  EXPECT_TRUE(sockets.hear(1).at(0).get<std::string>().starts_with("0{\"sid\":"));
  sockets.at(0).is_revision_3(ClientId(2), "theirsid");
  sockets.join(2);
  sockets.say_text(2, R"(2["create or join","foo"])");
  EXPECT_EQ(sockets.hear(2).at(0), 0);  // the text "0"
}

TEST(SocketIoServer, KnowsTheDefaultNamespaceAlone) {
  Sockets sockets;
  sockets.join(1);
  sockets.say_text(1, "0/admin,");
  EXPECT_EQ(sockets.hear(1).at(0), R"(4/admin,{"message":"Invalid namespace"})");
}

TEST(SocketIoServer, CreatesARoomForTheFirstAndJoinsTheSecond) {
  Sockets sockets;
  connect(sockets, 1);
  connect(sockets, 2);
  connect(sockets, 3);
  emit(sockets, 1, {"create or join", "foo"});
  EXPECT_EQ(names(sockets, 1), (std::vector<std::string>{"empty", "created"}));
  emit(sockets, 2, {"create or join", "foo"});
  EXPECT_EQ(names(sockets, 1), (std::vector<std::string>{"join", "ready"}));
  const auto second = events(sockets, 2);
  EXPECT_EQ(second.at(0).at(0), "joined");
  EXPECT_EQ(second.at(0).at(1), "foo");
  EXPECT_TRUE(second.at(0).at(2).is_string());
  emit(sockets, 3, {"create or join", "foo"});
  EXPECT_EQ(events(sockets, 3), std::vector{(json{"full", "foo"})});
}

TEST(SocketIoServer, PassesMessagesToTheOthersInTheRoomAlone) {
  Sockets sockets;
  for (const int client : {1, 2, 3}) {
    connect(sockets, client);
    emit(sockets, client, {"create or join", client == 3 ? "bar" : "foo"});
  }
  sockets.forget();
  const json message{"message",
                     {{"type", "candidate"}, {"label", 0}, {"id", "0"}, {"candidate", "c"}}};
  emit(sockets, 1, message);
  EXPECT_EQ(events(sockets, 2), std::vector{message});
  EXPECT_TRUE(events(sockets, 1).empty());
  EXPECT_TRUE(events(sockets, 3).empty());
}

TEST(SocketIoServer, SaysByeForWhoIsGoneWithoutAWordAndOnce) {
  for (const bool polite : {false, true}) {
    Sockets sockets;
    connect(sockets, 1);
    connect(sockets, 2);
    for (const int client : {1, 2}) emit(sockets, client, {"create or join", "foo"});
    sockets.forget();
    if (polite) emit(sockets, 1, {"message", "bye"});
    sockets.leave(1);
    EXPECT_EQ(events(sockets, 2), std::vector{(json{"message", "bye"})});
  }
}

TEST(SocketIoServer, LetsTheNextOneInAfterBye) {
  Sockets sockets;
  for (const int client : {1, 2, 3}) connect(sockets, client);
  for (const int client : {1, 2}) emit(sockets, client, {"create or join", "foo"});
  emit(sockets, 1, {"bye", "foo"});
  EXPECT_EQ(names(sockets, 2).back(), "bye");
  emit(sockets, 3, {"create or join", "foo"});
  EXPECT_EQ(names(sockets, 3).at(0), "joined");
}

TEST(SocketIoServer, AcknowledgesWhatWantsIt) {
  Sockets sockets;
  connect(sockets, 1);
  emit(sockets, 1, {"create or join", "foo"}, "7");
  emit(sockets, 1, {"message", "hi"}, "8");
  emit(sockets, 1, {"whatever"}, "9");
  const auto heard = events(sockets, 1);
  EXPECT_EQ(heard.at(2).at(0), "ack 7");
  EXPECT_EQ(heard.at(2).at(1).at("event"), "created");
  EXPECT_EQ(heard.at(3), (json{"ack 8", {{"to", 0}}}));
  EXPECT_EQ(heard.at(4).at(0), "ack 9");
}

TEST(SocketIoServer, SurvivesNonsense) {
  Sockets sockets;
  connect(sockets, 1);
  for (const char* text :
       {"2", "2{}", "2[]", "2[1]", R"(2["create or join"])", R"(2["create or join",{}])",
        R"(2["create or join","<b>"])", R"(2["message"])", R"(2["bye"])", "9", "1", "2[\"x\"]"}) {
    sockets.say_text(1, text);
  }
  EXPECT_EQ(sockets.at(0).roster().group_count(), 0U);
}

TEST(SocketIoBus, CallsAcross) {
  Sockets sockets{2};
  sockets.connect_bus();
  connect(sockets, 1);
  connect(sockets, 101);
  emit(sockets, 1, {"create or join", "foo"});
  emit(sockets, 101, {"create or join", "foo"});
  EXPECT_EQ(names(sockets, 1), (std::vector<std::string>{"empty", "created", "join", "ready"}));
  EXPECT_EQ(names(sockets, 101), (std::vector<std::string>{"joined", "ready"}));
  emit(sockets, 1, {"message", {{"type", "offer"}, {"sdp", "v=0"}}});
  EXPECT_EQ(names(sockets, 101), std::vector<std::string>{"message"});
}

}  // namespace
}  // namespace lucid::signaling
