#pragma once
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/byte_stream.hpp"

namespace lucid::app {

// Channels of a Redis server, by which several `lucid serve` hear each other. It stores nothing
// there: a Redis that comes back empty has lost nothing. When it is gone, it is looked for.
class RedisBus {
 public:
  struct Handlers {
    std::move_only_function<void()> up;
    std::move_only_function<void(std::string_view why)> down;
    std::move_only_function<void(std::string_view channel, std::string text)> said;
  };

  // redis://[[USER]:PASSWORD@]HOST[:PORT]; the error says what is wrong with it.
  static std::expected<std::unique_ptr<RedisBus>, std::string> open(
      net::Loop& loop, std::string_view url, std::vector<std::string> channels, Handlers handlers);
  ~RedisBus();

  void publish(std::string_view channel, std::string_view text);  // dropped while it is down
  bool up() const;

 private:
  struct State;
  explicit RedisBus(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace lucid::app
