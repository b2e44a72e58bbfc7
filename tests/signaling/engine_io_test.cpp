#include "signaling/engine_io.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>

namespace lucid::signaling {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

TEST(EngineIoPayload, Revision4SeparatesPacketsAndWritesBytesInBase64) {
  const std::vector<EnginePacket> packets{{'4', "hello"}, {'2', ""}, {'4', "\x01\x02\x03", true}};
  EXPECT_EQ(encode_payload(packets, 4),
            "4hello\x1e\x32\x1e"
            "bAQID");
  EXPECT_EQ(decode_payload(encode_payload(packets, 4), 4, false), packets);
}

TEST(EngineIoPayload, Revision3CountsUtf16Units) {
  const std::vector<EnginePacket> packets{{'4', "ä€😀"}, {'2', "probe"}, {'4', "\x01", true}};
  EXPECT_EQ(encode_payload(packets, 3), "5:4ä€😀6:2probe6:b4AQ==");
  EXPECT_EQ(decode_payload(encode_payload(packets, 3), 3, false), packets);
}

TEST(EngineIoPayload, Revision3IsReadAsBytesToo) {
  const std::string body{"\x00\x06\xff\x34hello\x01\x03\xff\x04\x01\x02", 15};
  EXPECT_EQ(decode_payload(body, 3, true),
            (std::vector<EnginePacket>{{'4', "hello"}, {'4', "\x01\x02", true}}));
}

TEST(EngineIoPayload, RefusesWhatIsNone) {
  for (const char* body : {"9hello", "b!", "4a\x1e", ""})
    EXPECT_FALSE(decode_payload(body, 4, false));
  for (const char* body : {"4hello", "7:4hello", ":4", "1:", "99999999999:4", "2:4ab4", "1:😀"})
    EXPECT_FALSE(decode_payload(body, 3, false)) << body;
  EXPECT_FALSE(decode_payload(std::string{"\x00\x05\xff\x34", 4}, 3, true));
  EXPECT_FALSE(decode_payload("\x02\x05\xff\x34", 3, true));
}

struct Engine : testing::Test {
  core::SeededRandom random{1};
  core::Pool pool;
  core::Time now{1s};
  EngineIo engine{{.sessions_per_address = 3, .queue = 1000}, {random, pool}};
  std::map<int, EngineIo::Answer> answers;
  std::vector<std::string> sent;    // on any socket
  std::vector<std::string> closed;  // reasons
  std::vector<std::string> events;
  EngineIo::SessionId session{};
  int next = 1;

