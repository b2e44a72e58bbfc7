#pragma once
#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "app/json.hpp"
#include "core/handle.hpp"
#include "peer/peer_connection.hpp"

namespace lucid::app {

// Chat and files over the data channels of one call, as app/README.md writes them down.
class Channels {
 public:
  // Each event is one for people and programs: "chat" or "file".
  using Tell = std::move_only_function<void(json)>;

  // Files that are sent to us go into `directory`; without one they are refused.
  Channels(peer::PeerConnection& connection, std::string directory, Tell tell);

  // Opens the channel for chat: the one who offers does.
  void open_chat(core::Time now);
  // False: there is no open channel for it.
  bool say(const std::string& text, core::Time now);
  // The error is a sentence.
  [[nodiscard]] std::expected<void, std::string> send_file(const std::string& path, core::Time now);
  bool sending() const { return !outgoing_.empty(); }

  // Feed it the connection's events.
  void announced(peer::DataChannel channel);
  void opened(peer::DataChannel channel, core::Time now);
  void message(peer::DataChannel channel, const peer::DataMessage& message, core::Time now);
  bool wants_statistics() const { return !statistics_.empty(); }
  // To those who have opened a channel for them: a JSON list of the W3C's dictionaries.
  void tell_statistics(const std::string& report, core::Time now);
  void drained(peer::DataChannel channel, core::Time now);
  void closed(peer::DataChannel channel);

 private:
  using File = core::Handle<std::FILE, std::fclose>;
  struct Outgoing {
    std::string name;
    std::uint64_t size = 0;
    std::uint64_t sent = 0;
    std::uint64_t echoed = 0;
    File file;
  };
  struct Incoming {
    std::string name;  // empty until the first message
    std::string path;
    std::uint64_t size = 0;
    std::uint64_t received = 0;
    File file;
  };
  void fill(peer::DataChannel channel, Outgoing& file, core::Time now);
  void answered(peer::DataChannel channel, Outgoing& file, const peer::DataMessage& message,
                core::Time now);
  void receive(peer::DataChannel channel, Incoming& file, const peer::DataMessage& message,
               core::Time now);
  void discard(Incoming& file);
  bool begin(Incoming& file, std::string_view header);

  peer::PeerConnection& connection_;
  std::string directory_;
  Tell tell_;
  peer::DataChannel chat_;
  std::vector<peer::DataChannel> statistics_;
  std::map<std::uint32_t, Outgoing> outgoing_;  // by DataChannel::key
  std::map<std::uint32_t, Incoming> incoming_;
};

}  // namespace lucid::app
