#include "core/trace.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/handle.hpp"

namespace lucid::core::trace {
namespace {

using namespace std::chrono_literals;

class Recorder final : public Sink {
 public:
  explicit Recorder(bool secrets) : secrets_{secrets} {}
  bool wants_secrets() const override { return secrets_; }
  void report(const Report& report) override {
    lines.push_back(std::visit(
        Overloaded{
            [](const Event& e) {
              return "event " + std::string{e.name} + " " + std::to_string(e.fields.size());
            },
            [](const StateChange& s) { return std::string{s.from} + " -> " + std::string{s.to}; },
            [](const Failure& f) { return std::string{f.phase} + ": " + std::string{f.cause}; },
            [](const Packet& p) { return "packet " + to_hex(p.bytes); },
            [](const Secret& s) { return "secret " + std::string{s.line}; }},
        report));
  }
  std::vector<std::string> lines;

 private:
  bool secrets_;
};

void say_everything(const Tracer& tracer) {
  const std::array<std::uint8_t, 2> bytes{0xAB, 0xCD};
  tracer.event(Time{1s}, "check_sent", {{"attempt", std::int64_t{1}}, {"late", false}});
  tracer.state(Time{1s}, "state", "new", "checking", "first candidate");
  tracer.failure(Time{1s}, "handshake", "no answer", "ask the network");
  tracer.packet(Time{1s}, Direction::in, Path{}, bytes);
  tracer.secret(Time{1s}, "CLIENT_RANDOM 00 00");
}

TEST(Tracer, HandsEverythingToItsSink) {
  Recorder sink{true};
  say_everything(Tracer{&sink, {"ice", 3}});
  EXPECT_EQ(sink.lines, (std::vector<std::string>{"event check_sent 2", "new -> checking",
                                                  "handshake: no answer", "packet abcd",
                                                  "secret CLIENT_RANDOM 00 00"}));
}

TEST(Tracer, KeepsSecretsFromASinkThatDidNotAsk) {
  Recorder sink{false};
  const Tracer tracer{&sink, {"dtls", 1}};
  say_everything(tracer);
  EXPECT_EQ(sink.lines.size(), 4U);
  EXPECT_FALSE(tracer.wants_secrets());
}

TEST(Tracer, SaysNothingWithoutASink) {
  const Tracer tracer;
  say_everything(tracer);
  EXPECT_FALSE(tracer.listening());
  EXPECT_FALSE(tracer.wants_secrets());
}

}  // namespace
}  // namespace lucid::core::trace
