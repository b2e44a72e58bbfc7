#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "sctp/message.hpp"

namespace lucid::sctp::detail {

// What the engine has taken and not sent yet, message by message. A stream's messages leave in the
// order in which they were given.
class Handed {
 public:
  std::size_t total() const { return total_; }

  void give(StreamId stream, std::uint32_t message, std::size_t bytes) {
    auto& messages = streams_[stream].messages;
    if (messages.empty() || messages.back().number != message) messages.push_back({message, 0});
    messages.back().bytes += bytes;
    total_ += bytes;
  }
  // The end of what was given last was not taken after all.
  void take_back(StreamId stream, std::size_t bytes) {
    const auto at = streams_.find(stream);
    if (at == streams_.end()) return;
    Message& last = at->second.messages.back();
    take_off(last, std::min(bytes, last.bytes));
    tidy(at);
  }
  void sent(StreamId stream, std::size_t bytes) {
    const auto at = streams_.find(stream);
    if (at == streams_.end()) return;
    auto& [messages, first] = at->second;
    for (; first < messages.size(); ++first) {
      const std::size_t part = std::min(bytes, messages[first].bytes);
      take_off(messages[first], part);
      bytes -= part;
      if (messages[first].bytes > 0) break;
    }
    tidy(at);
  }
  // The engine gave a message up: returns how many bytes of it will never leave.
  std::size_t drop(StreamId stream, std::uint32_t message) {
    const auto at = streams_.find(stream);
    if (at == streams_.end()) return 0;
    const auto found = std::ranges::find(at->second.messages, message, &Message::number);
    const std::size_t bytes = found == at->second.messages.end() ? 0 : found->bytes;
    if (bytes > 0) take_off(*found, bytes);
    tidy(at);
    return bytes;
  }
  // Forgets all; `lost(StreamId, bytes)` hears of what was left.
  template <class Lost>
  void clear(Lost&& lost) {
    for (const auto& [stream, waiting] : std::exchange(streams_, {})) {
      for (const Message& message : waiting.messages) lost(stream, message.bytes);
    }
    total_ = 0;
  }

 private:
  struct Message {
    std::uint32_t number;
    std::size_t bytes;
  };
  struct Stream {
    std::vector<Message> messages;
    std::size_t first = 0;  // those before it have left
  };
  using Streams = std::map<StreamId, Stream>;

  void take_off(Message& message, std::size_t bytes) {
    message.bytes -= bytes;
    total_ -= bytes;
  }
  void tidy(Streams::iterator at) {
    auto& [messages, first] = at->second;
    while (first < messages.size() && messages[first].bytes == 0) ++first;
    if (first == messages.size()) {
      streams_.erase(at);
    } else if (2 * first > messages.size()) {
      messages.erase(messages.begin(), messages.begin() + static_cast<std::ptrdiff_t>(first));
      first = 0;
    }
  }

  Streams streams_;  // those of which something waits
  std::size_t total_ = 0;
};

}  // namespace lucid::sctp::detail
