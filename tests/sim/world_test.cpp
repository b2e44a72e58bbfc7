#include "sim/world.hpp"

#include <gtest/gtest.h>

#include "sim/actor.hpp"
#include "tests/sim/echo.hpp"

namespace lucid::sim {
namespace {

using namespace std::chrono_literals;
using test::Answered;
using test::Heard;

core::Address address(std::string_view text) { return *core::Address::parse(text); }

auto asker(std::uint8_t questions) {
  return [=](core::Context context) { return test::PathAsker{questions, context}; };
}
test::PathEcho echo(core::Context context) { return test::PathEcho{context}; }

TEST(World, DatagramsCrossTheInternet) {
  World world;
  Host& a = world.add_host("a");
  Host& b = world.add_host("b");
  a.connect(world.internet(), "192.0.2.1", Access::both({.delay = 20ms}));
  b.connect(world.internet(), "192.0.2.2", Access::both({.delay = 5ms}));
  auto& left = a.run(asker(1));
  auto& right = b.run(echo);
  a.bind(left, address("192.0.2.1:1000"));
  b.bind(right, address("192.0.2.2:2000"));
  left->start(world.now());
  ASSERT_TRUE(world.run_until([&] { return left.saw<Answered>(); }, 1s));
  EXPECT_EQ(world.now(), virtual_start + 50ms);
  EXPECT_EQ(right.first<Heard>()->path.text(), "udp 192.0.2.2:2000 -> 192.0.2.1:1000");
}

}  // namespace
}  // namespace lucid::sim
