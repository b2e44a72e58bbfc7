#include "glass/text_sink.hpp"

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <iterator>

namespace lucid::glass {
namespace {

using namespace std::chrono_literals;
namespace trace = core::trace;

const core::Path path{
    core::Transport::udp, {core::Ip::v4(0x0A000001), 5000}, {core::Ip::v4(0xC0000201), 6000}};

std::string written(std::vector<std::string> modules) {
  const std::string name = testing::TempDir() + "text_sink_test.log";
  {
    TextSink sink{std::move(modules), File{std::fopen(name.c_str(), "wb")}};
    const trace::Tracer ice{&sink, {"ice", 1}};
    const trace::Tracer dtls{&sink, {"dtls", 2}};
    ice.event(core::Time{10s}, "check_sent", {{"attempt", std::int64_t{1}}});
    ice.packet(core::Time{10s}, trace::Direction::out, path, {});
    dtls.state(core::Time{10'040ms}, "state", "idle", "connecting", "");
    dtls.secret(core::Time{10'040ms}, "CLIENT_RANDOM 00 00");
  }
  std::ifstream file{name};
  return {std::istreambuf_iterator<char>{file}, {}};
}

TEST(TextSink, WritesALineForEachReportWithItsTime) {
  EXPECT_EQ(written({}),
            "0.000000 ice#1 check_sent attempt=1\n"
            "0.040000 dtls#2 state: idle -> connecting\n");
}

TEST(TextSink, KeepsToTheModulesItWasTold) {
  EXPECT_EQ(written({"dtls"}), "0.040000 dtls#2 state: idle -> connecting\n");
}

TEST(TextSink, ShowsPacketsWhenAskedTo) {
  EXPECT_EQ(written({"dtls", "packets"}),
            "0.000000 ice#1 out udp 10.0.0.1:5000 -> 192.0.2.1:6000 0 bytes\n"
            "0.040000 dtls#2 state: idle -> connecting\n");
}

TEST(TextSink, EveryKindOfValueHasAForm) {
  const std::array<std::uint8_t, 2> bytes{0xAB, 0xCD};
  const std::array<trace::Field, 9> fields{{{"a", std::int64_t{-1}},
                                            {"b", std::uint64_t{2}},
                                            {"c", 0.5},
                                            {"d", true},
                                            {"e", std::string_view{"text"}},
                                            {"f", core::Duration{12'345}},
                                            {"g", path.local},
                                            {"h", path},
                                            {"i", core::Bytes{bytes}}}};
  EXPECT_EQ(TextSink::line(trace::Event{{}, {"ice", 1}, "all", fields}),
            "ice#1 all a=-1 b=2 c=0.5 d=yes e=text f=12.345ms g=10.0.0.1:5000 "
            "h=udp 10.0.0.1:5000 -> 192.0.2.1:6000 i=abcd");
}

TEST(TextSink, AFailureNamesPhaseCauseAndNextStep) {
  EXPECT_EQ(
      TextSink::line(trace::Failure{{}, {"dtls", 2}, "handshake", "no answer", "look at ICE"}),
      "dtls#2 failed in handshake: no answer; next: look at ICE");
  EXPECT_EQ(TextSink::line(trace::StateChange{{}, {"ice", 1}, "state", "new", "checking", "offer"}),
            "ice#1 state: new -> checking (offer)");
}

TEST(TextSink, WhatTheOtherSideWroteStaysOnItsLine) {
  EXPECT_EQ(
      TextSink::line(trace::Event{
          {}, {"ice", 1}, "said", std::array{trace::Field{"why", "a\nb\x1b[2J\x7f \xc3\xa9"}}}),
      "ice#1 said why=a\\x0ab\\x1b[2J\\x7f \xc3\xa9");
}

}  // namespace
}  // namespace lucid::glass
