#include "net/driver.hpp"

#include <gmock/gmock.h>

#include "tests/net/player.hpp"

namespace lucid::net {
namespace {

using namespace std::chrono_literals;
using test::Player;

TEST(NetDriver, BindsASocketWhenTheMachineAsks) {
  Loop loop;
  Player player{loop};
  player.toy.bind();
  player.driver.pump();
  EXPECT_TRUE(player.toy.local.ip.is_loopback());
  EXPECT_NE(player.toy.local.port, 0);
}

TEST(NetDriver, CarriesDatagramsBetweenTwoMachinesOnOneLoop) {
  Loop loop;
  Player left{loop};
  Player right{loop};
  left.toy.bind();
  right.toy.bind();
  right.toy.echo = true;
  left.driver.pump();
  right.driver.pump();

  left.toy.send(right.toy.local, "over the wall", core::Ecn::ect1);
  left.driver.pump();
  ASSERT_TRUE(loop.run_until([&] { return !left.heard.empty(); }, 2s));
  EXPECT_EQ(left.heard[0].text, "over the wall");
  // RFC 3168 5: the two congestion bits arrive as they were sent.
  EXPECT_EQ(left.heard[0].ecn, core::Ecn::ect1);
  EXPECT_EQ(left.heard[0].path.local, left.toy.local);
  EXPECT_EQ(left.heard[0].path.remote, right.toy.local);
}

TEST(NetDriver, KeepsTheOrderOfABatchOfManySizes) {
  Loop loop;
  Player left{loop};
  Player right{loop};
  left.toy.bind();
  right.toy.bind();
  left.driver.pump();
  right.driver.pump();
  std::vector<std::string> sent;
  for (std::size_t i = 0; i < 500; ++i) {
    sent.emplace_back(i % 7 == 0 ? 3000 : 100 + i / 50, static_cast<char>('a' + i % 26));
    left.toy.send(right.toy.local, sent.back());
  }
  left.driver.pump();
  ASSERT_TRUE(loop.run_until([&] { return right.heard.size() == sent.size(); }, 2s));
  for (std::size_t i = 0; i < sent.size(); ++i) EXPECT_EQ(right.heard[i].text, sent[i]) << i;
}

TEST(NetDriver, WakesTheMachineAtItsDeadlineAndNotBefore) {
  Loop loop;
  Player player{loop};
  const core::Time deadline = loop.now() + 5ms;
  player.toy.ring_at(deadline + 10ms);
  player.driver.pump();
  player.toy.ring_at(deadline);  // earlier than what was asked for first
  player.driver.pump();
  ASSERT_TRUE(loop.run_until([&] { return player.rang > 0; }, 2s));
  EXPECT_GE(loop.now(), deadline);
  EXPECT_EQ(player.rang, 1);
}

TEST(NetDriver, TellsTheMachineThatADestinationRefuses) {
  Loop loop;
  Player left{loop};
  Player gone{loop};
  left.toy.bind();
  gone.toy.bind();
  left.driver.pump();
  gone.driver.pump();
  gone.toy.perform(core::CloseUdp{core::SocketId{1}});
  gone.driver.pump();

  left.toy.send(gone.toy.local, "anybody there?");
  left.driver.pump();
  ASSERT_TRUE(loop.run_until([&] { return !left.refused.empty(); }, 2s));
  EXPECT_EQ(left.refused[0].error, core::PathError::refused);
  EXPECT_EQ(left.refused[0].path.remote, gone.toy.local);
}

TEST(NetDriver, ReportsEachDatagramToWhoeverListens) {
  struct Listener final : core::trace::Sink {
    void report(const core::trace::Report& report) override {
      const auto& packet = std::get<core::trace::Packet>(report);
      const bool out = packet.direction == core::trace::Direction::out;
      heard.push_back((out ? "out " : "in ") + std::string{core::as_text(packet.bytes)});
      paths.push_back(packet.path);
    }
    std::vector<std::string> heard;
    std::vector<core::Path> paths;
  } listener;
  Loop loop;
  Player left{loop, {.tracer = {&listener, {"net", 1}}}};
  Player right{loop};
  left.toy.bind();
  right.toy.bind();
  right.toy.echo = true;
  left.driver.pump();
  right.driver.pump();
  left.toy.send(right.toy.local, "ping");
  left.driver.pump();
  ASSERT_TRUE(loop.run_until([&] { return !left.heard.empty(); }, 2s));
  EXPECT_THAT(listener.heard, ::testing::ElementsAre("out ping", "in ping"));
  EXPECT_THAT(listener.paths,
              ::testing::Each(core::Path{core::Transport::udp, left.toy.local, right.toy.local}));
}

TEST(NetDriver, TellsTheMachineTheHostsInterfaces) {
  Loop loop;
  Player player{loop};
  const auto loopback = std::ranges::find(
      player.toy.known_interfaces, core::Ip::loopback(core::Family::v4), &core::Interface::ip);
  ASSERT_NE(loopback, player.toy.known_interfaces.end());
  EXPECT_EQ(loopback->type, core::NetworkType::loopback);
}

TEST(NetDriver, ChoosesPortsInTheRangeItIsGiven) {
  Loop loop;
  const EdgeOptions range{.first_port = 42100, .last_port = 42109};
  Player one{loop, range};
  Player two{loop, range};
  one.toy.bind();
  two.toy.bind();
  one.driver.pump();
  two.driver.pump();
  EXPECT_NE(one.toy.local.port, two.toy.local.port);
  EXPECT_THAT(one.toy.local.port, ::testing::AllOf(::testing::Ge(42100), ::testing::Le(42109)));
}

TEST(NetDriver, AnswersABindThatCannotBeMet) {
  Loop loop;
  Player player{loop};
  player.toy.bind(core::Ip::v4(0xC6336401));  // 198.51.100.1 is not ours
  player.driver.pump();
  EXPECT_EQ(player.refused.size(), 1U);
}

TEST(NetDriver, LeavesTheLoopToOthersWhenAMachineAlwaysHasMoreToSay) {
  Loop loop;
  test::Toy busy{loop.context()};
  bool over = false;
  Driver driver{loop, busy,
                on_events<test::Toy>(
                    [&](test::Rang) {  // each answer brings up the next one
                      if (over) return;
                      busy.ring_at(core::Time{});
                      busy.handle_timeout(loop.now());
                    },
                    [](const auto&) {})};
  busy.ring_at(loop.now());
  loop.post([&] { over = true; });
  driver.pump();
  EXPECT_TRUE(loop.run_until([&] { return over; }, 5s));
}

}  // namespace
}  // namespace lucid::net
