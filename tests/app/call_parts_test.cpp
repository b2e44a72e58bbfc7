#include <gtest/gtest.h>

#include <chrono>

#include "app/call_status.hpp"
#include "app/call_words.hpp"
#include "app/commands.hpp"
#include "app/half_blocks.hpp"
#include "app/loop.hpp"
#include "app/output.hpp"

namespace lucid::app {
namespace {

using namespace std::chrono_literals;

TEST(Commands, AreUnderstoodWithWhatFollowsThem) {
  EXPECT_EQ(std::get<commands::CallPeer>(*commands::parse("call ann")).name, "ann");
  EXPECT_EQ(std::get<commands::SayText>(*commands::parse("  say  hello  there \r")).text,
            "hello  there");
  EXPECT_EQ(std::get<commands::Mute>(*commands::parse("mute video")).kind, core::MediaKind::video);
  EXPECT_FALSE(std::get<commands::Mute>(*commands::parse("unmute audio")).muted);
  EXPECT_EQ(std::get<commands::Bundle>(*commands::parse("bundle {\"a\": 1}")).text, "{\"a\": 1}");
  EXPECT_TRUE(std::get<commands::Bundle>(*commands::parse("bundle")).text.empty());
}

TEST(Commands, ThatMakeNoSenseAreRefusedInASentence) {
  for (const char* line : {"", "dance", "call", "say ", "mute", "mute everything", "send"}) {
    const auto parsed = commands::parse(line);
    ASSERT_FALSE(parsed) << line;
    EXPECT_FALSE(parsed.error().empty());
  }
}

TEST(Commands, AllThatHelpListsExist) {
  for (const char* name :
       {"answer", "decline", "hangup", "renegotiate", "restart-ice", "stats", "help", "quit"}) {
    EXPECT_TRUE(commands::parse(name)) << name;
    EXPECT_NE(commands::help.find(name), std::string_view::npos) << name;
  }
}

TEST(Output, ForeignTextHasNoControlCharacters) {
  EXPECT_EQ(printable("a\x1b[2Jb\nc\x7f"), "a [2Jb c ");
  EXPECT_EQ(printable("\xc2\x9bx"), " x");  // U+009B is a terminal's control sequence too
  EXPECT_EQ(printable("h\xc3\xa4llo"), "h\xc3\xa4llo");
}

TEST(Output, ClipsBetweenCharacters) {
  EXPECT_EQ(clipped("h\xc3\xa4llo", 2), "h\xc3\xa4");
  EXPECT_EQ(clipped("hello", 9), "hello");
  EXPECT_EQ(clipped("hello", 0), "");
}

TEST(CallStatus, HasTheSameLinesWithAndWithoutACall) {
  CallStatus status{.title = "ann, no call"};
  const auto idle = status_lines(status, 80);
  status.connection = "connected";
  status.pair = PairInUse{"192.0.2.1:5000", "192.0.2.2:6000", "host", "srflx", "udp", 0.0125};
  status.rates = {.bits_in = 1'234'000, .bits_out = 56'000, .frames_in = 29.7, .lost = 0.015};
  const auto busy = status_lines(status, 80);
  EXPECT_EQ(idle.size(), busy.size());
  EXPECT_NE(busy[3].find("192.0.2.1:5000 (host) to 192.0.2.2:6000 (srflx)"), std::string::npos);
  EXPECT_NE(busy[4].find("12.5 ms"), std::string::npos);
  EXPECT_NE(busy[4].find("1.5 %"), std::string::npos);
  EXPECT_NE(busy[5].find("1.2 Mbit/s   30 fps"), std::string::npos);
  EXPECT_NE(busy[6].find("56 kbit/s"), std::string::npos);
}

TEST(CallWords, SayWhoCallsAndWhatToDo) {
  EXPECT_EQ(words_of({{"event", "ring"}, {"peer", "bob"}}),
            "bob is calling. Answer? (answer, decline)");
  EXPECT_EQ(words_of({{"event", "state"}, {"machine", "call"}, {"state", "lost"}, {"peer", "bob"}}),
            "The connection with bob could not be brought back. The call has ended.");
  EXPECT_EQ(words_of({{"event", "state"}, {"machine", "call"}, {"state", "busy"}, {"peer", "eve"}}),
            "eve calls too, and is told that you are busy.");
  EXPECT_EQ(words_of({{"event", "ice_candidate"}}), "");
}

TEST(HalfBlocks, ShowTwoPixelsACharacterInThePicturesShape) {
  core::VideoFrame picture{.width = 64, .height = 32};
  picture.planes.assign(64 * 32 * 3 / 2, 128);
  std::fill_n(picture.planes.begin(), 64 * 16, std::uint8_t{235});           // white above
  std::fill_n(picture.planes.begin() + 64 * 16, 64 * 16, std::uint8_t{16});  // black below
  const auto lines = half_blocks(picture, 64, 40);
  ASSERT_EQ(lines.size(), 16U);
  EXPECT_NE(lines.front().find("38;2;255;255;255"), std::string::npos);
  EXPECT_NE(lines.back().find("48;2;0;0;0"), std::string::npos);
  EXPECT_EQ(half_blocks(picture, 20, 40).size(), 5U);
  EXPECT_TRUE(half_blocks(picture, 0, 40).empty());
  picture.planes.resize(10);  // not all there
  EXPECT_TRUE(half_blocks(picture, 64, 40).empty());
}

TEST(Totals, NeverFallWhenATrackGoesAndAnotherComes) {
  Counted counted;
  EXPECT_EQ(counted.add({.frames_sent = 90, .packets_lost = 2}).frames_sent, 90U);
  EXPECT_EQ(counted.add({.frames_sent = 0, .packets_lost = 1}).frames_sent, 90U);
  const Totals now = counted.add({.frames_sent = 10, .packets_lost = 1});
  EXPECT_EQ(now.frames_sent, 100U);
  EXPECT_EQ(now.packets_lost, 1);
}

TEST(Phases, CountEachFromTheOneBefore) {
  const core::Time start{1s};
  const Phases phases{.began = start,
                      .agreed = start + 10ms,
                      .ice = start + 15ms,
                      .connected = start + 40ms,
                      .media = start + 140ms};
  const json it = phases.to_json();
  EXPECT_EQ(it["signaling"], 10.0);
  EXPECT_EQ(it["ice"], 5.0);
  EXPECT_EQ(it["dtls"], 25.0);
  EXPECT_EQ(it["media"], 100.0);
  EXPECT_EQ(it["connected"], 40.0);
  EXPECT_EQ(it["total"], 140.0);
  EXPECT_TRUE((Phases{}.to_json().empty()));
}

TEST(LoopLink, IsReadFromWords) {
  const auto link = parse_link("loss=5,delay=40ms,jitter=0.01s,rate=1mbit,burst=3");
  ASSERT_TRUE(link) << link.error();
  EXPECT_DOUBLE_EQ(link->loss, 0.05);
  EXPECT_EQ(link->delay, 40ms);
  EXPECT_EQ(link->jitter, 10ms);
  EXPECT_EQ(link->rate, 1'000'000U);
  EXPECT_DOUBLE_EQ(link->burst, 3);
  EXPECT_TRUE(parse_link(""));
}

TEST(LoopLink, RefusesWhatMakesNoSenseAndNamesIt) {
  for (const char* text :
       {"loss", "loss=", "loss=x", "loss=101", "loss=-1", "delay=40m", "rate=fast", "rate=0",
        "speed=1", "delay=40ms,,", "loss=nan", "delay=1e300s"}) {
    const auto link = parse_link(text);
    EXPECT_FALSE(link) << text;
  }
  EXPECT_NE(parse_link("delay=1ms,speed=1").error().find("'speed=1'"), std::string::npos);
}

}  // namespace
}  // namespace lucid::app
