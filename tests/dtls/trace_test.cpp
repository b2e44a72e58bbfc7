// What a session reports, and that keys go only to whoever asks for them.
#include <gtest/gtest.h>

#include "core/handle.hpp"
#include "tests/dtls/pair.hpp"

namespace lucid::dtls {
namespace {

using namespace test;

struct Listener final : core::trace::Sink {
  explicit Listener(bool secrets) : secrets_{secrets} {}
  void report(const core::trace::Report& report) override {
    std::visit(core::Overloaded{
                   [&](const core::trace::StateChange& it) { states += ' ' + std::string{it.to}; },
                   [&](const core::trace::Secret& it) { key_log.emplace_back(it.line); },
                   [&](const core::trace::Failure& it) { failure = it.cause; },
                   [&](const core::trace::Event& it) {
                     if (it.name != "message_sent") return;
                     messages += ' ' + std::string{std::get<std::string_view>(it.fields[0].value)};
                   },
                   [](const auto&) {}},
               report);
  }
  bool wants_secrets() const override { return secrets_; }

  std::string states;
  std::string messages;
  std::string failure;
  std::vector<std::string> key_log;

 private:
  bool secrets_;
};

auto make_heard(const Certificate& certificate, Listener& listener) {
  return [&](core::Context context) {
    context.sink = &listener;
    return Session{config_with(certificate), context};
  };
}

TEST(DtlsTrace, TellsStatesMessagesAndKeys) {
  Listener listener{true};
  Simulation sim{make_heard(alice(), listener), make(config_with(bob()))};
  introduce(sim);
  ASSERT_TRUE(connect(sim));
  sim.left->close(sim.now());
  EXPECT_EQ(listener.states, " connecting connected closed");
  EXPECT_EQ(listener.messages,
            " client_hello certificate client_key_exchange certificate_verify finished");
  ASSERT_EQ(listener.key_log.size(), 1U);
  EXPECT_TRUE(listener.key_log[0].starts_with("CLIENT_RANDOM "));
}

TEST(DtlsTrace, KeepsKeysFromWhoeverDoesNotAsk) {
  Listener listener{false};
  Simulation sim{make_heard(alice(), listener), make(config_with(bob()))};
  introduce(sim);
  ASSERT_TRUE(connect(sim));
  EXPECT_TRUE(listener.key_log.empty());
}

TEST(DtlsTrace, SaysWhyItFailed) {
  Listener listener{false};
  Simulation sim{make_heard(alice(), listener), make(config_with(bob()))};
  introduce(sim, alice(), alice());
  EXPECT_FALSE(connect(sim, 5s));
  EXPECT_EQ(listener.failure,
            "the peer's certificate matches none of the fingerprints that were signalled");
}

}  // namespace
}  // namespace lucid::dtls
