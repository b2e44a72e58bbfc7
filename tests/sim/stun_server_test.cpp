#include "sim/stun_server.hpp"

#include <gtest/gtest.h>

#include "tests/sim/puppet.hpp"

namespace lucid::sim {
namespace {

using namespace std::chrono_literals;
using namespace test;
using stun::AttributeType;
using stun::Builder;
using stun::Message;

constexpr stun::TransactionId some_id{1, 2, 3};

class StunServerTest : public testing::Test {
 protected:
  StunServerTest() {
    Host& host = world.add_host("stun");
    host.connect(world.internet(), "198.51.100.1");
    host.connect(world.internet(), "198.51.100.2");
    server = &host.run([](core::Context c) {
      return StunServer{
          {.address = address("198.51.100.1:3478"), .other = address("198.51.100.2:3479")}, c};
    });
    client = &add_player(world, home.inside(), "192.168.1.2");
    world.run_for(0s);
  }
  template <class Fill>
  void ask(std::string_view at, Fill&& fill) {
    Builder out{pool, stun::Class::request, stun::Method::binding, some_id};
    fill(out);
    const core::Buffer bytes = std::move(out).finish();
    (*client)->send(udp("192.168.1.2:5000", at), core::as_text(bytes));
    world.run_for(1s);
  }
  const Got* answer() const { return client->last<Got>(); }
  Message parsed() const { return *Message::parse(core::as_bytes(answer()->text)); }

  core::Pool pool;
  World world;
  Gateway& home =
      world.add_gateway({.name = "home", .address = ip("203.0.113.1"), .nat = Nat::full_cone()});
  Actor<StunServer>* server = nullptr;
  Player* client = nullptr;
};

// RFC 8489 14.2
TEST_F(StunServerTest, TellsTheClientItsAddress) {
  ask("198.51.100.1:3478", [](Builder& out) { out.fingerprint(); });
  ASSERT_TRUE(answer());
  EXPECT_EQ(parsed().message_class(), stun::Class::success);
  EXPECT_EQ(parsed().transaction(), some_id);
  EXPECT_EQ(parsed().mapped_address(), address("203.0.113.1:5000"));
  EXPECT_EQ(parsed().address(AttributeType::other_address), address("198.51.100.2:3479"));
  EXPECT_EQ(stun::check_fingerprint(parsed()), stun::Integrity::valid);
}

// RFC 5780 6.1
TEST_F(StunServerTest, AnswersFromWhereItIsAskedTo) {
  const auto origin = [&](stun::ChangeRequest change) {
    ask("198.51.100.1:3478", [&](Builder& out) { out.change_request(change); });
    return answer()->path.remote.text();
  };
  EXPECT_EQ(origin({}), "198.51.100.1:3478");
  EXPECT_EQ(origin({.ip = true}), "198.51.100.2:3478");
  EXPECT_EQ(origin({.port = true}), "198.51.100.1:3479");
  EXPECT_EQ(origin({.ip = true, .port = true}), "198.51.100.2:3479");
  EXPECT_EQ(parsed().address(AttributeType::response_origin), address("198.51.100.2:3479"));
  ask("198.51.100.2:3479", [](Builder& out) { out.change_request({.ip = true, .port = true}); });
  EXPECT_EQ(answer()->path.remote, address("198.51.100.1:3478"));
}

// RFC 8489 6.3.1
TEST_F(StunServerTest, RefusesWhatItDoesNotUnderstandByName) {
  ask("198.51.100.1:3478", [](Builder& out) { out.u32(AttributeType{0x7777}, 1); });
  EXPECT_EQ(parsed().error()->code, stun::ErrorCode::unknown_attribute);
  EXPECT_TRUE(parsed().has(AttributeType::unknown_attributes));
  EXPECT_EQ(server->machine.stats().refused, 1U);
}

TEST_F(StunServerTest, DropsWhatIsNoRequest) {
  (*client)->send(udp("192.168.1.2:5000", "198.51.100.1:3478"), "noise");
  world.run_for(1s);
  EXPECT_EQ(answer(), nullptr);
  EXPECT_EQ(server->machine.stats().dropped, 1U);
}

TEST_F(StunServerTest, AnswersOverTcpToo) {
  (*client)->ask(core::OpenStream{core::StreamId{1}, core::Transport::tcp, core::Framing::stun,
                                  address("192.168.1.2:0"), address("198.51.100.1:3478"), ""});
  ASSERT_TRUE(world.run_until([&] { return client->saw<OpenedAs>(); }, 1s));
  Builder out{pool, stun::Class::request, stun::Method::binding, some_id};
  const core::Buffer bytes = std::move(out).finish();
  (*client)->send(client->first<OpenedAs>()->path, core::as_text(bytes));
  world.run_for(1s);
  ASSERT_TRUE(answer());
  EXPECT_EQ(parsed().mapped_address()->ip, ip("203.0.113.1"));
}

}  // namespace
}  // namespace lucid::sim
