#include <gmock/gmock.h>

#include "tests/net/player.hpp"

namespace lucid::net {
namespace {

using namespace std::chrono_literals;
using test::Player;
using ::testing::Contains;
using ::testing::ElementsAre;

const core::Ip loopback = core::Ip::loopback(core::Family::v4);

TEST(NetResolve, AnAddressIsItsOwnName) {
  Loop loop;
  Player player{loop};
  player.ask(core::Resolve{{}, "192.0.2.7"});
  ASSERT_TRUE(player.resolved);
  EXPECT_THAT(*player.resolved, ElementsAre(core::Ip::v4(0xC0000207)));
}

TEST(NetResolve, AsksTheSystemForNames) {
  Loop loop;
  Player player{loop};
  player.ask(core::Resolve{{}, "localhost"});
  ASSERT_TRUE(player.until([&] { return player.resolved.has_value(); }));
  EXPECT_THAT(*player.resolved, Contains(loopback));
}

TEST(NetResolve, ALookupMayOutliveItsMachineAndItsLoop) {
  Loop loop;
  {
    Player player{loop};
    player.ask(core::Resolve{{}, "localhost"});
  }
  EXPECT_FALSE(loop.run_until([] { return false; }, 1ms));
}

// RFC 6762 5, RFC 6762 6, RFC 6762 15: both speakers share the port
TEST(NetResolve, FindsANameThatAnotherMachinePublishes) {
  Loop near_loop;
  Loop far_loop;
  Player near{near_loop};
  Player far{far_loop};
  const std::string name = "3f1c2c80-0e7c-4c53-8f5f-6f1d1a3f7a10.local";
  far.ask(core::PublishName{name, core::Ip::v4(0xC0000207)});
  near.ask(core::Resolve{{}, name});
  ASSERT_TRUE(near_loop.run_until(
      [&] {
        (void)far_loop.run_until([] { return false; }, 1ms);
        return near.resolved.has_value();
      },
      5s));
  EXPECT_THAT(*near.resolved, ElementsAre(core::Ip::v4(0xC0000207)));
}

}  // namespace
}  // namespace lucid::net
