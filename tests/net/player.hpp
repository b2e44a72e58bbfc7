#pragma once
#include <vector>

#include "net/dispatch.hpp"
#include "net/driver.hpp"
#include "tests/net/toys.hpp"

namespace lucid::net::test {

// A toy on a loop, and what its driver handed on.
struct Player {
  explicit Player(Loop& on, EdgeOptions options = {})
      : loop{on},
        toy{on.context()},
        driver{on, toy,
               on_events<Toy>([this](Heard one) { heard.push_back(std::move(one)); },
                              [this](Refused one) { refused.push_back(one); },
                              [this](Opened one) { opened = one.path; },
                              [this](Listening one) { listening = one.local; },
                              [this](Closed one) { closed = one.error; },
                              [this](Resolved one) { resolved = std::move(one.addresses); },
                              [this](Rang) { ++rang; }, [](const auto&) {}),
               std::move(options)} {}

  void ask(core::Effect effect) {
    toy.perform(std::move(effect));
    driver.pump();
  }
  void say(const core::Path& path, std::string_view text) {
    toy.send(path, text);
    driver.pump();
  }
  [[nodiscard]] bool until(const std::function<bool()>& done) {
    return loop.run_until(done, std::chrono::seconds{5});
  }

  Loop& loop;
  Toy toy;
  std::vector<Heard> heard;
  std::vector<Refused> refused;
  std::optional<core::Path> opened;
  std::optional<core::Address> listening;
  std::optional<core::PathError> closed;
  std::optional<std::vector<core::Ip>> resolved;
  int rang = 0;
  Driver<Toy> driver;
};

}  // namespace lucid::net::test