  void drain() {
    while (auto out = engine.poll_transmit()) {
      if (auto* answer = std::get_if<EngineIo::Answer>(&*out))
        answers[static_cast<int>(answer->id)] = *answer;
      if (auto* send = std::get_if<EngineIo::Send>(&*out)) sent.push_back(send->data);
      if (auto* close = std::get_if<EngineIo::Close>(&*out)) closed.push_back(close->reason);
    }
    while (auto event = engine.poll_event()) {
      if (auto* opened = std::get_if<EngineIo::SessionOpened>(&*event)) {
        session = opened->id;
        events.push_back("opened " + std::to_string(opened->revision));
      }
      if (auto* message = std::get_if<EngineIo::Message>(&*event)) events.push_back(message->data);
      if (std::holds_alternative<EngineIo::SessionClosed>(*event)) events.push_back("closed");
    }
  }
  int ask(const char* method, std::string sid, std::string body = "", const char* revision = "4") {
    engine.handle_datagram(EngineIo::Asked{.id = EngineIo::RequestId(next),
                                           .method = method,
                                           .body = std::move(body),
                                           .revision = revision,
                                           .transport = "polling",
                                           .sid = std::move(sid),
                                           .from = "1.2.3.4"},
                           now);
    drain();
    return next++;
  }
  std::string shake_hands(const char* revision = "4") {
    const int id = ask("GET", "", "", revision);
    const auto packets = decode_payload(answers[id].body, revision[0] - '0', false).value();
    return json::parse(packets.at(0).data).at("sid");
  }
  void open(int socket, std::string sid, const char* revision = "4") {
    engine.handle_datagram(
        EngineIo::Opened{EngineIo::SocketId(socket), revision, std::move(sid), "1.2.3.4"}, now);
    drain();
  }
  void hear(int socket, std::string data) {
    engine.handle_datagram(EngineIo::Heard{EngineIo::SocketId(socket), std::move(data)}, now);
    drain();
  }
  void send(std::string text) {
    engine.send(session, std::move(text), now);
    drain();
  }
  void pass(core::Duration time) {
    const core::Time end = now + time;
    while (engine.next_timeout() && *engine.next_timeout() <= end) {
      now = *engine.next_timeout();
      engine.handle_timeout(now);
      drain();
    }
    now = end;
  }
};

TEST_F(Engine, OpensASessionByPollingAndOffersTheUpgrade) {
  const int id = ask("GET", "");
  const json open = json::parse(answers.at(id).body.substr(1));
  EXPECT_EQ(answers.at(id).body[0], '0');
  EXPECT_EQ(open.at("upgrades"), json{"websocket"});
  EXPECT_EQ(open.at("pingInterval"), 25000);
  EXPECT_EQ(open.at("maxPayload"), 256 * 1024);
  EXPECT_EQ(events, std::vector<std::string>{"opened 4"});
}

TEST_F(Engine, HoldsAPollUntilThereIsSomethingToSay) {
  const std::string sid = shake_hands();
  const int poll = ask("GET", sid);
  EXPECT_FALSE(answers.contains(poll));
  send("hello");
  EXPECT_EQ(answers.at(poll).body, "4hello");
  send("one");
  send("two");
  EXPECT_EQ(answers.at(ask("GET", sid)).body,
            "4one\x1e"
            "4two");
}

TEST_F(Engine, TakesPostedMessages) {
  const std::string sid = shake_hands();
  EXPECT_EQ(answers
                .at(ask("POST", sid,
                        "4one\x1e"
                        "4two"))
                .body,
            "ok");
  EXPECT_EQ(events, (std::vector<std::string>{"opened 4", "one", "two"}));
}

TEST_F(Engine, SpeaksRevision3AndAnswersItsPings) {
  const std::string sid = shake_hands("3");
  const int poll = ask("GET", sid, "", "3");
  ask("POST", sid, "1:24:4ä€x", "3");
  EXPECT_EQ(answers.at(poll).body, "1:3");
  EXPECT_EQ(events, (std::vector<std::string>{"opened 3", "ä€x"}));
  pass(30s);
  EXPECT_EQ(events.size(), 2U);  // no ping of ours, and it is not dead yet
  pass(16s);
  EXPECT_EQ(events.back(), "closed");
}

TEST_F(Engine, PingsInRevision4AndEndsWhoDoesNotAnswer) {
  const std::string sid = shake_hands();
  const int poll = ask("GET", sid);
  pass(25s);
  EXPECT_EQ(answers.at(poll).body, "2");
  ask("POST", sid, "3");
  (void)ask("GET", sid);
  pass(44s);
  EXPECT_EQ(engine.sessions(), 1U);
  pass(2s);
  EXPECT_EQ(engine.sessions(), 0U);
}

TEST_F(Engine, ChangesOverToAWebSocketWithoutLosingAnything) {
  const std::string sid = shake_hands();
  const int poll = ask("GET", sid);
  open(1, sid);
  hear(1, "2probe");
  EXPECT_EQ(sent, std::vector<std::string>{"3probe"});
  EXPECT_EQ(answers.at(poll).body, "6");
  send("while it changes over");
  hear(1, "5");
  EXPECT_EQ(sent.back(), "4while it changes over");
  hear(1, "4hello");
  EXPECT_EQ(events.back(), "hello");
  EXPECT_EQ(json::parse(answers.at(ask("GET", sid)).body).at("code"), 3);
}

TEST_F(Engine, GoesOnPollingWhenTheProbeFails) {
  const std::string sid = shake_hands();
  open(1, sid);
  hear(1, "2probe");
  engine.handle_datagram(EngineIo::Closed{EngineIo::SocketId(1)}, now);
  send("hello");
  EXPECT_EQ(answers.at(ask("GET", sid)).body, "4hello");
}

TEST_F(Engine, BeginsOnAWebSocketToo) {
  open(1, "");
  EXPECT_EQ(json::parse(sent.at(0).substr(1)).at("upgrades"), json::array());
  hear(1, "4hello");
  send("hi");
  EXPECT_EQ(sent.back(), "4hi");
  engine.handle_datagram(EngineIo::Closed{EngineIo::SocketId(1)}, now);
  drain();
  EXPECT_EQ(events, (std::vector<std::string>{"opened 4", "hello", "closed"}));
}

TEST_F(Engine, EndsASessionThatPollsTwiceAtOnce) {
  const std::string sid = shake_hands();
  (void)ask("GET", sid);
  EXPECT_EQ(answers.at(ask("GET", sid)).status, 400);
  EXPECT_EQ(engine.sessions(), 0U);
}

TEST_F(Engine, SaysWhyItRefuses) {
  const auto code = [&](int id) { return json::parse(answers.at(id).body).at("code").get<int>(); };
  EXPECT_EQ(code(ask("GET", "nonsense")), 1);
  EXPECT_EQ(code(ask("POST", "")), 2);
  EXPECT_EQ(code(ask("GET", "", "", "2")), 5);
  EXPECT_EQ(code(ask("DELETE", shake_hands())), 3);
  open(9, "nonsense");
  EXPECT_EQ(closed, std::vector<std::string>{"Session ID unknown"});
}

TEST_F(Engine, HasSoManySessionsForOneAddress) {
  for (int i = 0; i < 3; ++i) (void)shake_hands();
  EXPECT_EQ(answers.at(ask("GET", "")).status, 403);
  pass(60s);
  EXPECT_EQ(answers.at(ask("GET", "")).status, 200);
}

TEST_F(Engine, EndsWhoDoesNotFetchWhatItIsSent) {
  (void)shake_hands();
  for (int i = 0; i < 11; ++i) send(std::string(100, 'x'));
  EXPECT_EQ(events.back(), "closed");
}

TEST_F(Engine, EndsWhoPingsAndDoesNotFetchTheAnswers) {
  const std::string sid = shake_hands();
  for (int i = 0; i < 100 && events.back() != "closed"; ++i) ask("POST", sid, "2");
  EXPECT_EQ(events.back(), "closed");
}

}  // namespace
}  // namespace lucid::signaling
