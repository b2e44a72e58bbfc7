#include "glass/json_sink.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace lucid::glass {
namespace {

using namespace std::chrono_literals;
namespace trace = core::trace;

TEST(JsonSink, WritesEventsWithTheirFields) {
  const std::array<trace::Field, 4> fields{{{"count", std::int64_t{3}},
                                            {"rtt", core::Duration{12'345}},
                                            {"share", std::numeric_limits<double>::infinity()},
                                            {"said", std::string_view{"a \"quote\"\n\\"}}}};
  EXPECT_EQ(JsonSink::line(trace::Event{core::Time{1500ms}, {"ice", 1}, "check_sent", fields}),
            R"({"time":1.500000,"module":"ice","id":1,"type":"event","name":"check_sent","fields":)"
            R"({"count":3,"rtt":12.345,"share":null,"said":"a \"quote\"\u000a\\"}})");
}

TEST(JsonSink, WritesPacketsWhole) {
  const std::array<std::uint8_t, 3> bytes{0, 1, 0xFF};
  const core::Path path{
      core::Transport::tcp, {core::Ip::v4(0x0A000001), 1}, {*core::Ip::parse("::1"), 2}};
  EXPECT_EQ(
      JsonSink::line(trace::Packet{core::Time{}, {"peer", 2}, trace::Direction::in, path, bytes}),
      R"({"time":0.000000,"module":"peer","id":2,"type":"packet","direction":"in",)"
      R"("transport":"tcp","local":"10.0.0.1:1","remote":"[::1]:2","bytes":"0001ff"})");
}

TEST(JsonSink, WritesStatesAndFailures) {
  EXPECT_EQ(JsonSink::line(trace::StateChange{{}, {"ice", 1}, "state", "new", "checking", "why"}),
            R"({"time":0.000000,"module":"ice","id":1,"type":"state","machine":"state",)"
            R"("from":"new","to":"checking","reason":"why"})");
  EXPECT_EQ(JsonSink::line(trace::Failure{{}, {"ice", 1}, "checks", "none works", "add TURN"}),
            R"({"time":0.000000,"module":"ice","id":1,"type":"failure","phase":"checks",)"
            R"("cause":"none works","next_step":"add TURN"})");
}

TEST(JsonSink, NeverWritesASecret) {
  EXPECT_EQ(JsonSink::line(trace::Secret{{}, {"dtls", 1}, "CLIENT_RANDOM 1 2"}),
            R"({"time":0.000000,"module":"dtls","id":1,"type":"secret"})");
}

}  // namespace
}  // namespace lucid::glass
