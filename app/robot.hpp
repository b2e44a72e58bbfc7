#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "app/session.hpp"

namespace lucid::app {

// The user called "lucid": answers every call with a picture and a tone, and echoes chat and data.
// It speaks the chat dialect like any other client; `say` carries its words to the server.
class Robot {
 public:
  static constexpr std::size_t most_calls = 50;
  using SayText = std::move_only_function<void(std::string)>;

  Robot(net::Loop& loop, SessionConfig config, SayText say);

  void hear(std::string_view text);
  std::size_t calls() const { return calls_.size(); }

 private:
  struct Message;
  void offered(const Message& message);
  void candidate(const Message& message);
  void ended(const std::string& caller);
  void greet(const Message& message);
  Session* call_of(const Message& message);

  net::Loop& loop_;
  SessionConfig config_;
  SayText say_;
  std::string name_ = "lucid";
  std::map<std::string, std::shared_ptr<Session>> calls_;  // by the caller's name
  std::string latest_;
};

}  // namespace lucid::app
